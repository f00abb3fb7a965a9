"""Ratings: append-only facts about a level. One that turns out wrong is taken back, never changed or deleted."""

from collections.abc import Sequence
from datetime import date
from zoneinfo import ZoneInfo

from sqlalchemy import select, update

from smartskill.activity.services.recording import record
from smartskill.database import now
from smartskill.extensions import db
from smartskill.kit.errors import Conflict, Invalid
from smartskill.skills.models.catalogue import Skill
from smartskill.skills.models.levels import Rating, UserSkill
from smartskill.skills.services.projection import (
    find_user_skill,
    hold_skill,
    lock_user_skill,
    refresh_user_skill,
    today,
)
from smartskill.user.models import User


class SkillRetired(Conflict):
    """This skill is retired and takes no new ratings."""


class NothingToConfirm(Conflict):
    """There is no level here to confirm."""


def rate_skill(
    user_id: int,
    skill_id: int,
    level: int,
    *,
    source: str,
    rater_id: int | None,
    effective_on: date | None = None,
    note: str | None = None,
    evidence: dict | None = None,
) -> UserSkill:
    """State a level. The same statement twice (rater, level, day, note) is one.

    Args:
        effective_on: from when it holds; today by default, and never in the rater's future.
    Returns:
        the projection, refreshed.
    Raises:
        Invalid: no such skill, or a day in the future.
        SkillRetired: the skill takes no ratings any more.
    """
    write_rating(user_id, skill_id, level, source, rater_id, effective_on, note, evidence)
    if rater_id is not None and source != "peer":
        said = {"level": level, "source": source}
        record(rater_id, "skill_rated", subject_type="skill", subject_id=skill_id, props=said)
    return refresh_user_skill(user_id, skill_id)  # type: ignore[return-value]


def write_rating(
    user_id: int,
    skill_id: int,
    level: int,
    source: str,
    rater_id: int | None,
    effective_on: date | None = None,
    note: str | None = None,
    evidence: dict | None = None,
) -> Rating:
    """Append the rating without refreshing what it is read through; `rate_skill` does both."""
    skill = hold_skill(skill_id)
    if skill is None:
        raise Invalid.field("skill_id", "There is no such skill.")
    check_stands(skill)
    if skill.status == "retired":
        raise SkillRetired(f"{skill.name} is retired and takes no new ratings.")
    day = _checked(effective_on, rater_id)
    lock_user_skill(user_id, skill_id)
    facts = {"level": level, "effective_on": day, "note": note, "evidence": evidence}
    newest = _newest(user_id, skill_id, source, rater_id)
    if newest is not None and all(getattr(newest, name) == value for name, value in facts.items()):
        return newest
    rating = Rating(user_id=user_id, skill_id=skill_id, source=source, rater_id=rater_id, **facts)
    db.session.add(rating)
    db.session.flush()
    return rating


def check_stands(skill: Skill) -> None:
    """Raises SkillRetired where a skill was merged into another: what is said now is said of that one."""
    if skill.merged_into_id is not None:
        extra = {"merged_into_id": skill.merged_into_id}
        raise SkillRetired(f"{skill.name} is part of another skill now: name that one.", extra=extra)


def retract_ratings(user_id: int, skill_id: int, rater_id: int, source: str) -> int:
    """Take back all that a rater said in one voice; returns how many ratings that were. Refresh afterwards."""
    mine = {"user_id": user_id, "skill_id": skill_id, "rater_id": rater_id, "source": source, "retracted_at": None}
    taken = update(Rating).filter_by(**mine).values(retracted_at=now()).returning(Rating.id)
    return len(db.session.execute(taken.execution_options(synchronize_session="fetch")).all())


def confirm_skill(user_id: int, skill_id: int) -> UserSkill:
    """Say that the present level still holds: a self rating at that level, today.

    Raises:
        NothingToConfirm: there is no level.
    """
    row = find_user_skill(user_id, skill_id, is_locked=True)
    if row is None or row.level is None:
        raise NothingToConfirm()
    write_rating(user_id, skill_id, row.level, "self", user_id)
    record(user_id, "skill_confirmed", subject_type="skill", subject_id=skill_id)
    return refresh_user_skill(user_id, skill_id)  # type: ignore[return-value]


def confirm_skills(user_id: int, skill_ids: Sequence[int]) -> list[UserSkill]:
    """Confirm several, all or none.

    Raises:
        Invalid: some have no level; each is named.
        SkillRetired: some are retired; each is named.
    """
    known = select(UserSkill.skill_id).where(UserSkill.user_id == user_id, UserSkill.level.is_not(None))
    rated = set(db.session.scalars(known.where(UserSkill.skill_id.in_(skill_ids))))
    errors = {
        f"skill_ids.{place}": ["You have no level in this skill."]
        for place, skill_id in enumerate(skill_ids)
        if skill_id not in rated
    }
    if errors:
        raise Invalid(errors=errors)
    retired = set(db.session.scalars(select(Skill.id).where(Skill.id.in_(skill_ids), Skill.status == "retired")))
    if retired:
        places = [place for place, skill_id in enumerate(skill_ids) if skill_id in retired]
        refused = {f"skill_ids.{place}": ["This skill is retired and takes no new ratings."] for place in places}
        raise SkillRetired("Some of these skills take no new ratings.", errors=refused)
    return [confirm_skill(user_id, skill_id) for skill_id in sorted(set(skill_ids))]


def _checked(effective_on: date | None, rater_id: int | None) -> date:
    if effective_on is None:
        return today()
    rater = db.session.get(User, rater_id) if rater_id is not None else None
    latest = max(today(), now().astimezone(ZoneInfo(rater.timezone)).date()) if rater else today()
    if effective_on > latest:
        raise Invalid.field("effective_on", "Must not be in the future.")
    return effective_on


def _newest(user_id: int, skill_id: int, source: str, rater_id: int | None) -> Rating | None:
    found = select(Rating).where(
        Rating.user_id == user_id,
        Rating.skill_id == skill_id,
        Rating.source == source,
        Rating.rater_id.is_not_distinct_from(rater_id),
        Rating.retracted_at.is_(None),
    )
    return db.session.scalars(found.order_by(Rating.effective_on.desc(), Rating.id.desc()).limit(1)).first()
