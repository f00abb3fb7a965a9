"""Who is nearest to closing a gap, and what they lack.

Of a skill: the fewest levels short first, then by confidence, interest and the level aimed at; after all of them those
who want to learn it and have no level: unknown is not zero. Of a qualification: what waits for review, then what has
expired, the latest first, then drafts.
"""

from collections import defaultdict
from collections.abc import Collection, Iterable, Mapping, Sequence
from datetime import date
from heapq import nsmallest
from typing import Any, NamedTuple

from sqlalchemy import Select, and_, func, or_, select

from smartskill.extensions import db
from smartskill.kit.arrays import array_of, is_one_of
from smartskill.planning.services.coverage.holding import Held
from smartskill.planning.services.readiness.formulas import Target
from smartskill.qualification.models import Qualification
from smartskill.skills.models.levels import UserSkill

MOST_NAMED = 5
KEEN = 4  # the interest from which somebody without a level is named
STATES = {"submitted": 0, "verified": 1, "draft": 2}
COUNTED = ("no", "one", "two", "three", "four")


class Below(NamedTuple):
    """Somebody below a level of a skill."""

    user_id: int
    skill_id: int
    level: int
    confidence: float


class Near(NamedTuple):
    """Somebody who could close a gap."""

    user_id: int
    level: int | None
    confidence: float | None
    interest: int | None
    target_level: int | None
    missing: str


class Wish(NamedTuple):
    """What somebody said about a skill beside a level."""

    interest: int | None = None
    target_level: int | None = None


Wishes = dict[int, dict[int, Wish]]  # skill → person → wish
NO_WISH = Wish()
WISH_COLUMNS = (UserSkill.user_id, UserSkill.skill_id, UserSkill.interest, UserSkill.target_level)


def read_wishes(people: Select, skill_ids: Collection[int]) -> Wishes:
    """Interest and aims of people, by skill and person."""
    is_said = or_(UserSkill.interest.is_not(None), UserSkill.target_level.is_not(None))
    return _by_skill(
        select(*WISH_COLUMNS).where(UserSkill.user_id.in_(people), UserSkill.skill_id.in_(skill_ids), is_said)
    )


def _by_skill(found: Select) -> Wishes:
    wishes: defaultdict[int, dict[int, Wish]] = defaultdict(dict)
    for user_id, skill_id, *wish in db.session.execute(found):
        wishes[skill_id][user_id] = Wish(*wish)
    return wishes


def shortlist(skill_id: int, level: int, people: Collection[int], held: Held) -> list[Below]:
    """Who is below a level and may be among the nearest: the first five by level and confidence, and their equals.

    Only of these the wishes matter, which saves reading everybody's.
    """
    sure = held.sure.get(skill_id, {})
    below = [
        (-own, -sure[user_id], user_id)
        for user_id, own in held.now[Target(skill_id, None)].items()
        if own < level and user_id in people
    ]
    last = nsmallest(MOST_NAMED, below)[-1][:2] if below else ()
    return [Below(user_id, skill_id, -own, -trust) for own, trust, user_id in below if (own, trust) <= last]


def read_wishes_of(several: Iterable[Below]) -> Wishes:
    """Interest and aims of these people in these skills."""
    pairs = {(one.user_id, one.skill_id) for one in several}
    arrays = [array_of(pair[place] for pair in pairs) for place in (0, 1)]
    pair = func.unnest(*arrays).table_valued("user_id", "skill_id").render_derived(name="pair")
    found = select(*WISH_COLUMNS).join(
        pair, and_(UserSkill.user_id == pair.c.user_id, UserSkill.skill_id == pair.c.skill_id)
    )
    return _by_skill(found)


def read_unrated_wishes(people: Sequence[int], skill_ids: Collection[int]) -> Wishes:
    """Interest and aims of people who have no level."""
    return _by_skill(
        select(*WISH_COLUMNS).where(
            is_one_of(UserSkill.skill_id, skill_ids), is_one_of(UserSkill.user_id, people), UserSkill.level.is_(None)
        )
    )


def find_nearest(level: int, near: Sequence[Below], people: Collection[int], said: Mapping[int, Wish]) -> list[Near]:
    """At most five people below a level of a skill, the nearest first.

    Args:
        near: their shortlist.
        said: wishes in this skill, of those and of people without a level.
    """
    rated = {one.user_id for one in near}
    ranked = sorted(near, key=lambda one: (-one.level, *_merits(one, said.get(one.user_id, NO_WISH))))
    found = [_short(one, level, said.get(one.user_id, NO_WISH)) for one in ranked[:MOST_NAMED]]
    willing = [
        Near(user_id, None, None, wish.interest, wish.target_level, f"no level yet: needs {level}")
        for user_id, wish in said.items()
        if user_id in people and user_id not in rated
        if (wish.interest or 0) >= KEEN or (wish.target_level or 0) >= level
    ]
    willing.sort(key=lambda one: (-(one.interest or 0), -(one.target_level or 0), one.user_id))
    return [*found, *willing][:MOST_NAMED]


def _merits(standing: Below, wish: Wish) -> tuple:
    return (-standing.confidence, -(wish.interest or 0), -(wish.target_level or 0), standing.user_id)


def _short(standing: Below, level: int, wish: Wish) -> Near:
    steps = level - standing.level
    missing = f"{COUNTED[steps]} level{'s' if steps > 1 else ''}: has {standing.level}, needs {level}"
    return Near(standing.user_id, standing.level, standing.confidence, *wish, missing)


def read_certificates_to_be(people: Sequence[int], type_ids: Iterable[int], day: date) -> dict[int, list[Any]]:
    """By kind, the qualifications that don't count on a day and are near it, the nearest first."""
    rows = db.session.execute(
        select(
            Qualification.user_id, Qualification.type_id, Qualification.review_state, Qualification.expires_on
        ).where(
            is_one_of(Qualification.user_id, people),
            Qualification.type_id.in_(list(type_ids)),
            Qualification.review_state.in_(STATES),
        )
    ).all()
    found: dict[int, list[Any]] = {}
    last = date.max
    for row in sorted(rows, key=lambda row: (STATES[row.review_state], -(row.expires_on or last).toordinal(), row[0])):
        if row.review_state != "verified" or (row.expires_on or last) < day:
            found.setdefault(row.type_id, []).append(row)
    return found


def find_nearest_certified(rows: Iterable[Any], people: Collection[int], holders: Collection[int]) -> list[Near]:
    """At most five people who could soon have a qualification, each once, for what is nearest."""
    found: dict[int, Near] = {}
    for user_id, _, state, expires_on in rows:
        if user_id in people and user_id not in holders and user_id not in found:
            found[user_id] = Near(user_id, None, None, None, None, _lack(state, expires_on))
    return list(found.values())[:MOST_NAMED]


def _lack(state: str, expires_on: date | None) -> str:
    if state == "verified":
        return f"a renewal: it expired on {expires_on}"
    return "a review: it waits for one" if state == "submitted" else "to be submitted: it is a draft"
