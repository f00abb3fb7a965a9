"""A sentence for each piece of evidence: concrete, and right on the day on which it is read.

A thing has a title, the few words by which a list names it, and details, which are sentences; the inbox's line is one
sentence that stands by itself.
"""

from collections.abc import Callable, Sequence
from datetime import date
from typing import Any, NamedTuple

from smartskill.engagement.services.notices import THINGS
from smartskill.engagement.services.wording.texts import TEXTS
from smartskill.notifications.services.texts import say, say_date, say_share

Part = tuple[str, dict[str, Any]]
PAGES = {
    "qualification_expiring": "/qualifications",
    "review_pending": "/qualifications",
    "endorsed": "/profile",
    "skill_stale": "/profile",
    "welcome": "/profile",
    "team_need": "/profile",
    "role_gap": "/gaps",
    "skill_recommended": "/learning",
    "digest": "/inbox",
}


class Said(NamedTuple):
    """What is said of one thing."""

    title: str
    detail: str
    line: str
    url: str


def things(part: Part, language: str, today: date) -> list[Said]:
    """What a part says, of each thing."""
    kind, evidence = part
    if kind not in THINGS:
        line = expiring(evidence, language, today) if kind == "qualification_expiring" else reviewed(evidence, language)
        return [Said(evidence["title"], line, line, PAGES[kind])]
    return [WORDS[kind](thing, language, evidence) for thing in evidence[THINGS[kind]]]


def line(parts: Sequence[Part], language: str, today: date) -> str:
    """The first sentence, and how many more there are: the inbox's line."""
    said = [thing.line for part in parts for thing in things(part, language, today)]
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


def _endorsed(thing: dict[str, Any], language: str, evidence: dict[str, Any]) -> Said:
    """Who endorsed which skill, and when."""
    day = say_date(language, date.fromisoformat(thing["on"]))
    name, skill = thing["endorser_name"], thing["skill_name"]
    line = say(TEXTS, language, "endorsed.sentence", name=name, skill=skill, date=day)
    return Said(skill, line, line, f"/skills/{thing['skill_id']}")


def _stale(thing: dict[str, Any], language: str, evidence: dict[str, Any]) -> Said:
    """Which level was confirmed last when."""
    day = say_date(language, date.fromisoformat(thing["last_confirmed_on"]))
    facts = {"skill": thing["skill_name"], "level": thing["level"], "date": day}
    detail, line = (say(TEXTS, language, f"stale.{key}", **facts) for key in ("detail", "sentence"))
    return Said(thing["skill_name"], detail, line, f"/skills/{thing['skill_id']}")


def _missing(thing: str, language: str, evidence: dict[str, Any]) -> Said:
    """What to add to a profile."""
    line = say(TEXTS, language, f"welcome.{thing}")
    page = "/profile" if thing == "skills" else f"/{thing}"
    return Said(say(TEXTS, language, f"missing.title.{thing}"), line, line, page)


def _needed(thing: dict[str, Any], language: str, evidence: dict[str, Any]) -> Said:
    """Who lacks it, and how many looked for it; never who."""
    facts = {"skill": thing["skill_name"], "level": thing["level"]}
    team, said, line = thing["team"], [], ""
    if team:
        name = team["name"] or say(TEXTS, language, "need.organisation")
        numbers = {"count": team["wanted"], "held": team["held"], "wanted_level": team["level"]}
        said.append(say(TEXTS, language, "need.team", team=name, **numbers))
        line = say(TEXTS, language, "need.team_own", team=name, **facts)
    if thing["seekers"]:
        said.append(say(TEXTS, language, "need.sought", count=thing["seekers"]))
        line = line or say(TEXTS, language, "need.seekers", count=thing["seekers"], **facts)
    title = say(TEXTS, language, "need.title", **facts)
    return Said(title, " ".join(said), line, f"/skills/{thing['skill_id']}")


def _lacking(thing: dict[str, Any], language: str, evidence: dict[str, Any]) -> Said:
    """How far it is, and who could show it."""
    facts = {"skill": thing["skill_name"], "required": thing["required"], "held": thing["held"]}
    said = [say(TEXTS, language, "gap.missing" if thing["held"] is None else "gap.below", **facts)]
    if thing["must"]:
        said.append(say(TEXTS, language, "gap.must"))
    if thing["mentor"]:
        said.append(say(TEXTS, language, "gap.mentor", name=thing["mentor"]["name"], level=thing["mentor"]["level"]))
    title = say(TEXTS, language, "gap.title", **facts)
    line = say(TEXTS, language, "gap.sentence", role=evidence["role_name"], **facts)
    return Said(title, " ".join(said), line, f"/skills/{thing['skill_id']}")


def _worth(thing: dict[str, Any], language: str, evidence: dict[str, Any]) -> Said:
    """The three numbers that speak for it."""
    said = [say(TEXTS, language, "next.first" if thing["level"] is None else "next.from", level=thing["level"])]
    said += [_readiness(thing, language), _coverage(thing, language)]
    interest = thing["interest"]
    said.append(say(TEXTS, language, "next.no_interest" if interest is None else "next.interest", interest=interest))
    facts = {"skill": thing["skill_name"], "next_level": thing["next_level"]}
    title, line = (say(TEXTS, language, f"next.{key}", **facts) for key in ("title", "sentence"))
    return Said(title, " ".join(said), line, f"/skills/{thing['skill_id']}")


def _readiness(thing: dict[str, Any], language: str) -> str:
    if not thing["readiness_gained"] or not thing["role_name"]:
        return say(TEXTS, language, "next.no_readiness")
    share = say_share(language, thing["readiness_gained"])
    return say(TEXTS, language, "next.readiness", role=thing["role_name"], share=share)


def _coverage(thing: dict[str, Any], language: str) -> str:
    team = thing["team"]
    if not team:
        return say(TEXTS, language, "next.no_coverage")
    name = team["name"] or say(TEXTS, language, "need.organisation")
    return say(TEXTS, language, "next.coverage", team=name, share=say_share(language, team["gained"]))


WORDS: dict[str, Callable[[Any, str, dict[str, Any]], Said]] = {
    "welcome": _missing,
    "endorsed": _endorsed,
    "skill_stale": _stale,
    "team_need": _needed,
    "role_gap": _lacking,
    "skill_recommended": _worth,
}
