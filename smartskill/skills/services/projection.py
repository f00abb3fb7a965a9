"""Keeping `user_skills` true to the ratings: recomputed from all of them, never added to, so repeating is harmless.

Locks are taken in one order, the skill before the level: who merges skills holds them whole, and who rates waits.
"""

from collections import defaultdict
from collections.abc import Iterable
from datetime import date

from sqlalchemy import delete, select
from sqlalchemy.dialects.postgresql import insert
from sqlalchemy.orm import lazyload

from smartskill.database import now
from smartskill.extensions import db
from smartskill.skills.models.catalogue import Skill
from smartskill.skills.models.levels import Rating, UserSkill
from smartskill.skills.services.formulas import Projection, Voice, project

REFRESH_BATCH = 500


def today() -> date:
    """The day on which levels are looked at: UTC's."""
    return now().date()


def lock_user_skill(user_id: int, skill_id: int) -> UserSkill:
    """The row, made if missing and locked until the transaction ends: two who rate at once wait for each other."""
    row = find_user_skill(user_id, skill_id, is_locked=True)
    if row is None:
        made = insert(UserSkill).values(user_id=user_id, skill_id=skill_id).on_conflict_do_nothing()
        db.session.execute(made)
        row = find_user_skill(user_id, skill_id, is_locked=True)
    return row  # type: ignore[return-value]


def find_user_skill(user_id: int, skill_id: int, *, is_locked: bool = False) -> UserSkill | None:
    """The row as the database has it now, or None."""
    found = select(UserSkill).filter_by(user_id=user_id, skill_id=skill_id)
    if is_locked:
        hold_skill(skill_id)
        found = found.with_for_update(of=UserSkill).execution_options(populate_existing=True)
    return db.session.execute(found).scalar_one_or_none()


def hold_skill(skill_id: int) -> Skill | None:
    """The skill as it is now, not to be merged or deleted before the transaction ends. Many may hold it at once."""
    found = select(Skill).where(Skill.id == skill_id).options(lazyload(Skill.alias_rows))
    found = found.with_for_update(read=True, key_share=True, of=Skill)
    return db.session.execute(found.execution_options(populate_existing=True)).scalar_one_or_none()


def refresh_user_skill(user_id: int, skill_id: int) -> UserSkill | None:
    """Project the ratings anew. A row that neither a rating nor a wish keeps, goes; then None."""
    db.session.flush()
    row = lock_user_skill(user_id, skill_id)
    ratings = _ratings(user_id, skill_id)
    if not ratings and not has_wish(row):
        db.session.delete(row)
        db.session.flush()
        return None
    _apply(row, project(ratings, row.skill.review_months, today()))
    db.session.flush()
    return row


def has_wish(row: UserSkill) -> bool:
    """Whether the owner said something about it beside a level."""
    return any(value is not None for value in (row.interest, row.target_level, row.note))


def refresh_due(limit: int = REFRESH_BATCH) -> int:
    """Refresh rows whose effective level is due for another look; returns how many. Rows that others hold can wait."""
    due = (
        select(UserSkill)
        .where(UserSkill.next_change_on <= today())
        .order_by(UserSkill.next_change_on, UserSkill.id)
        .limit(limit)
        .with_for_update(of=UserSkill, skip_locked=True)
    )
    rows = db.session.execute(due).scalars().all()
    for row in rows:
        refresh_user_skill(row.user_id, row.skill_id)
    return len(rows)


def refresh_holders(skill: Skill) -> None:
    """Refresh everyone's level in a skill whose `review_months` changed."""
    refresh_levels(skill.id, db.session.scalars(select(UserSkill.user_id).filter_by(skill_id=skill.id)).all())


def refresh_levels(skill_id: int, user_ids: Iterable[int]) -> None:
    """`refresh_user_skill` of many people in one skill, a few statements for each batch of them."""
    db.session.flush()
    ids = sorted(user_ids)
    for start in range(0, len(ids), REFRESH_BATCH):
        _refresh_batch(skill_id, ids[start : start + REFRESH_BATCH])
    db.session.flush()


def _refresh_batch(skill_id: int, user_ids: list[int]) -> None:
    said: dict[int, list[Voice]] = defaultdict(list)
    for user_id, *voice in db.session.execute(
        select(Rating.user_id, Rating.id, Rating.level, Rating.source, Rating.rater_id, Rating.effective_on).where(
            Rating.user_id.in_(user_ids), Rating.skill_id == skill_id, Rating.retracted_at.is_(None)
        )
    ):
        said[user_id].append(Voice(*voice))  # type: ignore[arg-type]
    if said:
        made = [{"user_id": user_id, "skill_id": skill_id} for user_id in sorted(said)]
        db.session.execute(insert(UserSkill).on_conflict_do_nothing(), made)
    rows = select(UserSkill).where(UserSkill.user_id.in_(user_ids), UserSkill.skill_id == skill_id)
    locked = rows.order_by(UserSkill.user_id).with_for_update(of=UserSkill)
    for row in db.session.scalars(locked.execution_options(populate_existing=True)).all():
        if not said[row.user_id] and not has_wish(row):
            db.session.delete(row)
        else:
            _apply(row, project(said[row.user_id], row.skill.review_months, today()))


def forget_skill_of(user_id: int, skill_id: int) -> None:
    """Delete a person's ratings and level in a skill that is itself about to be deleted."""
    for table in (UserSkill, Rating):
        db.session.execute(delete(table).filter_by(user_id=user_id, skill_id=skill_id))


def _ratings(user_id: int, skill_id: int) -> list[Voice]:
    rows = db.session.execute(
        select(Rating.id, Rating.level, Rating.source, Rating.rater_id, Rating.effective_on).where(
            Rating.user_id == user_id, Rating.skill_id == skill_id, Rating.retracted_at.is_(None)
        )
    )
    return [Voice(*row) for row in rows]


def _apply(row: UserSkill, found: Projection) -> None:
    row.level, row.self_level, row.manager_level = found.level, found.self_level, found.manager_level
    row.last_confirmed_on, row.next_change_on = found.last_confirmed_on, found.next_change_on
    if row.voices != found.voices:
        row.voices = found.voices
