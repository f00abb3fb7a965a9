"""What levels are called. A level is 1 to 5 everywhere; a scale renames the five, and a skill may word them itself.

A skill's scale is its own, else its category's, else that of the nearest category above, else the default.
"""

from collections.abc import Mapping, Sequence
from typing import Any

from sqlalchemy import Select, delete, exists, func, literal, select, update

from smartskill.database import now
from smartskill.extensions import db
from smartskill.kit.cache import drop_generation
from smartskill.kit.errors import Conflict, Invalid, NotFound
from smartskill.skills.models.catalogue import LevelScale, Skill, SkillCategory, SkillLevelWording

LEVELS = range(1, 6)
PLAIN: list[dict[str, Any]] = [
    {"level": level, "name": f"Level {level}", "wording": None} for level in LEVELS
]  # where every scale is gone


class ScaleInUse(Conflict):
    """This scale is the default, or a skill or a category has it."""


class DefaultNeeded(Conflict):
    """One scale is the default: make another the default instead."""


class ShownScale(dict):
    """A scale as it is answered; `row` is what it was made from, for the ETag."""

    row: LevelScale


def search_scales() -> Select:
    """The scales by name."""
    return select(LevelScale).order_by(func.lower(LevelScale.name), LevelScale.id)


def get_scale(scale_id: int, *, is_locked: bool = False) -> LevelScale:
    """Raises NotFound where there is none."""
    lock: dict[str, Any] = {"with_for_update": True, "populate_existing": True} if is_locked else {}
    scale = db.session.get(LevelScale, scale_id, **lock)
    if scale is None:
        raise NotFound()
    return scale


def add_scale(data: Mapping[str, Any]) -> LevelScale:
    """Make one. A name that is taken is refused by the database; a new default takes the place of the old."""
    scale = LevelScale(name=data["name"])
    _put_levels(scale, data["levels"])
    db.session.add(scale)
    db.session.flush()
    if data.get("is_default"):
        _make_default(scale)
    return scale


def change_scale(scale: LevelScale, data: Mapping[str, Any]) -> LevelScale:
    """Change what `data` names.

    Raises:
        DefaultNeeded: the default would be none any more.
    """
    if "name" in data:
        scale.name = data["name"]
    if "levels" in data:
        _put_levels(scale, data["levels"])
    if data.get("is_default") and not scale.is_default:
        _make_default(scale)
    elif data.get("is_default") is False and scale.is_default:
        raise DefaultNeeded()
    db.session.flush()
    return scale


def remove_scale(scale: LevelScale) -> None:
    """Delete one that nothing uses.

    Raises:
        ScaleInUse: something does.
    """
    in_skill = exists().where(Skill.scale_id == scale.id)
    in_category = exists().where(SkillCategory.scale_id == scale.id)
    if scale.is_default or db.session.scalar(select(in_skill | in_category)):
        raise ScaleInUse()
    db.session.delete(scale)
    db.session.flush()


def check_scale(scale_id: int | None) -> None:
    """Raises Invalid where there is no such scale."""
    if scale_id is not None and db.session.get(LevelScale, scale_id) is None:
        raise Invalid.field("scale_id", "There is no such scale.")


def levels_of(scale: LevelScale) -> list[dict[str, Any]]:
    """A scale's five levels, the lowest first."""
    named = enumerate(zip(scale.level_names, scale.wordings, strict=True), 1)
    return [{"level": level, "name": name, "wording": wording} for level, (name, wording) in named]


def shown_scale(scale: LevelScale) -> ShownScale:
    """A scale as JSON."""
    names = ("id", "name", "is_default", "created_at", "updated_at")
    shown = ShownScale({**{name: getattr(scale, name) for name in names}, "levels": levels_of(scale)})
    shown.row = scale
    return shown


def word_levels(skill: Skill) -> list[dict[str, Any]]:
    """The five levels of a skill, named by its scale, in its own words where it has some; retired ones too."""
    scale = _scale_of(skill)  # none only where all scales are gone
    own = select(SkillLevelWording.level, SkillLevelWording.wording).where(SkillLevelWording.skill_id == skill.id)
    wordings = dict(db.session.execute(own).all())
    return [
        {**level, "wording": wordings.get(level["level"], level["wording"]), "is_own": level["level"] in wordings}
        for level in (levels_of(scale) if scale else PLAIN)
    ]


def replace_wordings(skill: Skill, levels: Sequence[Mapping[str, Any]]) -> list[dict[str, Any]]:
    """Word the levels of a skill; one that is left out, or has no words, has the scale's again."""
    db.session.execute(delete(SkillLevelWording).where(SkillLevelWording.skill_id == skill.id))
    for entry in levels:
        if entry.get("wording"):
            db.session.add(SkillLevelWording(skill_id=skill.id, level=entry["level"], wording=entry["wording"]))
    skill.updated_at = now()
    db.session.flush()
    drop_generation("skills")
    return word_levels(skill)


def _scale_of(skill: Skill) -> LevelScale | None:
    scale_id = skill.scale_id or (_scale_above(skill.category_id) if skill.category_id else None)
    if scale_id is not None:
        return db.session.get(LevelScale, scale_id)
    return db.session.scalars(select(LevelScale).where(LevelScale.is_default)).first()


def _scale_above(category_id: int) -> int | None:
    """That of the nearest category, this one first."""
    columns = (SkillCategory.scale_id, SkillCategory.parent_id)
    above = select(*columns).where(SkillCategory.id == category_id).add_columns(literal(0).label("distance"))
    tree = above.cte("above", recursive=True)
    further = select(*columns, tree.c.distance + 1).join(tree, SkillCategory.id == tree.c.parent_id)
    tree = tree.union_all(further.where(tree.c.scale_id.is_(None)))
    return db.session.scalar(
        select(tree.c.scale_id).where(tree.c.scale_id.is_not(None)).order_by(tree.c.distance).limit(1)
    )


def _put_levels(scale: LevelScale, levels: Sequence[Mapping[str, Any]]) -> None:
    by_level = {entry["level"]: entry for entry in levels}
    scale.level_names = [by_level[level]["name"] for level in LEVELS]
    scale.wordings = [by_level[level].get("wording") for level in LEVELS]


def _make_default(scale: LevelScale) -> None:
    others = update(LevelScale).where(LevelScale.is_default, LevelScale.id != scale.id)
    db.session.execute(others.values(is_default=False, version=LevelScale.version + 1))
    scale.is_default = True
    db.session.flush()
