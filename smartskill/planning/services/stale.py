"""Levels that want confirming, of all the people whom somebody plans for: the longest unconfirmed first."""

from datetime import date
from typing import Any

from sqlalchemy import Select, select

from smartskill.planning.services.differences import is_among, whom_to_plan
from smartskill.skills.models.catalogue import Skill
from smartskill.skills.models.levels import UserSkill
from smartskill.skills.services.formulas import age_months, confidence, stale_sql
from smartskill.skills.services.projection import today
from smartskill.user.models import User


def search_stale(query: dict[str, Any], asker: Any) -> Select:
    """Stale levels of active people and skills in use, the oldest first, as rows.

    Raises:
        NotFound: there is no such team.
        NotYourPeople: nobody there is theirs to plan for.
    """
    people = whom_to_plan(asker, query.get("team_id"))
    found = (
        select(
            UserSkill.user_id,
            User.full_name,
            UserSkill.skill_id,
            Skill.name.label("skill_name"),
            Skill.critical,
            UserSkill.level,
            UserSkill.voices,
            UserSkill.last_confirmed_on,
            Skill.review_months,
        )
        .join(User, User.id == UserSkill.user_id)
        .join(Skill, Skill.id == UserSkill.skill_id)
        # The level is named so that people are looked up: in the index by day alone they would all be walked through.
        .where(UserSkill.level.is_not(None), is_among(UserSkill.user_id, people))
        .where(Skill.status != "retired", stale_sql(today()))
        .order_by(UserSkill.last_confirmed_on, UserSkill.user_id, UserSkill.skill_id)
    )
    for name, column in (("skill_id", UserSkill.skill_id), ("critical", Skill.critical)):
        if name in query:
            found = found.where(column == query[name])
    return found


def shown_stale(row: Any, day: date) -> dict[str, Any]:
    """A row as JSON."""
    facts = dict(row._mapping)
    voices, months = facts.pop("voices"), facts["review_months"]
    overdue = age_months(row.last_confirmed_on, day) - months
    return {**facts, "confidence": round(confidence(voices, months, day), 4), "overdue_months": round(overdue, 1)}
