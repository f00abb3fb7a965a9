"""Every kind of mail in every language: whole, sound, in one language, and the same in text and HTML."""

import re
from html.parser import HTMLParser
from urllib.parse import urlsplit

import pytest

from bench.contrast import find_faint
from smartskill.database import now
from smartskill.engagement.services.notices import SERVICE_KINDS, SUBSCRIPTION_KINDS
from smartskill.engagement.services.wording.samples import SAMPLES
from smartskill.engagement.services.wording.texts import TEXTS as NOTICE_TEXTS
from smartskill.notifications.services.previews import compose
from smartskill.notifications.services.rendering import CLASS_OF, KINDS
from smartskill.notifications.services.texts import CHROME, KIND_NAMES, LANGUAGES
from smartskill.planning.services.watching.words import TEXTS as WATCHING_TEXTS
from smartskill.user.mails import LINKLESS, PAGES
from smartskill.user.mails import TEXTS as ACCOUNT_TEXTS

ACCOUNT = {"verify_email", "password_reset", "invitation", "email_change", "password_changed", "email_changed"}
ALL = {*ACCOUNT, *SERVICE_KINDS, *SUBSCRIPTION_KINDS, "expert_match"}
EACH = [(kind, language) for kind in sorted(ALL) for language in LANGUAGES]
EVIDENCE = {"First Aid certificate", "Forklift licence", "Data engineer", "Ada Example", "Ben Example", "Sam Sample"}
ONLY_ENGLISH = {
    "the", "you", "your", "of", "and", "this", "that", "with", "for", "from", "what", "if", "it", "is", "are", "be",
    "not", "have", "has", "who", "by", "to", "they", "them",
}  # fmt: skip
ONLY_GERMAN = {
    "der", "das", "den", "dem", "und", "sie", "ihre", "ihr", "ihnen", "nicht", "ist", "sind", "wird", "von", "mit",
    "für", "auf", "zu", "wenn", "eine", "einen",
}  # fmt: skip


class Shown(HTMLParser):
    """What a mail program shows of an HTML, and where its links lead."""

    def __init__(self, html: str) -> None:
        super().__init__()
        self.said: list[str] = []
        self.links: list[str] = []
        self.attributes: list[tuple[str, str, str]] = []
        self.feed(html)

    def handle_starttag(self, tag, attributes):
        self.attributes += [(tag, name, value or "") for name, value in attributes]
        self.links += [value for name, value in attributes if tag == "a" and name == "href"]

    def handle_data(self, data):
        self.said.append(data)

    @property
    def text(self) -> str:
        return " ".join(" ".join(self.said).split())


def strings_of(content) -> list[str]:
    """Every string of a content, at any depth."""
    if isinstance(content, str):
        return [content]
    parts = content.values() if isinstance(content, dict) else content or ()
    return [found for part in parts for found in strings_of(part)]


def test_these_are_all_kinds_there_are(app):
    assert set(KINDS) == ALL
    assert {*PAGES, *LINKLESS} == ACCOUNT
    assert {kind for kind, of in CLASS_OF.items() if of == "account"} == ACCOUNT
    for language in LANGUAGES:
        assert set(KIND_NAMES[language]) == ALL


@pytest.mark.parametrize(("kind", "language"), EACH)
def test_each_form_says_all_of_the_content(app, kind, language):
    content = KINDS[kind].sample(language)
    letter = compose(kind, language)
    shown, text = Shown(letter.html), " ".join(letter.body.split())
    said = {name: part for name, part in content.items() if name not in ("subject", "preheader")}
    for string in strings_of(said):
        address = string.startswith(("/", "http"))
        found = " ".join(string.split())
        assert found in text, found
        assert any(link.endswith(string) for link in shown.links) if address else found in shown.text, found
    assert letter.subject in shown.text
    assert content["preheader"]  # beside the subject in a list of mails, and nothing that is not said below in full


@pytest.mark.parametrize(("kind", "language"), EACH)
def test_each_says_why_how_often_and_how_to_change_it(app, kind, language):
    letter = compose(kind, language)
    for form in (letter.body, Shown(letter.html).text):
        assert f"{CHROME[language]['why']} {KINDS[kind].sample(language)['reason']}" in form
        if KINDS[kind].mail_class == "subscription":
            assert {"en": "the 2nd of at most 4 mails", "de": "die 2. von höchstens 4 E-Mails"}[language] in form
    for form in (letter.body, letter.html):
        is_optional = KINDS[kind].mail_class != "account"
        assert ("/u/" in form) is is_optional
        assert ("/settings/notifications" in form) is is_optional
    assert ("List-Unsubscribe" in letter.extra_headers) is is_optional


@pytest.mark.parametrize(("kind", "language"), EACH)
def test_each_is_safe_to_show_anywhere(app, kind, language):
    letter = compose(kind, language)
    shown = Shown(letter.html)
    assert ("html", "lang", language) in shown.attributes
    assert len(letter.as_bytes()) < 90_000
    assert find_faint(letter.html) == []
    assert not any(name in ("src", "srcset", "background", "poster") for _, name, _ in shown.attributes)
    assert not re.search(r"<(img|link|script|iframe|form|input)\b|url\(|@import|@font-face", letter.html)
    assert {urlsplit(link).netloc for link in shown.links} <= {"127.0.0.1:5000"}
    assert "@media (prefers-color-scheme: dark)" in letter.html


def words_in(text: str) -> set[str]:
    for given in EVIDENCE:
        text = text.replace(given, "")
    return {word.lower() for word in re.findall(r"[^\W\d_]+", re.sub(r"https?://\S+", "", text))}


@pytest.mark.parametrize("kind", sorted(ALL))
def test_no_language_leaks_into_another(app, kind):
    for language, foreign, own in (("de", ONLY_ENGLISH, ONLY_GERMAN), ("en", ONLY_GERMAN, ONLY_ENGLISH)):
        letter = compose(kind, language)
        for form in (letter.subject, letter.body, Shown(letter.html).text):
            assert words_in(form) & foreign == set(), (language, form)
        assert words_in(letter.body) & own  # the words are of the kind that would be seen
        if kind in SAMPLES:
            line = KINDS[kind].make_line(SAMPLES[kind](now().date()), language)
            assert words_in(line) & foreign == set(), line


@pytest.mark.parametrize("catalogue", [NOTICE_TEXTS, ACCOUNT_TEXTS, WATCHING_TEXTS, CHROME, KIND_NAMES])
def test_every_text_is_translated(catalogue):
    assert set(catalogue) == set(LANGUAGES)
    assert catalogue["en"].keys() == catalogue["de"].keys()
    same = {
        key
        for key, text in catalogue["en"].items()
        if catalogue["de"][key] == text and re.search(r"[a-z]{3}", re.sub(r"{\w+}", "", str(text)))
    }
    assert same <= {"invitation"}, same
