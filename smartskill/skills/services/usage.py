"""What uses a skill, counted over everything that refers to it, whichever feature it belongs to."""

from typing import Any

from sqlalchemy import exists, func, literal, or_, select, union_all

from smartskill.extensions import db
from smartskill.skills.models.catalogue import Skill
from smartskill.skills.models.levels import Rating, UserSkill
from smartskill.skills.models.merges import SkillMerge
from smartskill.skills.services.references import KNOWN, Reference, list_references

COUNTED = tuple(dict.fromkeys(known.counts_as for known in KNOWN.values()))


def count_usage(skill: Skill) -> dict[str, Any]:
    """How many of each kind refer to a skill; `holders` have a level, `wishes` an interest or a target of their own."""
    counts = {
        reference: select(func.count()).where(reference.column == skill.id).scalar_subquery()
        for reference in list_references()
        if reference.table.name != "user_skills"
    }
    mine = select(func.count()).where(UserSkill.skill_id == skill.id)
    wished = or_(UserSkill.interest.is_not(None), UserSkill.target_level.is_not(None))
    own = (
        mine.where(UserSkill.level.is_not(None)).scalar_subquery(),
        mine.where(wished).scalar_subquery(),
        select(func.count()).where(Skill.merged_into_id == skill.id).scalar_subquery(),
    )
    holders, wishes, merged, *numbers = db.session.execute(select(*own, *counts.values())).one()
    usage: dict[str, Any] = {**dict.fromkeys(COUNTED, 0), "holders": holders, "wishes": wishes, "merged": merged}
    others: dict[str, int] = {}
    for reference, number in zip(counts, numbers, strict=True):
        (usage if reference.name in KNOWN else others)[reference.known.counts_as] = number
    return {"skill_id": skill.id, **usage, "others": others}


def is_in_use(skill: Skill, *, but_for: int | None = None) -> bool:
    """Whether anything keeps a skill from being deleted, but for what is one person's own."""
    mine = but_for or 0
    conditions = [_exists(reference, skill.id, mine) for reference in list_references() if reference.is_use]
    merged = exists().where(Skill.merged_into_id == skill.id)
    standing = exists().where(
        or_(SkillMerge.skill_id == skill.id, SkillMerge.into_id == skill.id), SkillMerge.undone_at.is_(None)
    )
    return bool(db.session.scalar(select(or_(merged, standing, *conditions))))


def used_among(skill_ids: list[int]) -> set[int]:
    """Those of the skills that something refers to, or that a merge needs."""
    columns: list[Any] = [reference.column for reference in list_references() if reference.is_use]
    columns += [Skill.__table__.c.merged_into_id, SkillMerge.__table__.c.skill_id, SkillMerge.__table__.c.into_id]
    found: set[int] = set()
    for start in range(0, len(skill_ids), 5_000):
        part = skill_ids[start : start + 5_000]
        found |= set(db.session.scalars(union_all(*(select(column).where(column.in_(part)) for column in columns))))
    return found


def _exists(reference: Reference, skill_id: int, mine: int) -> Any:
    """Whether a table refers to a skill in a row that is not this person's own."""
    if reference.table.name == "ratings":
        return exists().where(Rating.skill_id == skill_id, or_(Rating.user_id != mine, Rating.rater_id != mine))
    condition = select(literal(1)).select_from(reference.table).where(reference.column == skill_id)
    if "user_id" in reference.table.c and reference.table.name != "endorsements":
        return exists(condition.where(reference.table.c.user_id != mine))
    for key in reference.table.foreign_keys:  # a part of something that is a person's, as an experience is
        parent = key.column.table
        if key.ondelete == "CASCADE" and "user_id" in parent.c:
            others = select(key.column).where(parent.c.user_id != mine)
            return exists(condition.where(key.parent.in_(others)))
    return exists(condition)
