"""The category tree. A category can be emptied and deleted, and hung anywhere but below itself."""

from collections.abc import Mapping
from typing import Any

from sqlalchemy import CTE, ColumnElement, Select, Text, cast, func, select
from sqlalchemy.dialects.postgresql import array

from smartskill.extensions import db
from smartskill.kit.cache import drop_generation
from smartskill.kit.errors import Conflict, Invalid, NotFound
from smartskill.skills.models.catalogue import Skill, SkillCategory
from smartskill.skills.services.scales import check_scale

TREE_LOCK = 7_301_005  # an arbitrary number: one move in the tree at a time, or two could close a circle


class CategoryInUse(Conflict):
    """This category still holds skills or other categories."""


class CategoryCircle(Conflict):
    """A category cannot hang below itself."""


def search_categories(query: Mapping[str, Any]) -> Select:
    """Categories by their path in the tree, each with its path, depth and number of skills, as rows."""
    tree = _tree()
    held = (
        select(func.count())
        .where(Skill.category_id == tree.c.id, Skill.status != "retired")
        .correlate(tree)
        .scalar_subquery()
    )
    found = select(
        tree.c.id,
        tree.c.name,
        tree.c.parent_id,
        func.array_to_string(tree.c.names, " > ").label("path"),
        (func.cardinality(tree.c.names) - 1).label("depth"),
        held.label("skills"),
        SkillCategory.external_uri,
        SkillCategory.scale_id,
    ).join(SkillCategory, SkillCategory.id == tree.c.id)
    if query.get("parent_id"):
        found = found.where(tree.c.parent_id == query["parent_id"])
    if query.get("q"):
        found = found.where(func.lower(tree.c.name).contains(query["q"].lower(), autoescape=True))
    return found.order_by(func.lower(func.array_to_string(tree.c.names, "\x01")), tree.c.id)


def within_category(category_id: int) -> ColumnElement[bool]:
    """The condition that a skill is in a category or anywhere below it."""
    below = select(SkillCategory.id).where(SkillCategory.id == category_id).cte("categories_below", recursive=True)
    below = below.union(select(SkillCategory.id).where(SkillCategory.parent_id == below.c.id))
    return Skill.category_id.in_(select(below.c.id))


def get_category(category_id: int, *, is_locked: bool = False) -> SkillCategory:
    """Raises NotFound where there is none."""
    lock: dict[str, Any] = {"with_for_update": True, "populate_existing": True} if is_locked else {}
    category = db.session.get(SkillCategory, category_id, **lock)
    if category is None:
        raise NotFound()
    return category


def add_category(data: Mapping[str, Any]) -> SkillCategory:
    """Make one. A name that is taken there is refused by the database."""
    _check_parent(data.get("parent_id"))
    check_scale(data.get("scale_id"))
    category = SkillCategory(**data)
    db.session.add(category)
    db.session.flush()
    drop_generation("skills")
    return category


def change_category(category: SkillCategory, data: Mapping[str, Any]) -> SkillCategory:
    """Rename or move it, with all below.

    Raises:
        Invalid: no such parent.
        CategoryCircle: the parent is the category itself or below it.
    """
    if data.get("parent_id") is not None:
        db.session.execute(select(func.pg_advisory_xact_lock(TREE_LOCK)))
        _check_parent(data["parent_id"])
        if category.id in _ancestors(data["parent_id"]):
            raise CategoryCircle()
    check_scale(data.get("scale_id"))
    for name, value in data.items():
        setattr(category, name, value)
    db.session.flush()
    drop_generation("skills")
    return category


def remove_category(category: SkillCategory) -> None:
    """Delete an empty one.

    Raises:
        CategoryInUse: it holds something.
    """
    holds_skill = select(Skill.id).where(Skill.category_id == category.id).exists()
    holds_other = select(SkillCategory.id).where(SkillCategory.parent_id == category.id).exists()
    if db.session.scalar(select(holds_skill | holds_other)):
        raise CategoryInUse()
    db.session.delete(category)
    db.session.flush()
    drop_generation("skills")


def _tree() -> CTE:
    """Every category with the names on the way down to it."""
    top = select(
        SkillCategory.id,
        SkillCategory.name,
        SkillCategory.parent_id,
        array([cast(SkillCategory.name, Text)]).label("names"),
    ).where(SkillCategory.parent_id.is_(None))
    tree = top.cte("tree", recursive=True)
    below = select(
        SkillCategory.id,
        SkillCategory.name,
        SkillCategory.parent_id,
        func.array_append(tree.c.names, cast(SkillCategory.name, Text)),
    ).join(tree, SkillCategory.parent_id == tree.c.id)
    return tree.union_all(below)


def _check_parent(parent_id: int | None) -> None:
    if parent_id is not None and db.session.get(SkillCategory, parent_id) is None:
        raise Invalid.field("parent_id", "There is no such category.")


def _ancestors(category_id: int) -> set[int]:
    """A category and all above it."""
    above = (
        select(SkillCategory.id, SkillCategory.parent_id)
        .where(SkillCategory.id == category_id)
        .cte("above", recursive=True)
    )
    above = above.union(
        select(SkillCategory.id, SkillCategory.parent_id).join(above, SkillCategory.id == above.c.parent_id)
    )
    return set(db.session.scalars(select(above.c.id)))
