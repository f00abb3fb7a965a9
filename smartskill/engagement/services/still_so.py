"""Whether what notices say is still so, asked again just before they go: what was settled meanwhile is left out.

Asked for many notices at once, in a query or two for each kind.
"""

from collections import defaultdict
from collections.abc import Callable, Sequence
from datetime import date
from typing import Any, NamedTuple

from sqlalchemy import select

from smartskill.engagement.services.expiry import find_superseded
from smartskill.engagement.services.small_things import find_missing
from smartskill.extensions import db
from smartskill.qualification.models import Qualification
from smartskill.qualification.services.renewing import is_live
from smartskill.skills.models import Endorsement, Skill, UserSkill
from smartskill.skills.services.formulas import stale_sql

Evidence = dict[str, Any]


class Told(NamedTuple):
    """What a notice told, and whom."""

    user_id: int
    kind: str
    evidence: Evidence


def narrow(told: Sequence[Told], today: date) -> list[Evidence | None]:
    """The evidence of each without what no longer holds; None where nothing is left to tell."""
    by_kind: dict[str, list[int]] = defaultdict(list)
    for place, one in enumerate(told):
        by_kind[one.kind].append(place)
    found: list[Evidence | None] = [None] * len(told)
    for kind, places in by_kind.items():
        for place, evidence in zip(places, CHECKS[kind]([told[place] for place in places], today), strict=True):
            found[place] = evidence
    return found


def _expiring(told: Sequence[Told], today: date) -> list[Evidence | None]:
    """Renewed, corrected, rejected or deleted meanwhile, or told of a later day since: nothing to tell."""
    ids = {one.evidence["qualification_id"] for one in told}
    live = select(Qualification.id, Qualification.expires_on).where(Qualification.id.in_(ids), is_live())
    left = {(number, str(day)) for number, day in db.session.execute(live)}
    superseded = find_superseded([(one.user_id, one.evidence) for one in told])
    return [
        one.evidence
        if (one.evidence["qualification_id"], one.evidence["expires_on"]) in left and place not in superseded
        else None
        for place, one in enumerate(told)
    ]


def _review(told: Sequence[Told], today: date) -> list[Evidence | None]:
    ids = {one.evidence["qualification_id"] for one in told}
    found = select(Qualification.id, Qualification.version).where(Qualification.review_state == "submitted")
    left = set(db.session.execute(found.where(Qualification.id.in_(ids))))
    return [
        one.evidence if (one.evidence["qualification_id"], one.evidence["version"]) in left else None for one in told
    ]


def _endorsed(told: Sequence[Told], today: date) -> list[Evidence | None]:
    """Those that were not taken back."""
    ids = {thing["id"] for one in told for thing in one.evidence["endorsements"]}
    found = select(Endorsement.user_id, Endorsement.id).where(Endorsement.id.in_(ids))
    left = set(db.session.execute(found))
    answers: list[Evidence | None] = []
    for one in told:
        things = [thing for thing in one.evidence["endorsements"] if (one.user_id, thing["id"]) in left]
        answers.append(one.evidence | {"endorsements": things} if things else None)
    return answers


def _stale(told: Sequence[Told], today: date) -> list[Evidence | None]:
    """Those that nobody has spoken for since."""
    ids = {thing["skill_id"] for one in told for thing in one.evidence["skills"]}
    found = select(UserSkill.user_id, UserSkill.skill_id).join(Skill, Skill.id == UserSkill.skill_id)
    is_stale = UserSkill.user_id.in_({one.user_id for one in told}) & UserSkill.level.is_not(None) & stale_sql(today)
    left = set(db.session.execute(found.where(UserSkill.skill_id.in_(ids), is_stale)))
    answers: list[Evidence | None] = []
    for one in told:
        things = [thing for thing in one.evidence["skills"] if (one.user_id, thing["skill_id"]) in left]
        gone = len(one.evidence["skills"]) - len(things)
        total = one.evidence["total"] - gone
        answers.append(one.evidence | {"skills": things, "total": total} if things else None)
    return answers


def _welcome(told: Sequence[Told], today: date) -> list[Evidence | None]:
    """What is missing still."""
    lacks = find_missing(sorted({one.user_id for one in told}))
    answers: list[Evidence | None] = []
    for one in told:
        things = [part for part in one.evidence["missing"] if part in lacks[one.user_id]]
        answers.append({"missing": things} if things else None)
    return answers


CHECKS: dict[str, Callable[[Sequence[Told], date], list[Evidence | None]]] = {
    "qualification_expiring": _expiring,
    "review_pending": _review,
    "endorsed": _endorsed,
    "skill_stale": _stale,
    "welcome": _welcome,
}
