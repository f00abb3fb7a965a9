"""Who has a skill: by level, confidence and name. Hidden levels are there only for those who may see them."""

from collections.abc import Mapping
from typing import Any

from sqlalchemy import Select, select
from sqlalchemy.orm import aliased

from smartskill.skills.models.catalogue import Skill
from smartskill.skills.models.levels import UserSkill
from smartskill.skills.services.policy import visible_levels
from smartskill.skills.services.projection import today
from smartskill.skills.services.standing import trust_sql
from smartskill.user.models import User


def search_people(skill_id: int, asker: Any, query: Mapping[str, Any]) -> Select:
    """Active people with a level in a skill, at least `min_level`, as rows."""
    trust = trust_sql(today(), Skill.review_months)
    one = aliased(User)
    is_gone = select(one.id).where(one.id == UserSkill.user_id, ~one.is_active).exists()
    return (
        select(UserSkill.user_id, User.full_name, UserSkill.level, trust.label("confidence"))
        .outerjoin(User, User.id == UserSkill.user_id)  # outer ones cost nothing where rows are only counted
        .outerjoin(Skill, Skill.id == UserSkill.skill_id)
        .where(
            UserSkill.skill_id == skill_id,
            UserSkill.level >= (query.get("min_level") or 1),
            ~is_gone,
            visible_levels(asker),
        )
        .order_by(UserSkill.level.desc(), trust.desc(), User.full_name, UserSkill.user_id)
    )


def shown_person(row: Any) -> dict[str, Any]:
    """A row as JSON."""
    return {**row._mapping, "confidence": round(row.confidence, 4)}
