"""How many of some people have a skill, counted without reckoning what is not asked for."""

from collections import defaultdict
from collections.abc import Collection, Iterable, Sequence
from datetime import date
from typing import Any

from sqlalchemy import Select, func, select

from smartskill.extensions import db
from smartskill.kit.arrays import array_of, is_hashed_in
from smartskill.skills.models.levels import Rating, UserSkill
from smartskill.skills.services.standing import is_among

MANY = 500  # people, from which going through a skill is quicker than going through them
Asked = tuple[int, int]  # a skill, and the least level


def count_by_skill(day: date, people: Select | Sequence[int], skill_ids: Select | None = None) -> dict[int, int]:
    """How many of these people have a level in a skill on a past day, of the skills in which anybody has."""
    found = select(Rating.skill_id, func.count(Rating.user_id.distinct())).where(
        is_among(Rating.user_id, people), Rating.effective_on <= day, Rating.retracted_at.is_(None)
    )
    if skill_ids is not None:
        found = found.where(Rating.skill_id.in_(skill_ids))
    return dict(db.session.execute(found.group_by(Rating.skill_id)).all())


def count_by_level(people: Select | Sequence[int], skill_ids: Select | None = None) -> dict[int, dict[int, int]]:
    """How many of these people have a skill at each level today, of the skills in which anybody has one."""
    found = select(UserSkill.skill_id, UserSkill.level, func.count()).where(
        is_among(UserSkill.user_id, people), UserSkill.level.is_not(None)
    )
    if skill_ids is not None:
        found = found.where(UserSkill.skill_id.in_(skill_ids))
    counts: defaultdict[int, dict[int, int]] = defaultdict(dict)
    for skill_id, level, count in db.session.execute(found.group_by(UserSkill.skill_id, UserSkill.level)):
        counts[skill_id][level or 0] = count  # there is none without a level
    return counts


def count_holders(asked: Collection[Asked], people: Iterable[int]) -> dict[Asked, int]:
    """How many of these people have each skill at the level or above it today.

    Worth it for many people: all holders of a skill are looked through, in an index.
    """
    wanted = table_of(asked)
    has_it = UserSkill.level >= wanted.c.level
    counted = rated_in(wanted, people).where(has_it).with_only_columns(func.count()).scalar_subquery()
    rows = db.session.execute(select(wanted.c.skill_id, wanted.c.level, counted))
    return {(skill_id, level): count for skill_id, level, count in rows}


def table_of(asked: Collection[Asked]) -> Any:
    """Skills and levels as a table that a statement can join."""
    columns = [array_of(one[place] for one in asked) for place in (0, 1)]
    return func.unnest(*columns).table_valued("skill_id", "level").render_derived(name="wanted")


def rated_in(wanted: Any, people: Iterable[int]) -> Select:
    """The ids of those of these people who are in the skill of a row of `table_of`, for a statement about such rows."""
    found = select(UserSkill.user_id).where(UserSkill.skill_id == wanted.c.skill_id)
    return found.where(is_hashed_in(UserSkill.user_id, people)).correlate(wanted)
