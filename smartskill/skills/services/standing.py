"""Levels of many people in many skills on any day: today's from the projection, another day's from the ratings.

A day's answer is what the ratings that held by that day come to; a rating that was taken back never held. So a past
answer changes only where somebody states or takes back something about that past.
"""

from collections import defaultdict
from collections.abc import Sequence
from datetime import date
from typing import Any, NamedTuple

from sqlalchemy import (
    BigInteger,
    ColumnElement,
    Date,
    Float,
    Integer,
    Select,
    and_,
    case,
    cast,
    func,
    literal,
    literal_column,
    select,
)
from sqlalchemy.dialects.postgresql import JSONB

from smartskill.extensions import db
from smartskill.kit.arrays import is_one_of
from smartskill.skills.models.catalogue import Skill
from smartskill.skills.models.levels import SOURCES, Rating, UserSkill
from smartskill.skills.services.formulas import (
    DAYS_PER_MONTH,
    FRESH,
    WEIGHTS,
    WINDOW,
    confidence,
    confidence_sql,
)
from smartskill.skills.services.projection import today

MONTH: ColumnElement[float] = literal_column(f"{DAYS_PER_MONTH}::float", Float)
EARLIEST = date(1900, 1, 1)
HALF: ColumnElement[float] = literal_column("0.5::float", Float)
# A rating as one number, the most trusted and newest being the highest: source, days since EARLIEST, id, level.
LEVEL_BITS, BIT_ID, BIT_DAY, BIT_SOURCE = 7, 1 << 3, 1 << 34, 1 << 51


class Standing(NamedTuple):
    """A person's level in a skill on a day; who has none has no row, which is not a level of zero."""

    user_id: int
    skill_id: int
    level: int
    confidence: float  # 0–1
    last_confirmed_on: date

    @property
    def is_fresh(self) -> bool:
        """Whether the level is trusted enough to be relied on."""
        return self.confidence >= FRESH


def levels_on(
    day: date, people: Select | Sequence[int], skill_ids: Select | Sequence[int] | None = None
) -> list[Standing]:
    """The levels that these people have on a day, hidden ones too: ask policy first whose you may show.

    Args:
        people: ids, or a select of them.
        skill_ids: only these skills; None for all.
    """
    return _present(people, skill_ids) if day == today() else _at(day, people, skill_ids)


def _present(people: Select | Sequence[int], skill_ids: Select | Sequence[int] | None) -> list[Standing]:
    found = (
        select(
            UserSkill.user_id,
            UserSkill.skill_id,
            UserSkill.level,
            UserSkill.voices,
            UserSkill.last_confirmed_on,
            Skill.review_months,
        )
        .join(Skill, Skill.id == UserSkill.skill_id)
        .where(UserSkill.user_id.in_(people), UserSkill.level.is_not(None))
    )
    if skill_ids is not None:
        found = found.where(UserSkill.skill_id.in_(skill_ids))
    day = today()
    return [
        Standing(user_id, skill_id, level, confidence(voices, months, day), confirmed_on)
        for user_id, skill_id, level, voices, confirmed_on, months in db.session.execute(found)
    ]


def _at(day: date, people: Select | Sequence[int], skill_ids: Select | Sequence[int] | None) -> list[Standing]:
    return [Standing(*row) for row in db.session.execute(search_past(day, people, skill_ids))]


def search_standing(
    day: date, people: Select | Sequence[int], skill_ids: Select | Sequence[int] | None = None
) -> Select:
    """`levels_on` as a select: `user_id`, `skill_id`, `level`, `confidence`, `last_confirmed_on`, in no order."""
    return _search_present(people, skill_ids) if day == today() else search_past(day, people, skill_ids)


def only_sure(found: Select, min_confidence: float | None) -> Select:
    """Of a `search_standing` the levels that are at least as sure as that; all of them for None."""
    if min_confidence is None:
        return found
    levels = found.subquery("known")
    return select(*levels.c).where(levels.c.confidence >= min_confidence)


class Group(NamedTuple):
    """The people who have a skill, each with level and confidence at the same place of the three lists."""

    skill_id: int
    user_ids: list[int]
    levels: list[int]
    confidences: list[float]


def groups_on(day: date, people: Select | Sequence[int], skill_ids: Sequence[int]) -> list[Group]:
    """`levels_on` by skill, for very many levels: a row for each would take longer to make than to find."""
    found = search_standing(day, people, skill_ids).subquery("levels")
    lists = [func.array_agg(column) for column in (found.c.user_id, found.c.level, found.c.confidence)]
    rows = db.session.execute(select(found.c.skill_id, *lists).group_by(found.c.skill_id))
    return [Group(*row) for row in rows]


def trust_sql(day: date, review_months: Any) -> ColumnElement[float]:
    """`formulas.confidence_sql`, for whole matrices: one or two raters, as most levels have, are reckoned in place.

    A single rater's weight is `weight`, their day `last_confirmed_on`: the JSON is only counted.
    """
    months = MONTH * cast(review_months, Float)
    both = [_weight(place) * _fading(_age(day, _day(place)), months) for place in (0, 1)]
    raters = func.jsonb_array_length(UserSkill.voices)
    two = 1 - (1 - both[0]) * (1 - both[1])
    lone = lone_trust_sql(day, review_months)
    return case((is_lone(), lone), (raters == 1, lone), (raters == 2, two), else_=confidence_sql(day, review_months))


def is_lone() -> ColumnElement[bool]:
    """Whether a level weighs too little to have two raters, which needs no look at them. Not all with one are found."""
    return and_(UserSkill.weight > literal_column("0"), ~has_weight_of_two())


def has_weight_of_two() -> ColumnElement[bool]:
    """Whether a level weighs as much as two raters do at least."""
    return UserSkill.weight >= literal_column(f"{2 * min(WEIGHTS.values())}", Float)


def lone_trust_sql(day: date, review_months: Any) -> ColumnElement[float]:
    """`trust_sql` of a level with one rater; of any other it is a bound. All of it stands in an index."""
    months = MONTH * cast(review_months, Float)
    return UserSkill.weight * _fading(_age(day, UserSkill.last_confirmed_on), months)


def _voice(place: int) -> ColumnElement:
    return func.jsonb_array_element(UserSkill.voices, literal_column(str(place)), type_=JSONB)


def _weight(place: int) -> ColumnElement[float]:
    return cast(func.jsonb_array_element(_voice(place), literal_column("0"), type_=JSONB), Float)


def _day(place: int) -> ColumnElement[date]:
    return cast(func.jsonb_array_element_text(_voice(place), literal_column("1")), Date)


def _age(day: date, since: Any) -> ColumnElement[float]:
    return cast(func.greatest(literal(day, Date) - since, 0), Float)


def _fading(age: Any, months: Any) -> ColumnElement[float]:
    """What is left of a rating of some age in a skill that is reviewed after so many months; both in days."""
    return func.power(HALF, age / months)


def _search_present(people: Select | Sequence[int], skill_ids: Select | Sequence[int] | None) -> Select:
    is_listed = _is_listed(skill_ids)
    months = review_months_of(skill_ids) if is_listed else Skill.review_months  # type: ignore[arg-type]
    found = select(
        UserSkill.user_id,
        UserSkill.skill_id,
        UserSkill.level,
        trust_sql(today(), months).label("confidence"),
        UserSkill.last_confirmed_on,
    ).where(is_among(UserSkill.user_id, people), UserSkill.level.is_not(None))
    if not is_listed:
        found = found.join(Skill, Skill.id == UserSkill.skill_id)
    return found if skill_ids is None else found.where(is_among(UserSkill.skill_id, skill_ids))


def _is_listed(skill_ids: Select | Sequence[int] | None) -> bool:
    return skill_ids is not None and not isinstance(skill_ids, Select)


def review_months_of(skill_ids: Sequence[int], key: Any = UserSkill.skill_id) -> ColumnElement[int]:
    """The `review_months` of a row in one of these skills: mostly one for all, which spares a join.

    Args:
        key: the column that holds the row's skill.
    """
    skills: defaultdict[int, list[int]] = defaultdict(list)
    for months, skill_id in db.session.execute(select(Skill.review_months, Skill.id).where(Skill.id.in_(skill_ids))):
        skills[months].append(skill_id)
    common = max(skills, key=lambda months: len(skills[months]), default=1)
    rest = [(is_among(key, ids), months) for months, ids in skills.items() if months != common]
    return case(*rest, else_=common) if rest else literal(common)


def search_past(day: date, people: Select | Sequence[int], skill_ids: Select | Sequence[int] | None) -> Select:
    """`search_standing` from the ratings, projected in one pass as `formulas.project` and `confidence` do it.

    What decides a level is packed into one number whose highest is wanted: source, day, id, and the level itself.
    """
    said = _said(day, people, skill_ids).subquery("said")
    newest = (said.c.effective_on - literal(EARLIEST, Date)) * BIT_DAY + said.c.id * BIT_ID + said.c.level
    trusted = said.c.trust * BIT_SOURCE + newest
    in_window = said.c.age <= WINDOW * MONTH * said.c.review_months
    level = func.coalesce(func.max(trusted).filter(in_window), func.max(newest)).op("&")(LEVEL_BITS)
    fading = _fading(said.c.age, MONTH * cast(said.c.review_months, Float))
    doubt = func.exp(func.sum(func.ln(1 - said.c.weight * fading)).filter(said.c.place == 1))
    return select(
        said.c.user_id,
        said.c.skill_id,
        cast(level, Integer).label("level"),
        (1 - doubt).label("confidence"),
        func.max(said.c.effective_on).label("last_confirmed_on"),
    ).group_by(said.c.user_id, said.c.skill_id)


def _said(day: date, people: Select | Sequence[int], skill_ids: Select | Sequence[int] | None) -> Select:
    """Every rating that counts on a day, with its source's trust and weight; `place` 1 is the latest of its rater."""
    trust = case({source: rank for rank, source in enumerate(reversed(SOURCES))}, value=Rating.source)
    weight = case(
        {source: literal_column(f"{weight}::float", Float) for source, weight in WEIGHTS.items()}, value=Rating.source
    )
    rater = func.coalesce(Rating.rater_id, -trust - 1)  # without one: a rater for each source
    is_listed = _is_listed(skill_ids)
    months = review_months_of(skill_ids, Rating.skill_id) if is_listed else Skill.review_months  # type: ignore[arg-type]
    latest = func.row_number().over(
        partition_by=(Rating.user_id, Rating.skill_id, rater), order_by=(Rating.effective_on.desc(), Rating.id.desc())
    )
    found = select(
        Rating.user_id,
        Rating.skill_id,
        Rating.level,
        cast(Rating.id, BigInteger).label("id"),
        Rating.effective_on,
        months.label("review_months"),
        cast(trust, BigInteger).label("trust"),
        weight.label("weight"),
        cast(literal(day, Date) - Rating.effective_on, Float).label("age"),
        latest.label("place"),
    ).where(is_among(Rating.user_id, people), Rating.effective_on <= day, Rating.retracted_at.is_(None))
    if not is_listed:
        found = found.join(Skill, Skill.id == Rating.skill_id)
    return found if skill_ids is None else found.where(is_among(Rating.skill_id, skill_ids))


def is_among(column: Any, ids: Select | Sequence[int]) -> ColumnElement[bool]:
    return column.in_(ids) if isinstance(ids, Select) else is_one_of(column, ids)
