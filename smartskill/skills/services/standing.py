"""Levels of many people in many skills on any day: today's from the projection, another day's from the ratings.

A day's answer is what the ratings that held by that day come to; a rating that was taken back never held. So a past
answer changes only where somebody states or takes back something about that past.
"""

from collections import defaultdict
from collections.abc import Sequence
from datetime import date
from typing import NamedTuple

from sqlalchemy import Select, select

from smartskill.extensions import db
from smartskill.skills.models import Rating, Skill, UserSkill
from smartskill.skills.services.formulas import FRESH, Voice, confidence, project
from smartskill.skills.services.projection import today


class Standing(NamedTuple):
    """A person's level in a skill on a day; who has none has no row, which is not a level of zero."""

    user_id: int
    skill_id: int
    level: int
    confidence: float  # 0–1
    last_confirmed_on: date

    @property
    def is_fresh(self) -> bool:
        """Whether the level is trusted enough to be relied on."""
        return self.confidence >= FRESH


def levels_on(
    day: date, people: Select | Sequence[int], skill_ids: Select | Sequence[int] | None = None
) -> list[Standing]:
    """The levels that these people have on a day, hidden ones too: ask policy first whose you may show.

    Args:
        people: ids, or a select of them.
        skill_ids: only these skills; None for all.
    """
    return _present(people, skill_ids) if day == today() else _at(day, people, skill_ids)


def _present(people: Select | Sequence[int], skill_ids: Select | Sequence[int] | None) -> list[Standing]:
    found = (
        select(
            UserSkill.user_id,
            UserSkill.skill_id,
            UserSkill.level,
            UserSkill.voices,
            UserSkill.last_confirmed_on,
            Skill.review_months,
        )
        .join(Skill, Skill.id == UserSkill.skill_id)
        .where(UserSkill.user_id.in_(people), UserSkill.level.is_not(None))
    )
    if skill_ids is not None:
        found = found.where(UserSkill.skill_id.in_(skill_ids))
    day = today()
    return [
        Standing(user_id, skill_id, level, confidence(voices, months, day), confirmed_on)
        for user_id, skill_id, level, voices, confirmed_on, months in db.session.execute(found)
    ]


def _at(day: date, people: Select | Sequence[int], skill_ids: Select | Sequence[int] | None) -> list[Standing]:
    found = (
        select(
            Rating.user_id,
            Rating.skill_id,
            Skill.review_months,
            Rating.id,
            Rating.level,
            Rating.source,
            Rating.rater_id,
            Rating.effective_on,
        )
        .join(Skill, Skill.id == Rating.skill_id)
        .where(Rating.user_id.in_(people), Rating.effective_on <= day, Rating.retracted_at.is_(None))
    )
    if skill_ids is not None:
        found = found.where(Rating.skill_id.in_(skill_ids))
    said: dict[tuple[int, int, int], list[Voice]] = defaultdict(list)
    for user_id, skill_id, months, *voice in db.session.execute(found):
        said[user_id, skill_id, months].append(Voice(*voice))  # type: ignore[arg-type]
    return [_standing(key, voices, day) for key, voices in said.items()]


def _standing(key: tuple[int, int, int], ratings: list[Voice], day: date) -> Standing:
    user_id, skill_id, months = key
    found = project(ratings, months, day)
    trust = confidence(found.voices, months, day)
    return Standing(user_id, skill_id, found.level, trust, found.last_confirmed_on)  # type: ignore[arg-type]
