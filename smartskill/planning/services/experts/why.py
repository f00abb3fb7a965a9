"""Why somebody was found, in words a person reads: for each need that they meet, and for what their experience says."""

from collections import defaultdict
from collections.abc import Sequence
from datetime import date
from typing import Any

from sqlalchemy import ColumnElement, Select, any_, func, select

from smartskill.planning.services.experts.conditions import Conditions
from smartskill.planning.services.experts.sight import Sight
from smartskill.planning.services.full_text.places import Place
from smartskill.skills.models.catalogue import Skill
from smartskill.skills.models.levels import Endorsement, UserSkill
from smartskill.skills.services.formulas import DAYS_PER_MONTH, confidence
from smartskill.skills.services.projection import today

Hit = dict[str, Any]
Levels = dict[int, dict[int, Any]]
Places = dict[int, list[Place]]
SHOWN = ("experience_id", "field", "snippet")


def explain(rows: Sequence[Any], levels: Levels, places: Places, conditions: Conditions) -> list[Hit]:
    """The hits of a page as JSON, each with its reasons.

    Args:
        levels: by person and skill, the rows of `search_levels`.
        places: by person, where the words of a text stand.
    """
    return [
        {
            "user_id": row.user_id,
            "full_name": row.full_name,
            "title": row.title,
            "team_id": row.team_id,
            "score": round(row.score, 4),
            "why": _reasons(levels.get(row.user_id, {}), places.get(row.user_id, []), conditions),
            "matches": [{name: place[name] for name in SHOWN} for place in places.get(row.user_id, [])],
        }
        for row in rows
    ]


def search_levels(user_ids: ColumnElement, skill_ids: ColumnElement, sight: Sight) -> Select:
    """What is said of levels; both are arrays."""
    endorsed = (
        select(func.count())
        .where(Endorsement.user_id == UserSkill.user_id, Endorsement.skill_id == UserSkill.skill_id)
        .scalar_subquery()
    )
    return (
        select(
            UserSkill.user_id,
            UserSkill.skill_id,
            UserSkill.level,
            UserSkill.interest,
            UserSkill.voices,
            UserSkill.last_confirmed_on,
            Skill.review_months,
            endorsed.label("endorsements"),
        )
        .join(Skill, Skill.id == UserSkill.skill_id)
        .where(
            UserSkill.user_id == any_(user_ids),
            UserSkill.skill_id == any_(skill_ids),
            UserSkill.level.is_not(None),
            sight.levels,
        )
    )


def _reasons(levels: dict[int, Any], places: list[dict[str, Any]], conditions: Conditions) -> list[dict[str, Any]]:
    day = today()
    met = [
        need.skill_id
        for need in conditions.needs
        if (row := levels.get(need.skill_id)) is not None
        and row.level >= need.min_level
        and (need.min_interest is None or (row.interest or 0) >= need.min_interest)
    ]
    reasons: list[dict[str, Any]] = [
        {"skill_id": skill_id, "fact": in_words(levels[skill_id], day)} for skill_id in dict.fromkeys(met)
    ]
    where: dict[str, list[str]] = defaultdict(list)
    for place in places:
        where[place["experience"]].append(place["field"])
    return reasons + [
        {"skill_id": None, "fact": f"{' and '.join(names)} of {experience}"} for experience, names in where.items()
    ]


def in_words(row: Any, day: date) -> str:
    """A level in words: its height, when it was confirmed, how sure it is, who endorsed it, whether they like it."""
    parts = [
        f"level {row.level}",
        f"confirmed {ago(row.last_confirmed_on, day)}",
        f"confidence {confidence(row.voices, row.review_months, day):.2f}",
    ]
    if row.endorsements:
        parts.append(f"endorsed by {row.endorsements}")
    if row.interest is not None:
        parts.append(f"interest {row.interest}")
    return ", ".join(parts)


def ago(then: date, day: date) -> str:
    """How long ago a day was, in the largest whole unit."""
    days = max((day - then).days, 0)
    months = int(days / DAYS_PER_MONTH)
    if days == 0:
        return "today"
    count, unit = (days, "day") if months == 0 else (months, "month") if months < 24 else (months // 12, "year")
    return f"{count} {unit}{'' if count == 1 else 's'} ago"
