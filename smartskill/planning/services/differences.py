"""How a person, the managers above and colleagues see the same level, and where they see it differently.

A voice that is missing is unknown, never zero: it takes no part in a difference, and is counted as missing. Each side
is its latest word, however old; of several managers the newest one's. Peers are the median of each one's latest word.
"""

from collections.abc import Sequence
from typing import Any

from sqlalchemy import ARRAY, ColumnElement, Integer, Select, and_, any_, cast, func, literal, select
from sqlalchemy.dialects.postgresql import distinct_on
from sqlalchemy.types import Float

from smartskill.extensions import db
from smartskill.kit.errors import NotFound
from smartskill.planning.services.policy import people_to_plan, plans_for_all
from smartskill.skills.models.catalogue import Skill
from smartskill.skills.models.levels import Rating, UserSkill
from smartskill.skills.services.policy import sees_all_of
from smartskill.user.models import User

People = Select | Sequence[int]


def search_differences(owner_id: int, asker: Any) -> Select:
    """A person's levels as seen by the person, managers and peers, the largest difference first, as rows.

    Raises:
        NotFound: what others said of this person is not theirs to see.
    """
    if not sees_all_of(asker, owner_id):
        raise NotFound()
    seen = _seen([owner_id]).subquery()
    return (
        select(seen, Skill.name.label("skill_name"))
        .join(Skill, Skill.id == seen.c.skill_id)
        .order_by(
            func.abs(seen.c.difference).desc().nulls_last(),
            func.abs(seen.c.peer_difference).desc().nulls_last(),
            func.lower(Skill.name),
            seen.c.skill_id,
        )
    )


def shown_difference(row: Any) -> dict[str, Any]:
    """A row as JSON."""
    facts = dict(row._mapping)
    voices = {"self": facts["self_level"], "manager": facts["manager_level"], "peer": facts["peer_median"]}
    return {**facts, "missing_voices": [name for name, level in voices.items() if level is None]}


def search_people_differences(query: dict[str, Any], asker: Any) -> Select:
    """For each person whom the asker may plan for: how their own view differs from the managers', largest first.

    Raises:
        NotFound: there is no such team.
        NotYourPeople: nobody there is theirs to plan for.
    """
    seen = _seen(whom_to_plan(asker, query.get("team_id"))).subquery()
    sums = _sums(seen, seen.c.user_id).subquery()
    return _largest_first(
        select(sums, User.full_name.label("name")).join(User, User.id == sums.c.user_id), sums, sums.c.user_id
    )


def search_skill_differences(query: dict[str, Any], asker: Any) -> Select:
    """The same for each skill, over the people whom the asker may plan for.

    Raises as `search_people_differences`.
    """
    seen = _seen(whom_to_plan(asker, query.get("team_id"))).subquery()
    sums = _sums(seen, seen.c.skill_id).subquery()
    return _largest_first(
        select(sums, Skill.name.label("name")).join(Skill, Skill.id == sums.c.skill_id), sums, sums.c.skill_id
    )


def whom_to_plan(asker: Any, team_id: int | None) -> People:
    """`people_to_plan`, as ids unless it is everybody: how many a team has, the database's planner cannot foresee."""
    people = people_to_plan(asker, team_id)
    return people if team_id is None and plans_for_all(asker) else list(db.session.scalars(people))


def is_among(column: Any, people: People) -> ColumnElement[bool]:
    """The condition that a column names one of these people."""
    return column.in_(people) if isinstance(people, Select) else column == any_(literal(list(people), ARRAY(Integer)))


def shown_sums(row: Any) -> dict[str, Any]:
    """A row of sums as JSON; a mean over nothing is unknown."""
    facts = {"user_id": None, "skill_id": None, **row._mapping}
    for name in ("mean_difference", "mean_size", "mean_peer_difference"):
        facts[name] = None if facts[name] is None else round(float(facts[name]), 2)
    return facts


def _seen(people: People) -> Select:
    """Each level of these people that somebody stated, as the three sides see it."""
    peers = _peers(people).subquery()
    own, above, median = UserSkill.self_level, UserSkill.manager_level, peers.c.peer_median
    return (
        select(
            UserSkill.user_id,
            UserSkill.skill_id,
            UserSkill.level,
            own,
            above,
            median,
            func.coalesce(peers.c.peer_count, 0).label("peer_count"),
            (own - above).label("difference"),
            (cast(own, Float) - median).label("peer_difference"),
        )
        .join(Skill, Skill.id == UserSkill.skill_id)
        .outerjoin(peers, and_(peers.c.user_id == UserSkill.user_id, peers.c.skill_id == UserSkill.skill_id))
        .where(is_among(UserSkill.user_id, people), UserSkill.level.is_not(None), Skill.status != "retired")
    )


def _peers(people: People) -> Select:
    latest = (
        select(Rating.user_id, Rating.skill_id, Rating.level)
        .ext(distinct_on(Rating.user_id, Rating.skill_id, Rating.rater_id))
        .where(
            is_among(Rating.user_id, people),
            Rating.source == "peer",
            Rating.retracted_at.is_(None),
            Rating.rater_id.is_not(None),
        )
        .order_by(Rating.user_id, Rating.skill_id, Rating.rater_id, Rating.effective_on.desc(), Rating.id.desc())
        .subquery()
    )
    return select(
        latest.c.user_id,
        latest.c.skill_id,
        func.percentile_cont(0.5).within_group(latest.c.level).label("peer_median"),
        func.count().label("peer_count"),
    ).group_by(latest.c.user_id, latest.c.skill_id)


def _sums(seen: Any, key: Any) -> Select:
    own, above = seen.c.self_level, seen.c.manager_level
    difference = seen.c.difference
    return select(
        key,
        func.count(difference).label("pairs"),
        func.avg(difference).label("mean_difference"),
        func.avg(func.abs(difference)).label("mean_size"),
        func.count().filter(difference > 0).label("self_higher"),
        func.count().filter(difference < 0).label("self_lower"),
        func.count().filter(difference == 0).label("equal"),
        func.count().filter(own.is_(None)).label("self_unknown"),
        func.count().filter(above.is_(None)).label("manager_unknown"),
        func.count(seen.c.peer_difference).label("peer_pairs"),
        func.avg(seen.c.peer_difference).label("mean_peer_difference"),
    ).group_by(key)


def _largest_first(found: Select, sums: Any, key: Any) -> Select:
    return found.order_by(sums.c.mean_size.desc().nulls_last(), sums.c.pairs.desc(), key)
