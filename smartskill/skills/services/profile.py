"""A person's skills as others see them: hidden ones not at all, and of the rest colleagues see less than those above.

`get_level` decides what is there for whom, `shown_row` what of it.
"""

from collections.abc import Mapping
from datetime import date
from typing import Any

from sqlalchemy import Select, func, select

from smartskill.kit.errors import Forbidden, NotFound
from smartskill.kit.pagination import ordered
from smartskill.skills.models.catalogue import Skill
from smartskill.skills.models.levels import UserSkill
from smartskill.skills.services.categories import within_category
from smartskill.skills.services.formulas import confidence, confidence_sql, is_stale, stale_sql
from smartskill.skills.services.policy import sees_all_of, visible_levels
from smartskill.skills.services.projection import find_user_skill, today
from smartskill.skills.services.search import contains

PRIVATE = ("self_level", "manager_level", "target_level", "note")
COLUMNS = (
    UserSkill.user_id,
    UserSkill.skill_id,
    Skill.name.label("skill_name"),
    UserSkill.level,
    UserSkill.self_level,
    UserSkill.manager_level,
    UserSkill.voices,
    UserSkill.last_confirmed_on,
    UserSkill.interest,
    UserSkill.target_level,
    UserSkill.is_shown,
    UserSkill.note,
    Skill.review_months,
    Skill.status.label("skill_status"),
)


class NotYours(Forbidden):
    """Only the person, or a manager above them, may write this level. A colleague can endorse it."""


class ShownLevel(dict):
    """A level as the asker may see it; `row` is what it was made from, for the ETag."""

    row: UserSkill


def search_levels(owner_id: int, asker: Any, query: Mapping[str, Any]) -> Select:
    """A person's levels that the asker may see, filtered and sorted; rows for `shown_row`."""
    day = today()
    found = select(*COLUMNS).join(Skill, Skill.id == UserSkill.skill_id).where(UserSkill.user_id == owner_id)
    if not sees_all_of(asker, owner_id):
        found = found.where(visible_levels(asker))
    if query.get("q"):
        found = found.where(contains(Skill.name, query["q"]))
    if query.get("category_id"):
        found = found.where(within_category(query["category_id"]))
    if query.get("min_level"):
        found = found.where(UserSkill.level >= query["min_level"])
    if query.get("is_stale") is not None:
        is_due = stale_sql(day) & (Skill.status != "retired")
        found = found.where(is_due if query["is_stale"] else ~is_due)
    columns = {
        "name": func.lower(Skill.name),
        "level": UserSkill.level,
        "interest": UserSkill.interest,
        "last_confirmed_on": UserSkill.last_confirmed_on,
        "confidence": confidence_sql(day),
    }
    return ordered(found, query["sort"], columns, UserSkill.skill_id)


def wants_confirming(row: Any, day: date) -> bool:
    """Whether a level is stale; in a skill that takes no ratings any more there is nothing to confirm."""
    return row.skill_status != "retired" and is_stale(row.last_confirmed_on, row.review_months, day)


def shown_row(row: Any, is_whole: bool, day: date) -> dict[str, Any]:
    """A row as JSON; what colleagues do not see is None."""
    facts = {
        "user_id": row.user_id,
        "skill_id": row.skill_id,
        "skill_name": row.skill_name,
        "level": row.level,
        "self_level": row.self_level,
        "manager_level": row.manager_level,
        "confidence": round(confidence(row.voices, row.review_months, day), 4),
        "is_stale": wants_confirming(row, day),
        "is_shown": row.is_shown,
        "interest": row.interest,
        "target_level": row.target_level,
        "last_confirmed_on": row.last_confirmed_on,
        "note": row.note,
    }
    return facts if is_whole else {**facts, **dict.fromkeys(PRIVATE)}


def show_level(row: UserSkill, asker: Any) -> ShownLevel:
    """One level as the asker may see it."""
    shown = ShownLevel(shown_row(row, sees_all_of(asker, row.user_id), today()))
    shown.row = row
    return shown


def get_level(owner_id: int, skill_id: int, asker: Any, *, is_locked: bool = False) -> UserSkill:
    """A level that the asker may see.

    Raises:
        NotFound: not rated, or hidden from them; the two cannot be told apart.
    """
    row = find_user_skill(owner_id, skill_id, is_locked=is_locked)
    if row is None or not (row.is_shown or sees_all_of(asker, owner_id)):
        raise NotFound()
    return row


def get_own_level(owner_id: int, skill_id: int, asker: Any) -> UserSkill:
    """A level of the asker's own.

    Raises:
        NotFound: they may not see it, or it was not rated.
        NotYours: it is somebody else's.
    """
    row = get_level(owner_id, skill_id, asker)
    if owner_id != asker.id:
        raise NotYours()
    return row
