"""How strict or mild raters are, beside the others who rated the same person in the same skill.

Only managers' and peers' latest words are compared: what people say of themselves is another question, and what has no
rater has no severity. A deviation is a rater's level − the mean of the others' of that person and skill; severity is
its mean. Deviations about one person are not independent, so the interval takes people, not levels, as the draws
(cluster-robust, Student's t with people − 1 degrees of freedom).

It is said only of those with at least 10 such levels over 5 people and beside 3 other raters. It is not shrunk towards
the mean of all raters: what HR may ask a person about must be a number that can be worked out from that person's own
ratings, and no level is ever corrected by it. How little is known, the interval says; of 20 raters who are alike, one
interval misses 0 by chance. Endorsements at the level that was there already pull towards 0.
"""

import math
from statistics import NormalDist
from typing import Any

from sqlalchemy import Select, and_, case, cast, func, or_, select
from sqlalchemy.dialects.postgresql import distinct_on
from sqlalchemy.types import Float

from smartskill.skills.models.levels import Rating
from smartskill.user.models import User

LEAST_PAIRS, LEAST_PEOPLE, LEAST_OTHERS = 10, 5, 3
LEVEL = 0.95


def search_raters() -> Select:
    """All who rated somebody whom another rated too: those of whom enough is known first, the strictest first; rows."""
    said = _latest_words().subquery()
    people = _by_person(said).subquery()
    others = _others(said).subquery()
    pairs, n = func.sum(people.c.pairs), func.sum(people.c.pairs).label("pair_count")
    sums = (
        select(
            people.c.rater_id,
            n,
            func.count().label("people_count"),
            (func.sum(people.c.total) / pairs).label("mean_deviation"),
            func.sum(people.c.total * people.c.total).label("totals_squared"),
            func.sum(people.c.total * people.c.pairs).label("totals_by_pairs"),
            func.sum(people.c.pairs * people.c.pairs).label("pairs_squared"),
        )
        .group_by(people.c.rater_id)
        .subquery()
    )
    is_enough = and_(
        sums.c.pair_count >= LEAST_PAIRS,
        sums.c.people_count >= LEAST_PEOPLE,
        others.c.other_count >= LEAST_OTHERS,
    )
    return (
        select(sums, others.c.other_count, is_enough.label("is_enough"), User.full_name.label("rater_name"))
        .join(others, others.c.rater_id == sums.c.rater_id)
        .join(User, User.id == sums.c.rater_id)
        .order_by(is_enough.desc(), case((is_enough, sums.c.mean_deviation)), sums.c.rater_id)
    )


def shown_rater(row: Any) -> dict[str, Any]:
    """A row as JSON; without enough to go by, counts only."""
    facts = {
        "rater_id": row.rater_id,
        "rater_name": row.rater_name,
        "pair_count": int(row.pair_count),
        "people_count": row.people_count,
        "other_count": row.other_count,
        "state": "reported" if row.is_enough else "not enough",
        "mean_deviation": None,
        "interval": None,
    }
    if row.is_enough:
        mean = float(row.mean_deviation)
        half = _half_width(row, mean)
        facts |= {"mean_deviation": round(mean, 3), "interval": [round(mean - half, 3), round(mean + half, 3)]}
    return facts


def t_quantile(degrees: int, level: float = LEVEL) -> float:
    """The two-sided quantile of Student's t, by Abramowitz & Stegun 26.7.5: right to 0.004 from 4 degrees on."""
    z = NormalDist().inv_cdf((1 + level) / 2)
    terms = (
        (z**3 + z) / 4,
        (5 * z**5 + 16 * z**3 + 3 * z) / 96,
        (3 * z**7 + 19 * z**5 + 17 * z**3 - 15 * z) / 384,
        (79 * z**9 + 776 * z**7 + 1482 * z**5 - 1920 * z**3 - 945 * z) / 92_160,
    )
    return z + sum(term / degrees**power for power, term in enumerate(terms, 1))


def _half_width(row: Any, mean: float) -> float:
    """Of the interval: t · √(g ÷ (g − 1) · Σ (total − pairs · mean)²) ÷ n, over g people."""
    people = row.people_count
    spread = float(row.totals_squared) - 2 * mean * float(row.totals_by_pairs) + mean**2 * float(row.pairs_squared)
    deviation = math.sqrt(max(spread, 0.0) * people / (people - 1)) / float(row.pair_count)
    return t_quantile(people - 1) * deviation


def _latest_words() -> Select:
    """Each rater's latest level of each person and skill; those without a rater and of oneself left out."""
    is_other = and_(Rating.rater_id.is_not(None), Rating.rater_id != Rating.user_id)
    return (
        select(Rating.user_id, Rating.skill_id, Rating.rater_id, Rating.level)
        .ext(distinct_on(Rating.user_id, Rating.skill_id, Rating.rater_id))
        .where(or_(Rating.source == "manager", Rating.source == "peer"), Rating.retracted_at.is_(None), is_other)
        .order_by(Rating.user_id, Rating.skill_id, Rating.rater_id, Rating.effective_on.desc(), Rating.id.desc())
    )


def _by_person(said: Any) -> Select:
    """Per rater and person: over how many levels, and the sum of the deviations from the others' means."""
    place = (said.c.user_id, said.c.skill_id)
    count, total = func.count().over(partition_by=place), func.sum(said.c.level).over(partition_by=place)
    beside = select(said.c.rater_id, said.c.user_id, said.c.level, count.label("n"), total.label("all")).subquery()
    others = cast(beside.c["all"] - beside.c.level, Float) / (beside.c.n - 1)
    return (
        select(
            beside.c.rater_id,
            beside.c.user_id,
            func.count().label("pairs"),
            func.sum(beside.c.level - others).label("total"),
        )
        .where(beside.c.n > 1)
        .group_by(beside.c.rater_id, beside.c.user_id)
    )


def _others(said: Any) -> Select:
    """Per rater: how many others rated something that they rated too."""
    other = said.alias("other")
    is_beside = and_(
        other.c.user_id == said.c.user_id, other.c.skill_id == said.c.skill_id, other.c.rater_id != said.c.rater_id
    )
    counted = func.count(other.c.rater_id.distinct()).label("other_count")
    return select(said.c.rater_id, counted).join(other, is_beside).group_by(said.c.rater_id)
