"""What meeting a need is worth on a day, exactly and at most.

    a need  = 0.4 · level ÷ 5 + 0.3 · confidence + 0.2 · recency + 0.1 · interest ÷ 5
    a text  = 0.5 + 0.5 · rank of the best experience

Recency is 2^(−age of the last confirmation ÷ `review_months`). An interest that nobody stated counts as the middle,
2.5: it is not known, which is not none. Confidence decides between levels of the same height; it weighs less than the
level, so that an old expert stays before a fresh beginner. It alone has to be reckoned from every rater's word; all
else stands in an index, and with it what the raters weigh together, which bounds it: 1 - Π(1 - w·f) ≤ f·Σw, where f is
what the age of the latest word leaves. With one rater that is no bound but the confidence itself.
"""

from datetime import date
from functools import lru_cache

from sqlalchemy import ColumnElement, Date, Float, cast, func, literal, literal_column

from smartskill.skills.models.catalogue import Skill
from smartskill.skills.models.levels import UserSkill
from smartskill.skills.services.formulas import DAYS_PER_MONTH
from smartskill.skills.services.standing import trust_sql

LEVEL, CONFIDENCE, RECENCY, INTEREST = 0.4, 0.3, 0.2, 0.1
UNKNOWN_INTEREST = 2.5
TEXT_BASE = 0.5


@lru_cache(maxsize=2)
def worth(day: date) -> ColumnElement[float]:
    """Of a `UserSkill` row joined with its `Skill`. The same expression all day, so it is put together once."""
    return _known(day) + _number(CONFIDENCE) * trust_sql(day, Skill.review_months)


@lru_cache(maxsize=2)
def most_worth(day: date) -> ColumnElement[float]:
    """No row is worth more than this of it."""
    return _known(day) + _number(CONFIDENCE) * func.least(_number(1.0), UserSkill.weight * _recency(day))


def _recency(day: date) -> ColumnElement[float]:
    months = cast(func.greatest(literal(day, Date) - UserSkill.last_confirmed_on, 0), Float) / _number(DAYS_PER_MONTH)
    return func.power(_number(2.0), -months / cast(Skill.review_months, Float))


def _known(day: date) -> ColumnElement[float]:
    interest = func.coalesce(cast(UserSkill.interest, Float), _number(UNKNOWN_INTEREST))
    return _number(LEVEL / 5) * UserSkill.level + _number(RECENCY) * _recency(day) + _number(INTEREST / 5) * interest


def _number(value: float) -> ColumnElement[float]:
    return literal_column(f"{value}::float", Float)
