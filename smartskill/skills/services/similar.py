"""What a new skill may be a double of: near names, and names that are another's alias."""

from typing import Any

from sqlalchemy import func, literal, or_, select

from smartskill.extensions import db
from smartskill.skills.models.catalogue import Skill, SkillAlias

NEAR = 0.5  # trigram similarity
MOST = 5


def find_similar(skill: Skill) -> list[dict[str, Any]]:
    """Up to five others as `{id, name, reason}`: those that share a name or alias first, then near names."""
    found = {row["id"]: row for row in [*_shared(skill), *_near(skill)][::-1]}
    return list(found.values())[::-1][:MOST]


def _shared(skill: Skill) -> list[dict[str, Any]]:
    labels = [label.lower() for label in (skill.name, *skill.aliases)]
    rows = db.session.execute(
        select(Skill.id, Skill.name, SkillAlias.name.label("alias"))
        .join(SkillAlias, SkillAlias.skill_id == Skill.id)
        .where(func.lower(SkillAlias.name).in_(labels), Skill.id != skill.id)
        .order_by(Skill.name, SkillAlias.id)
        .limit(MOST)
    )
    shared = [{"id": row.id, "name": row.name, "reason": f"It is also known as “{row.alias}”."} for row in rows]
    rows = db.session.execute(
        select(Skill.id, Skill.name).where(func.lower(Skill.name).in_(labels), Skill.id != skill.id).limit(MOST)
    )
    return [{"id": row.id, "name": row.name, "reason": "Its name is an alias here."} for row in rows] + shared


def _near(skill: Skill) -> list[dict[str, Any]]:
    name, label = skill.name.lower(), func.lower(Skill.name)
    near = func.similarity(label, name)
    rows = db.session.execute(
        select(Skill.id, Skill.name)
        .where(
            or_(label.op("%", is_comparison=True)(literal(name)), label.startswith(f"{name} ", autoescape=True)),
            or_(near >= NEAR, label.startswith(f"{name} ", autoescape=True)),
            Skill.id != skill.id,
        )
        .order_by(near.desc(), Skill.name)
        .limit(MOST)
    )
    return [{"id": row.id, "name": row.name, "reason": "Its name is nearly the same."} for row in rows]
