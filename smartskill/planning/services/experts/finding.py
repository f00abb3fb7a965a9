"""Who is an expert, the best first, among what the asker may see.

The score is the mean over the needs (and the text, which counts as one) of what `scoring` says, from 0 to 1; where any
need will do, one that is not met counts 0.

A page does not need everybody's score. What each is worth at most is quickly read; whoever is worth at most less than
the last of as many good ones as the page goes down to, is not on it, and is counted only.
"""

from typing import Any

from sqlalchemy import (
    ARRAY,
    CTE,
    ColumnElement,
    Float,
    Integer,
    Select,
    and_,
    any_,
    cast,
    func,
    literal,
    select,
    union_all,
)
from sqlalchemy.dialects.postgresql import array

from smartskill.planning.services.experts.conditions import Conditions, Need
from smartskill.planning.services.experts.scoring import TEXT_BASE, most_worth, worth
from smartskill.planning.services.experts.sight import Sight
from smartskill.planning.services.full_text.search import search_hits
from smartskill.skills.models.catalogue import Skill
from smartskill.skills.models.levels import UserSkill
from smartskill.skills.services.projection import today
from smartskill.user.models import User
from smartskill.user.services.organisation import members_of

LIKELY = 4  # times as many as wanted, with the best bounds: the true scores of these tell which bounds are too low
ROUNDING = 1e-9  # sums of floats differ in the last digits by their order


def search_experts(conditions: Conditions, sight: Sight, first: Any = None) -> Select:
    """Rows of who meets the conditions: `user_id`, `full_name`, `title`, `team_id`, `score`, the `total` of them all.

    Args:
        first: only so many of the best (a number or a parameter) have to be there; some of the others are left out.
    """
    hits = _hits(conditions, sight)
    met = _met(conditions, sight, most_worth(today()), hits)
    near = _together(conditions, met, lambda user_id: belongs(conditions, sight, user_id)).cte("near")
    scored = _scored(conditions, sight, near, hits, first).subquery("scored")
    total = select(func.count()).select_from(near).scalar_subquery()
    return (
        select(User.id.label("user_id"), User.full_name, User.title, User.team_id, scored.c.score, total.label("total"))
        .join(scored, scored.c.user_id == User.id)
        .order_by(scored.c.score.desc(), User.full_name, User.id)
    )


def search_expert_ids(conditions: Conditions, sight: Sight) -> Select:
    """The ids alone, in no order."""
    met = _met(conditions, sight, literal(0.0, Float), _hits(conditions, sight))
    found = _together(conditions, met, lambda user_id: []).subquery("met")
    return select(User.id).where(
        User.id.in_(select(found.c.user_id)), User.is_active, *_outside(conditions, sight, User.id)
    )


def belongs(conditions: Conditions, sight: Sight, user_id: Any) -> list[ColumnElement[bool]]:
    """The conditions on the person: here, of the team, and without what nobody may have."""
    gone = select(User.id).where(User.id == user_id, ~User.is_active).exists()
    return [~gone, *_outside(conditions, sight, user_id)]


def _outside(conditions: Conditions, sight: Sight, user_id: Any) -> list[ColumnElement[bool]]:
    """A level that the searcher may not see counts as none: whom a search leaves out would tell of it."""
    found = [user_id.not_in(holders(need, sight)) for need in conditions.without]
    return found if conditions.team_id is None else [of_team(conditions.team_id, user_id), *found]


def of_team(team_id: int, user_id: Any = User.id) -> ColumnElement[bool]:
    """Whether somebody is in a team or in one below it, today."""
    return user_id.in_(members_of(team_id))


def holders(need: Need, sight: Sight) -> Select:
    """The ids of those who meet a need, as far as the searcher may see."""
    found = select(UserSkill.user_id).where(
        UserSkill.skill_id == need.skill_id, UserSkill.level >= need.min_level, sight.levels
    )
    return found if need.min_interest is None else found.where(UserSkill.interest >= need.min_interest)


def _scored(conditions: Conditions, sight: Sight, near: CTE, hits: CTE | None, first: Any) -> Select:
    """`user_id` and `score` of those who are among the first, and of all who are as good as the last of these."""
    scored = select(near.c.user_id, near.c.score)
    if conditions.needs:
        chosen = select(near.c.user_id)
        if first is not None:
            likely = select(near.c.user_id).order_by(near.c.score.desc()).limit(LIKELY * first)
            sure = _exact(conditions, sight, likely, hits).subquery("sure").c.score
            least = select(sure).order_by(sure.desc()).offset(first - 1).limit(1).scalar_subquery()
            chosen = chosen.where(near.c.score >= func.coalesce(least, 0.0) - ROUNDING)
        scored = _exact(conditions, sight, chosen, hits)
    if first is None:
        return scored
    every = scored.subquery("every")
    return select(every).order_by(every.c.score.desc()).fetch(first, with_ties=True)


def _exact(conditions: Conditions, sight: Sight, among: Select, hits: CTE | None) -> Select:
    """`user_id` and `score` of some who meet the conditions. As an array, so that the planner looks each of them up."""
    ids = func.array(among.scalar_subquery(), type_=ARRAY(Integer))
    met = _met(conditions, sight, worth(today()), hits)
    return _together(conditions, met, lambda user_id: [user_id == any_(ids)])


def _together(conditions: Conditions, met: Any, only: Any) -> Select:
    """`user_id` and `score` of the people who pass `only`, from what they met."""
    part = met.subquery("met")
    chosen = select(part.c.user_id).where(*only(part.c.user_id))
    if conditions.parts == 1:
        return chosen.add_columns(part.c.part.label("score"))
    score = func.sum(part.c.part) / literal(float(conditions.parts))
    found = chosen.add_columns(score.label("score")).group_by(part.c.user_id)
    return found if conditions.is_any else found.having(func.count() == conditions.parts)


def _met(conditions: Conditions, sight: Sight, value: ColumnElement[float], hits: CTE | None) -> Any:
    """A row for each need that somebody meets, with what that is worth, and for the text."""
    parts = [_of_needs(conditions.needs, sight, value)] if conditions.needs else []
    if hits is not None:
        parts.append(select(hits.c.user_id, hits.c.part))
    return parts[0] if len(parts) == 1 else union_all(*parts)


def _hits(conditions: Conditions, sight: Sight) -> CTE | None:
    if conditions.words is None:
        return None
    among = _candidates(conditions.needs) if conditions.needs and not conditions.is_any else None
    hits = search_hits(conditions.words, sight, among).subquery("found")
    return select(hits.c.user_id, (TEXT_BASE + (1 - TEXT_BASE) * hits.c.rank).label("part")).cte("hits")


def _of_needs(needs: tuple[Need, ...], sight: Sight, value: ColumnElement[float]) -> Select:
    """Several needs are rows, so that the statement grows little with their number."""
    found = select(UserSkill.user_id, value.label("part")).join(Skill, Skill.id == UserSkill.skill_id)
    found = found.where(sight.levels)
    if len(needs) == 1:
        need = needs[0]
        found = found.where(UserSkill.skill_id == need.skill_id, UserSkill.level >= need.min_level)
        return found if need.min_interest is None else found.where(UserSkill.interest >= need.min_interest)
    wanted = _as_rows(needs)
    is_met = and_(UserSkill.skill_id == wanted.c.skill_id, UserSkill.level >= wanted.c.min_level)
    return found.join(wanted, is_met).where(func.coalesce(UserSkill.interest, -1) >= wanted.c.min_interest)


def _candidates(needs: tuple[Need, ...]) -> Select:
    """Who may meet all needs, by the index alone: texts are read of them only."""
    wanted = _as_rows(needs)
    many = (
        select(UserSkill.user_id)
        .select_from(wanted)
        .join(UserSkill, and_(UserSkill.skill_id == wanted.c.skill_id, UserSkill.level >= wanted.c.min_level))
        .group_by(UserSkill.user_id)
        .having(func.count() == len(needs))
    )
    return select(many.cte().c.user_id)


def _as_rows(needs: tuple[Need, ...]) -> Any:
    columns: tuple[list[Any], ...] = (
        [need.skill_id for need in needs],
        [need.min_level for need in needs],
        [-1 if need.min_interest is None else need.min_interest for need in needs],
    )
    arrays = (cast(array(column), ARRAY(Integer)) for column in columns)
    return func.unnest(*arrays).table_valued("skill_id", "min_level", "min_interest", name="wanted").render_derived()
