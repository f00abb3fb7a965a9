"""Letters: subject, sentences and button of each kind, made of the parts that a mail carries."""

from collections.abc import Sequence
from datetime import date
from typing import Any

from smartskill.engagement.services.wording.sentences import PAGES, Part, Said, line, things
from smartskill.engagement.services.wording.texts import TEXTS
from smartskill.notifications.services.rendering import Content
from smartskill.notifications.services.texts import say, say_date, say_share

LONG = ("role_gap", "skill_recommended")  # whose details say more than their sentence


def service_letter(parts: Sequence[Part], language: str, today: date) -> Content:
    """One notice in full, or several in a list."""
    if len(parts) == 1:
        kind, evidence = parts[0]
        return _expiring(evidence, language, today) if kind == "qualification_expiring" else _review(evidence, language)
    said = _all(parts, language, today)
    return _letter("service", language, said, PAGES["qualification_expiring"], "intro", count=len(said))


def _expiring(evidence: dict[str, Any], language: str, today: date) -> Content:
    last, is_own = date.fromisoformat(evidence["expires_on"]), evidence["audience"] == "holder"
    tense = "" if last > today else "_today" if last == today else "_ago"
    key = f"expiring.subject{tense if is_own else '_theirs'}"
    facts = {"title": evidence["title"], "date": say_date(language, last), "name": evidence.get("holder_name")}
    whose = "" if is_own else "_theirs"
    [said] = things(("qualification_expiring", evidence), language, today)
    return {
        "subject": say(TEXTS, language, key, **facts),
        "preheader": said.line,
        "paragraphs": [said.line, say(TEXTS, language, f"expiring.advice{whose}")],
        "button": {"text": say(TEXTS, language, f"expiring.button{whose}"), "url": PAGES["qualification_expiring"]},
        "reason": say(TEXTS, language, f"expiring.reason.{evidence['audience']}"),
    }


def _review(evidence: dict[str, Any], language: str) -> Content:
    [said] = things(("review_pending", evidence), language, date.min)
    facts = {"title": evidence["title"], "name": evidence["holder_name"]}
    return _letter("review", language, [], PAGES["review_pending"], "advice", **facts) | {
        "preheader": said.line,
        "paragraphs": [said.line, say(TEXTS, language, "review.advice")],
    }


def endorsed_letter(parts: Sequence[Part], language: str, today: date) -> Content:
    """Whose word for which skill."""
    named = parts[0][1]["endorsements"]
    facts = {"name": named[0]["endorser_name"], "skill": named[0]["skill_name"], "count": len(named)}
    return _letter("endorsed", language, _all(parts, language, today), PAGES["endorsed"], "advice", **facts)


def stale_letter(parts: Sequence[Part], language: str, today: date, confirm_url: str) -> Content:
    """Which levels wait for a word, and the link that gives it."""
    evidence = parts[0][1]
    named, more = evidence["skills"], evidence["total"] - len(evidence["skills"])
    facts = {"count": len(named), "skill": named[0]["skill_name"]}
    letter = _letter("stale", language, _all(parts, language, today), confirm_url, "advice", **facts)
    letter["link"] = {"text": say(TEXTS, language, "stale.link"), "url": PAGES["skill_stale"]}
    return _closing(letter, say(TEXTS, language, "stale.more", count=more) if more > 0 else None)


def welcome_letter(parts: Sequence[Part], language: str, today: date) -> Content:
    """What the profile lacks."""
    return _letter("welcome", language, _all(parts, language, today), PAGES["welcome"], "intro")


def need_letter(parts: Sequence[Part], language: str, today: date) -> Content:
    """What others need that the person has."""
    named = parts[0][1]["needs"]
    facts = {"count": len(named), "skill": named[0]["skill_name"]}
    letter = _letter("need", language, _all(parts, language, today), PAGES["team_need"], "advice", **facts)
    return _closing(letter, say(TEXTS, language, "need.closing"))


def gap_letter(parts: Sequence[Part], language: str, today: date) -> Content:
    """The next step towards a role."""
    evidence = parts[0][1]
    facts = {"role": evidence["role_name"], "share": say_share(language, evidence["readiness"])}
    letter = _letter("gap", language, _all(parts, language, today), PAGES["role_gap"], "intro", **facts)
    more = evidence["total"] - len(evidence["gaps"])
    return _closing(letter, say(TEXTS, language, "gap.more", count=more) if more > 0 else None)


def recommended_letter(parts: Sequence[Part], language: str, today: date) -> Content:
    """What is worth learning, and the numbers that say so."""
    named = parts[0][1]["skills"]
    facts = {"count": len(named), "skill": named[0]["skill_name"]}
    letter = _letter("next", language, _all(parts, language, today), PAGES["skill_recommended"], "advice", **facts)
    return _closing(letter, say(TEXTS, language, "next.closing"))


def digest_letter(parts: Sequence[Part], language: str, today: date) -> Content:
    """All small things."""
    said = [_alone(kind, one) for kind, evidence in parts for one in things((kind, evidence), language, today)]
    return _letter("digest", language, said, PAGES["digest"], "intro", count=len(said)) | {
        "preheader": line(parts, language, today)
    }


def _all(parts: Sequence[Part], language: str, today: date) -> list[Said]:
    return [said for part in parts for said in things(part, language, today)]


def _alone(kind: str, said: Said) -> Said:
    """What is said of a thing among things of other kinds: its details need the sentence that stands by itself."""
    return said._replace(detail=f"{said.line} {said.detail}" if kind in LONG else said.line)


def _letter(family: str, language: str, said: Sequence[Said], url: str, opening: str, **facts: Any) -> Content:
    """What all letters of a list share: the words of a family of texts around what is said of each thing."""
    return {
        "subject": say(TEXTS, language, f"{family}.subject", **facts),
        "preheader": said[0].line if said else "",
        "paragraphs": [say(TEXTS, language, f"{family}.{opening}", **facts)],
        "items": [{"title": one.title, "detail": one.detail, "url": one.url} for one in said],
        "button": {"text": say(TEXTS, language, f"{family}.button"), "url": url},
        "reason": say(TEXTS, language, f"{family}.reason", **facts),
    }


def _closing(letter: Content, text: str | None) -> Content:
    if text:
        letter["closing"] = [text]
    return letter
