"""Who is below a level today and may be among the nearest, as PostgreSQL finds them.

The levels that are looked at are as many as it takes to have five people: only their confidence is reckoned.
"""

from collections import defaultdict
from collections.abc import Collection, Iterable, Sequence
from typing import Any

from sqlalchemy import func, select, true, union_all

from smartskill.extensions import db
from smartskill.planning.services.coverage.counting import Ask, PeopleOf, Scope, Trust, by_size, rated_of_few
from smartskill.planning.services.coverage.nearest import MOST_NAMED, Below
from smartskill.skills.models.levels import UserSkill
from smartskill.skills.services.holders import rated_in, table_of
from smartskill.skills.services.standing import has_weight_of_two, is_lone


def find_below(asks: Iterable[Ask], people_of: PeopleOf, trust: Trust) -> dict[int, list[Below]]:
    """By target `nearest.shortlist`: the first five by level and confidence, and their equals.

    Args:
        trust: in these skills.
    """
    few, many = by_size(asks, people_of)
    found = _below_of_few(few, trust.of_all) if few else {}
    for some, people in many:
        found |= _below_of_many(some, people, trust)
    return found


def _below_of_many(asks: Sequence[Ask], people: Collection[int], trust: Trust) -> dict[int, list[Below]]:
    wanted = table_of([(ask.skill_id, ask.level) for ask in asks])
    below = rated_in(wanted, people).where(UserSkill.level < wanted.c.level)
    highest = below.with_only_columns(UserSkill.level).order_by(UserSkill.level.desc()).limit(MOST_NAMED).subquery()
    high = below.where(UserSkill.level >= select(func.min(highest.c.level)).scalar_subquery())
    # Of most people all stands in an index: their own word is the only one.
    parts = ((is_lone(), trust.of_lone), (has_weight_of_two(), trust.of_all))
    several = [high.add_columns(UserSkill.level, sure.label("confidence")).where(which) for which, sure in parts]
    either = union_all(*several).subquery("either")
    nearest = select(either).order_by(either.c.level.desc(), either.c.confidence.desc())
    first = nearest.fetch(MOST_NAMED, with_ties=True).lateral("nearest")
    found: defaultdict[tuple[int, int], list[Below]] = defaultdict(list)
    rows = select(wanted.c.skill_id, wanted.c.level, *first.c).select_from(wanted).join(first, true())
    for skill_id, least, user_id, level, sure in db.session.execute(rows):
        found[skill_id, least].append(Below(user_id, skill_id, level, sure))
    return {ask.target_id: found[ask.skill_id, ask.level] for ask in asks}


def _below_of_few(scopes: Sequence[Scope], trust: Any) -> dict[int, list[Below]]:
    found, wanted = rated_of_few(scopes)
    order = (UserSkill.level.desc(), trust.desc())
    place = func.rank().over(partition_by=wanted.c.target_id, order_by=order)
    columns = (wanted.c.target_id, UserSkill.user_id, wanted.c.skill_id, UserSkill.level, trust.label("confidence"))
    ranked = found.with_only_columns(*columns, place.label("place")).where(UserSkill.level < wanted.c.level).subquery()
    below: dict[int, list[Below]] = {ask.target_id: [] for asks, _ in scopes for ask in asks}
    for target_id, *row, _ in db.session.execute(select(ranked).where(ranked.c.place <= MOST_NAMED)):
        below[target_id].append(Below(*row))
    return below
