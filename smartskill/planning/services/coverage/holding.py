"""Who has what of the targets on a day, and who will 90 days on if nobody says or proves anything new by then.

Ninety days on, people who leave are gone, certificates that expire are expired, and a level is what the statements of
today come to on that day: the window of a manager's word may have passed, and an older or humbler one decide instead.
"""

from collections import defaultdict
from collections.abc import Iterable, Sequence
from dataclasses import dataclass, field
from datetime import date, timedelta
from typing import Any

from sqlalchemy import and_, select

from smartskill.extensions import db
from smartskill.kit.arrays import is_one_of
from smartskill.planning.services.readiness.formulas import Target
from smartskill.planning.services.readiness.holdings import counts_on
from smartskill.qualification.models import Qualification
from smartskill.skills.models import Rating, Skill, UserSkill
from smartskill.skills.services.formulas import FRESH, Voice, project
from smartskill.skills.services.projection import today
from smartskill.skills.services.standing import groups_on

AHEAD = timedelta(days=90)
Levels = dict[int, int]  # user → level; a qualification's is 1
Pair = tuple[int, int]  # user, skill


@dataclass
class Held:
    """What people have of each target, on the day and 90 days on."""

    day: date
    now: defaultdict[Target, Levels] = field(default_factory=lambda: defaultdict(dict))
    then: defaultdict[Target, Levels] = field(default_factory=lambda: defaultdict(dict))
    sure: dict[int, dict[int, float]] = field(default_factory=dict)  # skill → user → confidence
    expires_on: dict[Pair, date] = field(default_factory=dict)  # by user and kind of qualification

    @property
    def ahead(self) -> date:
        """The later day."""
        return self.day + AHEAD

    def is_fresh(self, target: Target, user_id: int) -> bool:
        """Whether what somebody has can be relied on: a verified certificate can."""
        return target.skill_id is None or self.sure[target.skill_id][user_id] >= FRESH


def read_held(day: date, people: Sequence[int], targets: Iterable[Target]) -> Held:
    """What these people have of the targets, in a few queries for any number of people."""
    held, wanted = Held(day), set(targets)
    skill_ids = sorted(one.skill_id for one in wanted if one.skill_id is not None)
    type_ids = sorted(one.qualification_type_id for one in wanted if one.qualification_type_id is not None)
    if skill_ids:
        _read_levels(held, people, skill_ids)
    if type_ids:
        _read_certificates(held, people, type_ids)
    return held


def _read_levels(held: Held, people: Sequence[int], skill_ids: Sequence[int]) -> None:
    for skill_id, user_ids, levels, confidences in groups_on(held.day, people, skill_ids):
        target = Target(skill_id, None)
        held.now[target] = dict(zip(user_ids, levels, strict=True))
        held.then[target] = dict(held.now[target])
        held.sure[skill_id] = dict(zip(user_ids, confidences, strict=True))
    for (user_id, skill_id), level in _changing(held, people, skill_ids):
        held.then[Target(skill_id, None)][user_id] = level


def _changing(held: Held, people: Sequence[int], skill_ids: Sequence[int]) -> Iterable[tuple[Pair, int]]:
    """The level 90 days on, where it may be another; of today's levels the projection knows when to look again."""
    said = (
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
        .where(Rating.retracted_at.is_(None))
    )
    if held.day == today():
        due = (
            select(UserSkill.user_id, UserSkill.skill_id)
            .where(is_one_of(UserSkill.user_id, people), is_one_of(UserSkill.skill_id, skill_ids))
            .where(UserSkill.next_change_on <= held.ahead)
            .cte("due")
        )
        said = said.join(due, and_(due.c.user_id == Rating.user_id, due.c.skill_id == Rating.skill_id))
    else:
        is_theirs = and_(is_one_of(Rating.user_id, people), is_one_of(Rating.skill_id, skill_ids))
        said = said.where(is_theirs, Rating.effective_on <= held.day)
    voices: dict[tuple[int, int, int], list[Voice]] = defaultdict(list)
    for user_id, skill_id, months, *voice in db.session.execute(said):
        voices[user_id, skill_id, months].append(Voice(*voice))  # type: ignore[arg-type]
    for (user_id, skill_id, months), ratings in voices.items():
        level = project(ratings, months, held.ahead).level
        if level is not None:
            yield (user_id, skill_id), level


def _read_certificates(held: Held, people: Sequence[int], type_ids: Sequence[int]) -> None:
    rows: Iterable[Any] = db.session.execute(
        select(Qualification.user_id, Qualification.type_id, Qualification.expires_on).where(
            is_one_of(Qualification.user_id, people), Qualification.type_id.in_(type_ids), counts_on(held.day)
        )
    )
    last_days: dict[Pair, date] = {}  # the last of several counts: a renewal is a row of its own
    for user_id, type_id, expires_on in rows:
        key, last = (user_id, type_id), expires_on or date.max
        last_days[key] = max(last_days.get(key, last), last)
    for (user_id, type_id), last in last_days.items():
        held.now[Target(None, type_id)][user_id] = 1
        if last < held.ahead:
            held.expires_on[user_id, type_id] = last
        else:
            held.then[Target(None, type_id)][user_id] = 1
