"""What every mail and page says around its content, in each language; and how a catalogue of texts is read.

A catalogue maps language → key → text with `{named}` places. A pair of texts is singular and plural, chosen by `count`.
Every language holds every key: a test compares them, for this catalogue and for those of the registered kinds.
"""

from datetime import date
from functools import lru_cache
from typing import Any

from babel.dates import format_date
from babel.numbers import format_percent

LANGUAGES = ("en", "de")
Catalogue = dict[str, dict[str, str | tuple[str, str]]]

CHROME: Catalogue = {
    "en": {
        "greeting": "Hello {name},",
        "greeting_nameless": "Hello,",
        "why": "You get this because",
        "change": "Choose what you get",
        "unsubscribe": "No more mail of this kind",
        "frequency": "This is the {ordinal} of at most {most} mails of this sort in 30 days.",
        "service_note": "Mails of this sort come only when something is due, and none is sent twice.",
        "account_note": "This mail is part of your account. It is sent whatever you have chosen to receive.",
        "or_copy": "If the button does not work, copy this address into your browser:",
        "page_title": "Stop these mails?",
        "page_question": "Press the button to get no more mail of this kind: {kind}.",
        "page_service_note": "The notices stay in your inbox in Smart-Skill; only the mail stops.",
        "page_button": "Stop these mails",
        "page_done_title": "Done",
        "page_done": "You get no more mail of this kind: {kind}.",
        "page_back": "You can change this at any time in your settings:",
    },
    "de": {
        "greeting": "Guten Tag {name},",
        "greeting_nameless": "Guten Tag,",
        "why": "Sie erhalten diese Nachricht, weil",
        "change": "Auswählen, was Sie erhalten",
        "unsubscribe": "Keine E-Mails dieser Art mehr",
        "frequency": "Dies ist die {ordinal} von höchstens {most} E-Mails dieser Art in 30 Tagen.",
        "service_note": "E-Mails dieser Art kommen nur, wenn etwas ansteht, und keine kommt zweimal.",
        "account_note": "Diese E-Mail gehört zu Ihrem Konto. Sie kommt unabhängig davon, was Sie ausgewählt haben.",
        "or_copy": "Falls die Schaltfläche nicht funktioniert, kopieren Sie diese Adresse in Ihren Browser:",
        "page_title": "Diese E-Mails abbestellen?",
        "page_question": "Mit der Schaltfläche bestellen Sie E-Mails dieser Art ab: {kind}.",
        "page_service_note": "In Ihrem Posteingang in Smart-Skill bleiben die Hinweise; nur die E-Mails hören auf.",
        "page_button": "E-Mails abbestellen",
        "page_done_title": "Erledigt",
        "page_done": "Sie erhalten keine E-Mails dieser Art mehr: {kind}.",
        "page_back": "In Ihren Einstellungen können Sie das jederzeit ändern:",
    },
}

KIND_NAMES: Catalogue = {
    "en": {
        "verify_email": "Confirming your address",
        "password_reset": "Resetting your password",
        "invitation": "Invitation",
        "email_change": "Changing your address",
        "password_changed": "Password changed",
        "email_changed": "Address changed",
        "qualification_expiring": "Qualifications about to expire",
        "review_pending": "Reviews waiting for you",
        "endorsed": "Endorsements by colleagues",
        "skill_stale": "Skills to confirm",
        "role_gap": "Steps to your target role",
        "skill_recommended": "Recommended skills",
        "team_need": "Skills your colleagues look for",
        "expert_match": "New people for your searches",
        "digest": "Summary",
        "welcome": "Getting started",
    },
    "de": {
        "verify_email": "Bestätigung Ihrer Adresse",
        "password_reset": "Zurücksetzen Ihres Passworts",
        "invitation": "Einladung",
        "email_change": "Änderung Ihrer Adresse",
        "password_changed": "Passwort geändert",
        "email_changed": "Adresse geändert",
        "qualification_expiring": "Ablaufende Qualifikationen",
        "review_pending": "Auf Sie wartende Prüfungen",
        "endorsed": "Bestätigungen durch Kolleginnen und Kollegen",
        "skill_stale": "Zu bestätigende Fähigkeiten",
        "role_gap": "Schritte zu Ihrer Zielrolle",
        "skill_recommended": "Empfohlene Fähigkeiten",
        "team_need": "Gesuchte Fähigkeiten im Kollegium",
        "expert_match": "Neue Treffer Ihrer Suchen",
        "digest": "Zusammenfassung",
        "welcome": "Erste Schritte",
    },
}


@lru_cache(maxsize=256)
def language_of(locale: str | None) -> str:
    """The language we write to a locale (`de-AT` → `de`); English where we have none of its own."""
    language = (locale or "").replace("_", "-").partition("-")[0].lower()
    return language if language in LANGUAGES else "en"


def say(catalogue: Catalogue, language: str, key: str, **values: Any) -> str:
    """A text of a catalogue with its places filled; a pair is chosen by `count`."""
    text = catalogue[language][key]
    if isinstance(text, tuple):
        text = text[0] if values["count"] == 1 else text[1]
    return text.format(**values)


@lru_cache(maxsize=1024)
def say_date(language: str, day: date) -> str:
    """A date in words: 22 November 2026, 22. November 2026."""
    return format_date(day, "long", locale={"en": "en_GB", "de": "de_DE"}[language])


@lru_cache(maxsize=1024)
def say_share(language: str, share: float) -> str:
    """A share in per cent, as the language writes it: 12%, 12 %. What is there is never said to be nothing."""
    return format_percent(max(share, 0.01) if share > 0 else 0, locale=language)


def say_ordinal(language: str, number: int) -> str:
    """A place in a row: 2nd, 2."""
    if language == "de":
        return f"{number}."
    ending = "th" if number % 100 in (11, 12, 13) else {1: "st", 2: "nd", 3: "rd"}.get(number % 10, "th")
    return f"{number}{ending}"


def kind_name(kind: str, language: str) -> str:
    """What a kind is called to people."""
    return str(KIND_NAMES[language].get(kind) or kind.replace("_", " ").capitalize())
