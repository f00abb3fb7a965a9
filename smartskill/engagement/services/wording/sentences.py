"""A sentence for each piece of evidence: concrete, and right on the day on which it is read."""

from collections.abc import Callable, Sequence
from datetime import date
from typing import Any

from smartskill.engagement.services.wording.texts import TEXTS
from smartskill.notifications.services.texts import say, say_date

Part = tuple[str, dict[str, Any]]
THINGS = {"endorsed": "endorsements", "skill_stale": "skills", "welcome": "missing"}
PAGES = {
    "qualification_expiring": "/qualifications",
    "review_pending": "/qualifications",
    "endorsed": "/profile",
    "skill_stale": "/profile",
    "welcome": "/profile",
    "digest": "/inbox",
}


def sentences(part: Part, language: str, today: date) -> list[str]:
    """What a part says, one sentence for each thing."""
    kind, evidence = part
    if kind == "qualification_expiring":
        return [expiring(evidence, language, today)]
    if kind == "review_pending":
        return [reviewed(evidence, language)]
    words: dict[str, Callable[..., str]] = {"endorsed": endorsed, "skill_stale": stale, "welcome": missing}
    return [words[kind](thing, language) for thing in evidence[THINGS[kind]]]


def line(parts: Sequence[Part], language: str, today: date) -> str:
    """The first sentence, and how many more there are: the inbox's line."""
    said = [sentence for part in parts for sentence in sentences(part, language, today)]
    if len(said) <= 1:
        return "".join(said)
    return say(TEXTS, language, "line.more", first=said[0].rstrip("."), count=len(said) - 1)


def expiring(evidence: dict[str, Any], language: str, today: date) -> str:
    """When it expires or expired, and how many days that is from today."""
    last = date.fromisoformat(evidence["expires_on"])
    left = (last - today).days
    facts = {"title": evidence["title"], "date": say_date(language, last)}
    if evidence["audience"] != "holder":
        return say(TEXTS, language, "expiring.theirs", name=evidence["holder_name"], count=-left, **facts)
    key = "expiring.today" if left == 0 else "expiring.in" if left > 0 else "expiring.ago"
    return say(TEXTS, language, key, count=abs(left), **facts)


def reviewed(evidence: dict[str, Any], language: str) -> str:
    """Who submitted what, and when."""
    day = say_date(language, date.fromisoformat(evidence["submitted_on"]))
    return say(TEXTS, language, "review.sentence", name=evidence["holder_name"], title=evidence["title"], date=day)


def endorsed(thing: dict[str, Any], language: str) -> str:
    """Who endorsed which skill, and when."""
    day = say_date(language, date.fromisoformat(thing["on"]))
    return say(TEXTS, language, "endorsed.sentence", name=thing["endorser_name"], skill=thing["skill_name"], date=day)


def stale(thing: dict[str, Any], language: str) -> str:
    """Which level was confirmed last when."""
    day = say_date(language, date.fromisoformat(thing["last_confirmed_on"]))
    return say(TEXTS, language, "stale.sentence", skill=thing["skill_name"], level=thing["level"], date=day)


def missing(thing: str, language: str) -> str:
    """What to add to a profile."""
    return say(TEXTS, language, f"welcome.{thing}")
