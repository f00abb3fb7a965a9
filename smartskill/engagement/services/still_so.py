"""Whether what a notice says is still so, asked again just before it goes: what was settled meanwhile is left out."""

from collections.abc import Callable
from datetime import date
from typing import Any

from sqlalchemy import select

from smartskill.engagement.services.expiry import is_live, is_superseded
from smartskill.engagement.services.small_things import find_missing
from smartskill.extensions import db
from smartskill.qualification.models import Qualification
from smartskill.skills.models import Endorsement, Skill, UserSkill
from smartskill.skills.services.formulas import stale_sql

Evidence = dict[str, Any]


def narrow(user_id: int, kind: str, evidence: Evidence, today: date) -> Evidence | None:
    """The evidence without what no longer holds; None where nothing is left to tell."""
    return CHECKS[kind](user_id, evidence, today)


def _expiring(user_id: int, evidence: Evidence, today: date) -> Evidence | None:
    """Renewed, corrected, rejected or deleted meanwhile, or told of a later day since: nothing to tell."""
    found = select(Qualification.id).where(
        Qualification.id == evidence["qualification_id"],
        Qualification.expires_on == date.fromisoformat(evidence["expires_on"]),
        is_live(),
    )
    return evidence if db.session.scalar(found) and not is_superseded(user_id, evidence) else None


def _review(user_id: int, evidence: Evidence, today: date) -> Evidence | None:
    found = select(Qualification.id).filter_by(
        id=evidence["qualification_id"], review_state="submitted", version=evidence["version"]
    )
    return evidence if db.session.scalar(found) else None


def _endorsed(user_id: int, evidence: Evidence, today: date) -> Evidence | None:
    """Those that were not taken back."""
    ids = [thing["id"] for thing in evidence["endorsements"]]
    left = set(
        db.session.scalars(select(Endorsement.id).where(Endorsement.id.in_(ids), Endorsement.user_id == user_id))
    )
    things = [thing for thing in evidence["endorsements"] if thing["id"] in left]
    return evidence | {"endorsements": things} if things else None


def _stale(user_id: int, evidence: Evidence, today: date) -> Evidence | None:
    """Those that nobody has spoken for since."""
    ids = [thing["skill_id"] for thing in evidence["skills"]]
    found = select(UserSkill.skill_id).join(Skill, Skill.id == UserSkill.skill_id)
    is_stale = (UserSkill.user_id == user_id) & UserSkill.level.is_not(None) & stale_sql(today)
    left = set(db.session.scalars(found.where(UserSkill.skill_id.in_(ids), is_stale)))
    things = [thing for thing in evidence["skills"] if thing["skill_id"] in left]
    gone = len(evidence["skills"]) - len(things)
    return evidence | {"skills": things, "total": evidence["total"] - gone} if things else None


def _welcome(user_id: int, evidence: Evidence, today: date) -> Evidence | None:
    """What is missing still."""
    lacks = find_missing([user_id])[user_id]
    things = [part for part in evidence["missing"] if part in lacks]
    return {"missing": things} if things else None


CHECKS: dict[str, Callable[[int, Evidence, date], Evidence | None]] = {
    "qualification_expiring": _expiring,
    "review_pending": _review,
    "endorsed": _endorsed,
    "skill_stale": _stale,
    "welcome": _welcome,
}
