"""How many people have today what targets want, and who of them is fresh, as PostgreSQL counts it.

Nobody is listed who is not named in the answer. Of a team with many people the holders of a skill are looked through,
in an index; the people of small teams are looked up one by one, those of all such teams in one statement.
"""

from collections import defaultdict
from collections.abc import Callable, Collection, Iterable, Sequence
from datetime import date
from typing import Any, NamedTuple

from sqlalchemy import ARRAY, Float, Integer, Select, and_, func, literal_column, select, text

from smartskill.extensions import db
from smartskill.kit.arrays import array_of
from smartskill.skills.models.levels import BACKED, UserSkill
from smartskill.skills.services.formulas import FRESH
from smartskill.skills.services.holders import MANY, rated_in, table_of
from smartskill.skills.services.standing import lone_trust_sql, review_months_of, trust_sql


class Ask(NamedTuple):
    """A target of a skill."""

    target_id: int
    skill_id: int
    level: int
    team_id: int | None


class Trust(NamedTuple):
    """The confidence of a `UserSkill` row in some skills today, in SQL."""

    of_all: Any
    of_lone: Any  # where there is one rater only


class Count(NamedTuple):
    """Who has it."""

    held: int
    fresh: list[int]  # of those whose level is fresh; two of very many


PeopleOf = Callable[[int | None], Collection[int]]  # of a team, with those below it
Scope = tuple[list[Ask], Collection[int]]  # targets of one team, and its people


def trust_in(skill_ids: Sequence[int], day: date) -> Trust:
    """Confidence in these skills."""
    months = review_months_of(skill_ids)
    return Trust(trust_sql(day, months), lone_trust_sql(day, months))


def by_size(asks: Iterable[Ask], people_of: PeopleOf) -> tuple[list[Scope], list[Scope]]:
    """The targets of each team with its people: of teams of a few, and of many."""
    teams: defaultdict[int | None, list[Ask]] = defaultdict(list)
    for ask in asks:
        teams[ask.team_id].append(ask)
    scopes = [(some, people_of(team_id)) for team_id, some in teams.items()]
    return [one for one in scopes if len(one[1]) <= MANY], [one for one in scopes if len(one[1]) > MANY]


def count_targets(asks: Iterable[Ask], people_of: PeopleOf, trust: Trust) -> dict[int, Count]:
    """By target how many of its team have it, and who of them is fresh.

    Args:
        trust: in these skills.
    """
    few, many = by_size(asks, people_of)
    is_fresh = trust.of_all >= literal_column(f"{FRESH}::float", Float)
    counts = _count_few(few, is_fresh)
    for some, people in many:
        counts |= _count_many(some, people, is_fresh)
    return counts


def _count_many(asks: Sequence[Ask], people: Collection[int], is_fresh: Any) -> dict[int, Count]:
    wanted = table_of([(ask.skill_id, ask.level) for ask in asks])
    held = rated_in(wanted, people).where(UserSkill.level >= wanted.c.level)
    counted = held.with_only_columns(func.count()).scalar_subquery()
    two = held.where(text(BACKED), is_fresh).limit(2).scalar_subquery()  # whether one is alone needs no third
    rows = db.session.execute(select(wanted.c.skill_id, wanted.c.level, counted, func.array(two, type_=ARRAY(Integer))))
    found = {(skill_id, level): Count(count, fresh) for skill_id, level, count, fresh in rows}
    return {ask.target_id: found[ask.skill_id, ask.level] for ask in asks}


def _count_few(scopes: Sequence[Scope], is_fresh: Any) -> dict[int, Count]:
    counts = {ask.target_id: Count(0, []) for asks, _ in scopes for ask in asks}
    if not counts:
        return counts
    found, wanted = rated_of_few(scopes)
    listed = func.array_agg(UserSkill.user_id).filter(is_fresh)
    held = found.with_only_columns(wanted.c.target_id, func.count(), listed).group_by(wanted.c.target_id)
    for target_id, count, fresh in db.session.execute(held.where(UserSkill.level >= wanted.c.level)):
        counts[target_id] = Count(count, fresh or [])
    return counts


def rated_of_few(scopes: Sequence[Scope]) -> tuple[Select, Any]:
    """The `UserSkill` rows of each team's people in the skills of its targets; and the table of these targets."""
    asks = [(place, ask) for place, (some, _) in enumerate(scopes) for ask in some]
    members = [(place, user_id) for place, (_, people) in enumerate(scopes) for user_id in people]
    wanted = _table("wanted", {
        "place": [place for place, _ in asks],
        **{name: [getattr(ask, name) for _, ask in asks] for name in ("target_id", "skill_id", "level")},
    })  # fmt: skip
    member = _table("member", {"place": [one[0] for one in members], "user_id": [one[1] for one in members]})
    is_theirs = and_(UserSkill.user_id == member.c.user_id, UserSkill.skill_id == wanted.c.skill_id)
    return select(wanted).join(member, member.c.place == wanted.c.place).join(UserSkill, is_theirs), wanted


def _table(name: str, columns: dict[str, list[int]]) -> Any:
    arrays = [array_of(values) for values in columns.values()]
    return func.unnest(*arrays).table_valued(*columns).render_derived(name=name)
