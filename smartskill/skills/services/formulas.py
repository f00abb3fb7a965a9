"""From ratings to what everyone reads: effective level, confidence, staleness. Pure, and defined nowhere else.

An age in months is days ÷ 30.4375. A rating counts for its source while it is at most 2 × `review_months` old; a level
is stale when nobody has spoken for it for more than 1 × `review_months`.
"""

from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from datetime import date, timedelta
from typing import Any

from sqlalchemy import ColumnElement, Date, Float, cast, func, literal, literal_column, select

from smartskill.skills.models.catalogue import Skill
from smartskill.skills.models.levels import SOURCES, UserSkill

DAYS_PER_MONTH = 30.4375
WEIGHTS = {"assessment": 0.9, "manager": 0.8, "peer": 0.5, "self": 0.4, "import": 0.3}
WINDOW = 2  # × review_months
FRESH = 0.5  # the confidence from which a level counts as fresh


@dataclass(frozen=True, slots=True)
class Voice:
    """An unretracted rating; `id` orders those of one day, as they were given."""

    id: int
    level: int
    source: str
    rater_id: int | None
    effective_on: date

    @property
    def order(self) -> tuple[date, int]:
        """What makes a rating newer than another."""
        return self.effective_on, self.id


@dataclass(frozen=True, slots=True)
class Projection:
    """What the ratings come to on a day; None where there is none."""

    level: int | None
    self_level: int | None
    manager_level: int | None
    voices: list[list]
    last_confirmed_on: date | None
    next_change_on: date | None


def age_months(since: date, today: date) -> float:
    """How old something is; what is dated ahead (another time zone's today) has no age."""
    return max((today - since).days, 0) / DAYS_PER_MONTH


def project(ratings: Sequence[Voice], review_months: int, today: date) -> Projection:
    """The projection of a person's unretracted ratings in one skill."""
    newest = _newest_by_source(ratings)
    return Projection(
        level=effective_level(newest, review_months, today),
        self_level=newest["self"].level if "self" in newest else None,
        manager_level=newest["manager"].level if "manager" in newest else None,
        voices=[[WEIGHTS[voice.source], voice.effective_on.isoformat()] for voice in latest_of_each_rater(ratings)],
        last_confirmed_on=max((rating.effective_on for rating in ratings), default=None),
        next_change_on=_next_change(newest, review_months, today),
    )


def deciding_rating(ratings: Iterable[Voice], review_months: int, today: date) -> Voice | None:
    """The rating that the effective level is that of; None without any."""
    return _deciding(_newest_by_source(ratings), review_months, today)


def effective_level(newest: dict[str, Voice], review_months: int, today: date) -> int | None:
    """The newest of the most trusted source within the window; else the newest of any source."""
    found = _deciding(newest, review_months, today)
    return found.level if found else None


def is_within_window(since: date, review_months: int, today: date) -> bool:
    """Whether a rating of that day still counts for its source."""
    return age_months(since, today) <= WINDOW * review_months


def confidence(voices: Iterable[Sequence], review_months: int, today: date) -> float:
    """1 − Π (1 − weight · 2^(−age ÷ review_months)) over `[weight, "YYYY-MM-DD"]` of each rater; 0 without any."""
    doubt = 1.0
    for weight, day in voices:
        doubt *= 1 - weight * 2 ** (-age_months(date.fromisoformat(day), today) / review_months)
    return 1 - doubt


def is_stale(last_confirmed_on: date | None, review_months: int, today: date) -> bool:
    """Whether a level needs confirming. What was never rated has nothing to confirm."""
    return last_confirmed_on is not None and age_months(last_confirmed_on, today) > review_months


def confidence_sql(today: date, review_months: Any = None) -> ColumnElement[float]:
    """`confidence` of a `UserSkill` row, for ordering in the database.

    Args:
        review_months: what is known of it without its `Skill`, which else has to be joined.
    """
    months = cast(Skill.review_months if review_months is None else review_months, Float)
    voice = func.jsonb_array_elements(UserSkill.voices).table_valued("value").alias("voice")
    weight, day = (func.jsonb_array_element_text(voice.c.value, literal_column(place)) for place in "01")
    days = func.greatest(literal(today, Date) - cast(day, Date), 0)
    fading = func.power(literal_column("2.0::float"), -days / literal_column("30.4375::float", Float) / months)
    doubt = func.exp(func.sum(func.ln(1 - cast(weight, Float) * fading)))
    return func.coalesce(1 - select(doubt).select_from(voice).correlate(UserSkill, Skill).scalar_subquery(), 0.0)


def stale_sql(today: date) -> ColumnElement[bool]:
    """`is_stale` of a `UserSkill` row joined with its `Skill`."""
    days = literal(today, Date) - UserSkill.last_confirmed_on
    return func.coalesce(days > Skill.review_months * literal_column("30.4375"), False)


def _deciding(newest: dict[str, Voice], review_months: int, today: date) -> Voice | None:
    for source in SOURCES:
        if source in newest and is_within_window(newest[source].effective_on, review_months, today):
            return newest[source]
    return max(newest.values(), key=lambda voice: voice.order) if newest else None


def _newest_by_source(ratings: Iterable[Voice]) -> dict[str, Voice]:
    newest: dict[str, Voice] = {}
    for rating in sorted(ratings, key=lambda voice: voice.order):
        newest[rating.source] = rating
    return newest


def latest_of_each_rater(ratings: Iterable[Voice]) -> list[Voice]:
    """Ratings without a rater (imported ones, and those of people who were erased) count as one rater per source."""
    latest: dict[object, Voice] = {}
    for rating in sorted(ratings, key=lambda voice: voice.order):
        latest[rating.rater_id if rating.rater_id is not None else rating.source] = rating
    return sorted(latest.values(), key=lambda voice: voice.order)


def _next_change(newest: dict[str, Voice], review_months: int, today: date) -> date | None:
    """The first day on which another rating decides the level, because the window of a more trusted one has passed."""
    level = effective_level(newest, review_months, today)
    ahead = timedelta(days=int(WINDOW * review_months * DAYS_PER_MONTH) + 1)
    days = sorted({voice.effective_on + ahead for voice in newest.values()})
    return next((day for day in days if day > today and effective_level(newest, review_months, day) != level), None)
