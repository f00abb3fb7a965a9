"""Letters: subject, sentences and button of each kind, made of the parts that a mail carries."""

from collections.abc import Sequence
from datetime import date
from typing import Any

from smartskill.engagement.services.wording.sentences import PAGES, THINGS, Part, sentences
from smartskill.engagement.services.wording.texts import TEXTS
from smartskill.notifications.services.rendering import absolute
from smartskill.notifications.services.texts import say, say_date

Content = dict[str, Any]


def service_letter(parts: Sequence[Part], language: str, today: date) -> Content:
    """One notice in full, or several in a list."""
    if len(parts) == 1:
        kind, evidence = parts[0]
        return _expiring(evidence, language, today) if kind == "qualification_expiring" else _review(evidence, language)
    items = [
        {"title": sentence, "url": PAGES[part[0]]} for part in parts for sentence in sentences(part, language, today)
    ]
    return _letter(
        say(TEXTS, language, "service.subject", count=len(items)),
        [say(TEXTS, language, "service.intro")],
        items,
        (say(TEXTS, language, "service.button"), PAGES["qualification_expiring"]),
        say(TEXTS, language, "service.reason"),
    )


def _expiring(evidence: dict[str, Any], language: str, today: date) -> Content:
    last, is_own = date.fromisoformat(evidence["expires_on"]), evidence["audience"] == "holder"
    tense = "" if last > today else "_today" if last == today else "_ago"
    key = f"expiring.subject{tense if is_own else '_theirs'}"
    facts = {"title": evidence["title"], "date": say_date(language, last), "name": evidence.get("holder_name")}
    whose = "" if is_own else "_theirs"
    return _letter(
        say(TEXTS, language, key, **facts),
        [
            *sentences(("qualification_expiring", evidence), language, today),
            say(TEXTS, language, f"expiring.advice{whose}"),
        ],
        [],
        (say(TEXTS, language, f"expiring.button{whose}"), PAGES["qualification_expiring"]),
        say(TEXTS, language, f"expiring.reason.{evidence['audience']}"),
    )


def _review(evidence: dict[str, Any], language: str) -> Content:
    facts = {"title": evidence["title"], "name": evidence["holder_name"]}
    return _letter(
        say(TEXTS, language, "review.subject", **facts),
        [*sentences(("review_pending", evidence), language, date.min), say(TEXTS, language, "review.advice")],
        [],
        (say(TEXTS, language, "review.button"), PAGES["review_pending"]),
        say(TEXTS, language, "review.reason"),
    )


def endorsed_letter(parts: Sequence[Part], language: str, today: date) -> Content:
    """Whose word for which skill."""
    things = parts[0][1]["endorsements"]
    facts = {"name": things[0]["endorser_name"], "skill": things[0]["skill_name"]}
    return _letter(
        say(TEXTS, language, "endorsed.subject", count=len(things), **facts),
        [say(TEXTS, language, "endorsed.advice")],
        _items(parts, language, today),
        (say(TEXTS, language, "endorsed.button"), PAGES["endorsed"]),
        say(TEXTS, language, "endorsed.reason"),
    )


def stale_letter(parts: Sequence[Part], language: str, today: date, confirm_url: str) -> Content:
    """Which levels wait for a word, and the link that gives it."""
    evidence = parts[0][1]
    things, more = evidence["skills"], evidence["total"] - len(evidence["skills"])
    closing = [say(TEXTS, language, "stale.more", count=more)] if more > 0 else []
    letter = _letter(
        say(TEXTS, language, "stale.subject", count=len(things), skill=things[0]["skill_name"]),
        [say(TEXTS, language, "stale.advice")],
        _items(parts, language, today),
        (say(TEXTS, language, "stale.button"), confirm_url),
        say(TEXTS, language, "stale.reason"),
    )
    closing.append(say(TEXTS, language, "stale.closing", url=absolute(PAGES["skill_stale"])))
    return letter | {"closing": closing}


def welcome_letter(parts: Sequence[Part], language: str, today: date) -> Content:
    """What the profile lacks."""
    return _letter(
        say(TEXTS, language, "welcome.subject"),
        [say(TEXTS, language, "welcome.intro")],
        _items(parts, language, today),
        (say(TEXTS, language, "welcome.button"), PAGES["welcome"]),
        say(TEXTS, language, "welcome.reason"),
    )


def digest_letter(parts: Sequence[Part], language: str, today: date) -> Content:
    """All small things."""
    items = _items(parts, language, today)
    return _letter(
        say(TEXTS, language, "digest.subject", count=len(items)),
        [say(TEXTS, language, "digest.intro")],
        items,
        (say(TEXTS, language, "digest.button"), PAGES["digest"]),
        say(TEXTS, language, "digest.reason"),
    )


def count_things(parts: Sequence[Part]) -> int:
    """How many things the parts name."""
    return sum(len(evidence[THINGS[kind]]) if kind in THINGS else 1 for kind, evidence in parts)


def _items(parts: Sequence[Part], language: str, today: date) -> list[dict[str, str]]:
    return [
        {"title": sentence, "url": PAGES[part[0]]} for part in parts for sentence in sentences(part, language, today)
    ]


def _letter(
    subject: str, paragraphs: list[str], items: list[dict[str, str]], button: tuple[str, str], reason: str
) -> Content:
    text, url = button
    said = paragraphs[0] if paragraphs and not items else (items[0]["title"] if items else "")
    return {
        "subject": subject,
        "preheader": said,
        "paragraphs": paragraphs,
        "items": items,
        "button": {"text": text, "url": url},
        "reason": reason,
    }
