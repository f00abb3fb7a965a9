"""Who is an expert, the best first, among what the asker may see.

The score is the mean over the needs (and the text, which counts as one), from 0 to 1:

    a need  = 0.4 · level ÷ 5 + 0.3 · confidence + 0.2 · recency + 0.1 · interest ÷ 5
    a text  = 0.5 + 0.5 · rank of the best experience

Recency is 2^(−age of the last confirmation ÷ `review_months`). An interest that nobody stated counts as the middle,
2.5: it is not known, which is not none. Where any need will do, one that is not met counts 0. Confidence decides
between levels of the same height; it weighs less than the level, so that an old expert stays before a fresh beginner.
"""

from datetime import date
from functools import lru_cache
from typing import Any

from sqlalchemy import (
    ARRAY,
    ColumnElement,
    CompoundSelect,
    Date,
    Float,
    Integer,
    Select,
    and_,
    cast,
    func,
    literal,
    literal_column,
    select,
    union_all,
)

from smartskill.extensions import db
from smartskill.kit.pagination import describe
from smartskill.planning.services.experts.conditions import Conditions, Need
from smartskill.planning.services.experts.sight import Sight
from smartskill.planning.services.full_text.search import search_hits
from smartskill.skills.models import Skill, UserSkill
from smartskill.skills.services.formulas import DAYS_PER_MONTH, confidence_sql
from smartskill.skills.services.projection import today
from smartskill.user.models import User
from smartskill.user.services.organisation import members_of

LEVEL, CONFIDENCE, RECENCY, INTEREST = 0.4, 0.3, 0.2, 0.1
UNKNOWN_INTEREST = 2.5
TEXT_BASE = 0.5


def search_experts(conditions: Conditions, sight: Sight) -> Select:
    """Rows of who meets the conditions: `user_id`, `full_name`, `title`, `team_id`, `score`; the best first."""
    met = _met(conditions, sight, today()).subquery("met")
    score = func.sum(met.c.part) / literal(float(conditions.parts))
    scored = _of_all(conditions, select(met.c.user_id, score.label("score")).group_by(met.c.user_id)).subquery("scored")
    return (
        select(User.id.label("user_id"), User.full_name, User.title, User.team_id, scored.c.score)
        .join(scored, scored.c.user_id == User.id)
        .where(*belongs(conditions, sight))
        .order_by(scored.c.score.desc(), User.full_name, User.id)
    )


def search_expert_ids(conditions: Conditions, sight: Sight) -> Select:
    """The ids alone, in no order."""
    met = _met(conditions, sight, None).subquery("met")
    found = _of_all(conditions, select(met.c.user_id).group_by(met.c.user_id))
    return select(User.id).where(User.id.in_(found), *belongs(conditions, sight))


def find_page(conditions: Conditions, sight: Sight, page: int, size: int) -> tuple[list, dict[str, str], int]:
    """A page of experts with its headers and the total. Ranking looked at all: to count again would double the work."""
    found = search_experts(conditions, sight)
    rows = list(
        db.session.execute(found.add_columns(func.count().over().label("total")).limit(size).offset((page - 1) * size))
    )
    if rows or page == 1:
        total = rows[0].total if rows else 0
    else:
        total = db.session.scalar(select(func.count()).select_from(found.order_by(None).subquery())) or 0
    return rows, {"X-Pagination": describe(total, page, size)}, total


def belongs(conditions: Conditions, sight: Sight) -> list[ColumnElement[bool]]:
    """The conditions on the person: here, of the team, and without what nobody may have.

    A level that the searcher may not see counts as none: whom a search leaves out would tell of it.
    """
    found: list[ColumnElement[bool]] = [User.is_active.is_(True)]
    if conditions.team_id is not None:
        found.append(of_team(conditions.team_id))
    return found + [User.id.not_in(holders(need, sight)) for need in conditions.without]


def of_team(team_id: int) -> ColumnElement[bool]:
    """Whether somebody is in a team or in one below it, today."""
    return User.id.in_(members_of(team_id))


def holders(need: Need, sight: Sight) -> Select:
    """The ids of those who meet a need, as far as the searcher may see."""
    found = select(UserSkill.user_id).where(
        UserSkill.skill_id == need.skill_id, UserSkill.level >= need.min_level, sight.levels
    )
    return found if need.min_interest is None else found.where(UserSkill.interest >= need.min_interest)


def _of_all(conditions: Conditions, found: Select) -> Select:
    return found if conditions.is_any else found.having(func.count() == conditions.parts)


def _met(conditions: Conditions, sight: Sight, day: date | None) -> Select | CompoundSelect:
    """For each need and the text, whoever meets it, with what that is worth; without a day, not what it is worth."""
    parts: list[Select] = []
    if conditions.needs:
        parts.append(_met_needs(conditions, sight, day))
    if conditions.words is not None:
        among = _candidates(conditions.needs) if conditions.needs and not conditions.is_any else None
        hits = search_hits(conditions.words, sight, among).subquery("hits")
        parts.append(select(hits.c.user_id, (TEXT_BASE + (1 - TEXT_BASE) * hits.c.rank).label("part")))
    return parts[0] if len(parts) == 1 else union_all(*parts)


def _met_needs(conditions: Conditions, sight: Sight, day: date | None) -> Select:
    """The needs as rows, so that the statement is the same for any number of them, and compiled once."""
    wanted = _as_rows(conditions.needs)
    found = (
        select(UserSkill.user_id, (literal_column("0") if day is None else _worth(day)).label("part"))
        .select_from(wanted)
        .join(UserSkill, and_(UserSkill.skill_id == wanted.c.skill_id, UserSkill.level >= wanted.c.min_level))
        .join(Skill, Skill.id == UserSkill.skill_id)
        .where(sight.levels, func.coalesce(UserSkill.interest, -1) >= wanted.c.min_interest)
    )
    if len(conditions.needs) == 1 or conditions.is_any:
        return found
    return found.where(UserSkill.user_id.in_(_candidates(conditions.needs)))


def _candidates(needs: tuple[Need, ...]) -> Select:
    """Who may meet all needs, by the index alone: what a level is worth is computed for them only."""
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
    columns = (
        [need.skill_id for need in needs],
        [need.min_level for need in needs],
        [-1 if need.min_interest is None else need.min_interest for need in needs],
    )
    arrays = (literal(column, ARRAY(Integer)) for column in columns)
    return func.unnest(*arrays).table_valued("skill_id", "min_level", "min_interest", name="wanted").render_derived()


@lru_cache(maxsize=2)
def _worth(day: date) -> ColumnElement[float]:
    """What meeting a need is worth on a day: the same expression all day, so it is put together once."""
    days = func.greatest(literal(day, Date) - UserSkill.last_confirmed_on, 0)
    months = cast(days, Float) / literal_column(f"{DAYS_PER_MONTH}::float", Float)
    recency = func.power(literal_column("2.0::float", Float), -months / cast(Skill.review_months, Float))
    return (
        literal_column(f"{LEVEL / 5}::float", Float) * UserSkill.level
        + literal_column(f"{CONFIDENCE}::float", Float) * confidence_sql(day)
        + literal_column(f"{RECENCY}::float", Float) * recency
        + literal_column(f"{INTEREST / 5}::float", Float)
        * func.coalesce(cast(UserSkill.interest, Float), literal_column(f"{UNKNOWN_INTEREST}::float", Float))
    )
