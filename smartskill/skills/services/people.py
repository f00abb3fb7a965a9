"""Who has a skill: by level, confidence and name. Hidden levels are there only for those who may see them."""

from collections.abc import Mapping
from typing import Any

from sqlalchemy import Select, select

from smartskill.skills.models import Skill, UserSkill
from smartskill.skills.services.formulas import confidence_sql
from smartskill.skills.services.policy import visible_levels
from smartskill.skills.services.projection import today
from smartskill.user.models import User


def search_people(skill_id: int, asker: Any, query: Mapping[str, Any]) -> Select:
    """Active people with a level in a skill, at least `min_level`, as rows."""
    trust = confidence_sql(today())
    return (
        select(UserSkill.user_id, User.full_name, UserSkill.level, trust.label("confidence"))
        .join(User, User.id == UserSkill.user_id)
        .join(Skill, Skill.id == UserSkill.skill_id)
        .where(
            UserSkill.skill_id == skill_id,
            UserSkill.level >= (query.get("min_level") or 1),
            User.is_active,
            visible_levels(asker),
        )
        .order_by(UserSkill.level.desc(), trust.desc(), User.full_name, UserSkill.user_id)
    )


def shown_person(row: Any) -> dict[str, Any]:
    """A row as JSON."""
    return {**row._mapping, "confidence": round(row.confidence, 4)}
