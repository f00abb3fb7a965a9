"""Text and HTML from one content object, in every language, safe and readable."""

import re
import string

import css_inline
import pytest
from jinja2 import Environment

from smartskill.notifications.services import layout, rendering
from smartskill.notifications.services.recipients import Recipient
from smartskill.notifications.services.rendering import KINDS, register, render
from smartskill.notifications.services.texts import CHROME, KIND_NAMES, LANGUAGES, language_of, say, say_date
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
    for part in ("First Aid expires on Tuesday.", "expires 24 November", "http://127.0.0.1:5000/qualification/3"):
        assert part in text
        assert part in html
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
    assert re.search(r'<a href="http://127\.0\.0\.1:5000/qualification/3" style="[^"]*color: ?#ffffff', html)


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


def test_a_subscription_mail_says_how_many_there_were(app):
    first, _ = both()
    assert "the only notice" in first
    later, _ = both(recipient=Recipient(1, "a@example.com", "Ada", mailed_at=(1, 2)))
    assert "mailed you 3 notices" in later


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
    assert say(CHROME, "en", "frequency", count=1) != say(CHROME, "en", "frequency", count=2)
    assert say_date("de", date(2026, 12, 3)) == "3. Dezember 2026"
    assert say_date("en", date(2026, 12, 3)) == "3 December 2026"


def _luminance(colour: str) -> float:
    parts = [int(colour[at : at + 2], 16) / 255 for at in (1, 3, 5)]
    red, green, blue = (part / 12.92 if part <= 0.03928 else ((part + 0.055) / 1.055) ** 2.4 for part in parts)
    return 0.2126 * red + 0.7152 * green + 0.0722 * blue


@pytest.mark.parametrize(
    ("ink", "paper"),
    [
        ("#1b2430", "#ffffff"), ("#41506a", "#ffffff"), ("#41506a", "#f2f4f7"),
        ("#0b57a4", "#ffffff"), ("#0b57a4", "#f2f4f7"), ("#ffffff", "#0b57a4"),
        ("#e7ecf3", "#1b232d"), ("#b3bfce", "#1b232d"), ("#b3bfce", "#11161d"),
        ("#8ec1f5", "#1b232d"), ("#8ec1f5", "#11161d"), ("#0d1722", "#8ec1f5"),
    ],
)  # fmt: skip
def test_colours_of_the_layout_contrast_enough(app, ink, paper):
    _, html = both()
    assert ink in html
    assert paper in html
    lighter, darker = sorted((_luminance(ink), _luminance(paper)), reverse=True)
    assert (lighter + 0.05) / (darker + 0.05) >= 4.5


def test_a_kind_gets_the_class_of_the_contract(kinds):
    register("qualification_expiring", words)
    register("password_reset", words)
    register("digest", words)
    found = [KINDS[name].mail_class for name in ("qualification_expiring", "password_reset", "digest")]
    assert found == ["service", "account", "subscription"]
