"""Who has what of the targets on a day, and who will 90 days on if nobody says or proves anything new by then.

Ninety days on, people who leave are gone, certificates that expire are expired, and a level is what the statements of
today come to on that day: the window of a manager's word may have passed, and an older or humbler one decide instead.
"""

from collections import defaultdict
from collections.abc import Collection, Iterable, Sequence
from dataclasses import dataclass, field
from datetime import date, timedelta
from typing import Any

from sqlalchemy import Select, and_, func, select

from smartskill.extensions import db
from smartskill.kit.arrays import array_of, is_hashed_in, is_one_of
from smartskill.planning.services.coverage.counting import Ask, Count, Trust, count_targets, trust_in
from smartskill.planning.services.coverage.scope import Roster
from smartskill.planning.services.readiness.formulas import Target
from smartskill.planning.services.readiness.holdings import counts_on
from smartskill.qualification.models import Qualification
from smartskill.skills.models.catalogue import Skill
from smartskill.skills.models.levels import Rating, UserSkill
from smartskill.skills.services.formulas import FRESH, Voice, project
from smartskill.skills.services.projection import today
from smartskill.skills.services.standing import groups_on

AHEAD = timedelta(days=90)
Levels = dict[int, int]  # user → level; a qualification's is 1
Pair = tuple[int, int]  # user, skill


@dataclass
class Held:
    """What people have of each target, on the day and 90 days on.

    Of today's levels `now` and `then` know only those whom something happens to: who leaves, whose level changes. How
    many people have them is counted, and the confidence of the others not reckoned.
    """

    day: date
    now: defaultdict[Target, Levels] = field(default_factory=lambda: defaultdict(dict))
    then: defaultdict[Target, Levels] = field(default_factory=lambda: defaultdict(dict))
    sure: dict[int, dict[int, float]] = field(default_factory=dict)  # skill → user → confidence
    counts: dict[int, Count] = field(default_factory=dict)  # by target, of today's levels
    expires_on: dict[Pair, date] = field(default_factory=dict)  # by user and kind of qualification
    trust: Trust | None = None  # of today's levels

    @property
    def ahead(self) -> date:
        """The later day."""
        return self.day + AHEAD

    def count(self, target_id: int, target: Target, holders: Collection[int]) -> Count:
        """How many have it, and who of them is fresh; a verified certificate can be relied on.

        Args:
            holders: those whom `now` knows.
        """
        if target_id in self.counts:
            return self.counts[target_id]
        sure = self.sure.get(target.skill_id or 0, {})
        fresh = [one for one in holders if target.skill_id is None or sure[one] >= FRESH]
        return Count(len(holders), fresh)


def read_held(day: date, roster: Roster, rows: Sequence[Any], without: Collection[int]) -> Held:
    """What people have of these targets, in a few queries for any number of people and targets.

    Args:
        without: who is to be known by name in any case.
    """
    held, people = Held(day), roster.people_of_any(row.team_id for row in rows)
    asks = [Ask(row.id, row.skill_id, row.level, row.team_id) for row in rows if row.skill_id is not None]
    skill_ids = sorted({ask.skill_id for ask in asks})
    type_ids = sorted({row.qualification_type_id for row in rows if row.qualification_type_id is not None})
    if skill_ids and day == today():
        held.trust = trust_in(skill_ids, day)
        held.counts = count_targets(asks, roster.people_of, held.trust)
        watched = {user_id for user_id, last in roster.leaves_on.items() if last < held.ahead} | set(without)
        _read_present(held, people, skill_ids, watched & set(people))
    elif skill_ids:
        _read_past(held, people, skill_ids)
    if type_ids:
        _read_certificates(held, people, type_ids)
    return held


def _read_present(held: Held, people: Sequence[int], skill_ids: Sequence[int], watched: Collection[int]) -> None:
    columns: tuple[Any, ...] = (UserSkill.user_id, UserSkill.skill_id, UserSkill.level)
    known = select(*columns).where(is_one_of(UserSkill.skill_id, skill_ids), UserSkill.level.is_not(None))
    of_watched = known.where(is_one_of(UserSkill.user_id, watched))
    for user_id, skill_id, level in db.session.execute(of_watched) if watched else ():
        held.now[Target(skill_id, None)][user_id] = held.then[Target(skill_id, None)][user_id] = level
    due = known.where(UserSkill.next_change_on <= held.ahead, is_hashed_in(UserSkill.user_id, people))
    levels = {(user_id, skill_id): level for user_id, skill_id, level in db.session.execute(due)}
    for (user_id, skill_id), level in _changing(held, skill_ids, _said_of(levels)) if levels else ():
        held.now[Target(skill_id, None)][user_id] = levels[user_id, skill_id]
        held.then[Target(skill_id, None)][user_id] = level


def _read_past(held: Held, people: Sequence[int], skill_ids: Sequence[int]) -> None:
    for skill_id, user_ids, levels, confidences in groups_on(held.day, people, skill_ids):
        target = Target(skill_id, None)
        held.now[target] = dict(zip(user_ids, levels, strict=True))
        held.then[target] = dict(held.now[target])
        held.sure[skill_id] = dict(zip(user_ids, confidences, strict=True))
    is_theirs = and_(is_one_of(Rating.user_id, people), is_one_of(Rating.skill_id, skill_ids))
    said = select(*SAID).where(is_theirs, Rating.effective_on <= held.day)
    for (user_id, skill_id), level in _changing(held, skill_ids, said):
        held.then[Target(skill_id, None)][user_id] = level


SAID = (
    *(Rating.user_id, Rating.skill_id),
    *(Rating.id, Rating.level, Rating.source, Rating.rater_id, Rating.effective_on),
)


def _said_of(pairs: Iterable[Pair]) -> Select:
    arrays = [array_of(pair[place] for pair in pairs) for place in (0, 1)]
    pair = func.unnest(*arrays).table_valued("user_id", "skill_id").render_derived(name="pair")
    return select(*SAID).join(pair, and_(pair.c.user_id == Rating.user_id, pair.c.skill_id == Rating.skill_id))


def _changing(held: Held, skill_ids: Sequence[int], said: Select) -> Iterable[tuple[Pair, int]]:
    """The level 90 days on, where it may be another."""
    voices: dict[Pair, list[Voice]] = defaultdict(list)
    for user_id, skill_id, *voice in db.session.execute(said.where(Rating.retracted_at.is_(None))):
        voices[user_id, skill_id].append(Voice(*voice))
    months = dict(db.session.execute(select(Skill.id, Skill.review_months).where(Skill.id.in_(skill_ids))).all())
    for pair, ratings in voices.items():
        level = project(ratings, months[pair[1]], held.ahead).level
        if level is not None:
            yield pair, level


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
