"""Text and HTML from one content object, in every language, safe and readable."""

import re
import string
from datetime import timedelta

import css_inline
import pytest
from jinja2 import Environment

from bench.contrast import find_faint, read_texts
from smartskill.database import now
from smartskill.notifications.services import layout, rendering
from smartskill.notifications.services.clicks import read_click
from smartskill.notifications.services.recipients import Recipient
from smartskill.notifications.services.rendering import KINDS, register, render
from smartskill.notifications.services.texts import (
    CHROME,
    KIND_NAMES,
    LANGUAGES,
    language_of,
    say,
    say_date,
    say_ordinal,
    say_share,
)
from tests.factories import make_user
from tests.notifications.conftest import plan, words

pytestmark = pytest.mark.usefixtures("kinds")
PERSON = Recipient(1, "a@example.com", "Ada <b>Lovelace</b>")


def both(user_kind="hint", recipient=PERSON, **changed):
    row = plan(make_user(), user_kind)
    return render({**words(row), **changed}, row, recipient)


def test_both_forms_say_the_same(app):
    text, html = both()
    plain = re.sub(r"<[^>]+>", "", html)
    for part in ("First Aid expires on Tuesday.", "expires 24 November"):
        assert part in text
        assert part in html
    counted = re.findall(r"http://127\.0\.0\.1:5000/c/[\w-]{24}", text)
    assert {read_click(link.rpartition("/")[2]).path for link in counted} == {
        "/qualification/3", "/settings/notifications",
    }  # fmt: skip
    assert set(counted) <= set(re.findall(r'href="([^"]+)"', html))
    assert "You get this because you hold this qualification." in text
    assert "You get this because you hold this qualification." in plain


def test_words_of_people_never_become_markup(app):
    text, html = both(paragraphs=["<script>alert(1)</script>"])
    assert "<script>alert(1)</script>" in text
    assert "<script" not in html
    assert "Ada &lt;b&gt;Lovelace&lt;/b&gt;" in html


def test_the_html_keeps_dark_mode_names_its_language_and_loads_nothing(app):
    _, html = both(recipient=Recipient(1, "a@example.com", "Ada", locale="de-AT"))
    assert '<html lang="de"' in html
    assert "@media (prefers-color-scheme: dark)" in html
    assert "<img" not in html
    assert "@import" not in html
    assert not re.search(r"<link|url\(", html)
    assert re.search(r'<a href="http://127\.0\.0\.1:5000/c/[\w-]{24}" style="[^"]*color: ?#ffffff', html)


def plain_template():
    """The layout as it is written, its styles still in the head."""
    source = (layout.FOLDER / "mail" / "layout.html").read_text(encoding="utf-8")
    return Environment(autoescape=True, **layout.HOUSE, **layout.COMMENTS).from_string(source)


def normal(html: str) -> str:
    again = css_inline.CSSInliner(inline_style_tags=False, keep_style_tags=True).inline(html)
    return re.sub(r"\s+", " ", again).replace("> <", "><")


@pytest.mark.parametrize("kind", ["hint", "duty", "reset"])
@pytest.mark.parametrize("left_out", [(), ("items",), ("button", "preheader")])
def test_styles_put_into_the_template_are_those_put_into_each_mail(app, monkeypatch, kind, left_out):
    row = plan(make_user(), kind)
    content = {name: value for name, value in words(row).items() if name not in left_out}
    content["items"] = content.get("items", []) * 3
    _, html = render(content, row, PERSON)
    monkeypatch.setattr(rendering, "mail_layout", plain_template)
    inliner = css_inline.CSSInliner(keep_at_rules=True)
    assert normal(html) == normal(inliner.inline(render(content, row, PERSON)[1]))
    assert 'style="' in html


def test_the_text_ends_with_a_signature_line_and_the_way_out(app):
    text, _ = both()
    body, _, foot = text.partition("\n-- \n")
    assert "Renew it in time." in body
    assert "No more mail of this kind: http://127.0.0.1:5000/u/" in foot
    assert "\n\n\n" not in text


def test_account_mail_has_no_way_out_and_says_why(app):
    text, html = both("reset")
    assert "/u/" not in text + html
    assert "part of your account" in text


def test_a_subscription_mail_says_which_of_how_many_it_is(app):
    first, _ = both()
    assert "the 1st of at most 4 mails of this sort in 30 days" in first
    at = now()
    mailed = (at - timedelta(days=30, seconds=1), at - timedelta(days=29), at - timedelta(days=4))
    for locale, said in (("en", "the 3rd of at most 4 mails"), ("de", "die 3. von höchstens 4 E-Mails")):
        text, html = both(recipient=Recipient(1, "a@example.com", "Ada", locale=locale, mailed_at=mailed))
        assert said in text
        assert said in html
    assert "only when something is due" in both("duty")[0]


@pytest.mark.parametrize("catalogue", [CHROME, KIND_NAMES])
def test_every_language_has_every_text_with_the_same_places(catalogue):
    def places(text):
        forms = text if isinstance(text, tuple) else (text,)
        return [{name for _, name, _, _ in string.Formatter().parse(form) if name} for form in forms]

    for language in LANGUAGES:
        assert catalogue[language].keys() == catalogue["en"].keys()
        for key, text in catalogue["en"].items():
            assert places(catalogue[language][key]) == places(text), (language, key)


def test_languages_plurals_and_dates():
    from datetime import date

    assert [language_of(name) for name in ("de-AT", "DE_de", "fr", "", None)] == ["de", "de", "en", "en", "en"]
    assert say(CHROME, "en", "frequency", ordinal="2nd", most=4) != say(CHROME, "de", "frequency", ordinal="2.", most=4)
    assert say_date("de", date(2026, 12, 3)) == "3. Dezember 2026"
    assert say_date("en", date(2026, 12, 3)) == "3 December 2026"


@pytest.mark.parametrize(
    ("number", "said"), [(1, "1st"), (2, "2nd"), (3, "3rd"), (4, "4th"), (11, "11th"), (22, "22nd")]
)
def test_places_in_a_row(number, said):
    assert say_ordinal("en", number) == said
    assert say_ordinal("de", number) == f"{number}."


def test_shares_are_written_as_the_language_does():
    assert say_share("en", 0.125) == "12%"
    assert say_share("de", 0.125) == "12\xa0%"
    assert say_share("en", 0.004) == "1%"  # what is there is not said to be nothing
    assert say_share("en", 0) == "0%"


@pytest.mark.parametrize("kind", ["hint", "duty", "reset"])
def test_every_text_stands_out_in_light_and_in_dark(app, kind):
    _, html = both(kind, link={"text": "Something else", "url": "/profile"}, closing=["That is all."])
    seen = {one.text for one in read_texts(html, is_dark=True)}
    assert {"Renew", "Something else", "That is all.", "Smart-Skill"} <= seen
    assert find_faint(html) == []


def test_faint_text_is_seen(app):
    _, html = both()
    assert find_faint(html.replace("#1a2433", "#aaaaaa"))[0][0] == "light"
    assert find_faint(html.replace("#8ec1f5", "#30404f"))[0][0] == "dark"


def test_a_kind_gets_the_class_of_the_contract(kinds):
    register("qualification_expiring", words)
    register("password_reset", words)
    register("digest", words)
    found = [KINDS[name].mail_class for name in ("qualification_expiring", "password_reset", "digest")]
    assert found == ["service", "account", "subscription"]
