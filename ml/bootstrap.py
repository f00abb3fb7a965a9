"""Intervals that respect that rows of one person are not independent.

Whole people are drawn with replacement, not rows. A draw is expressed as a weight per row, so that a statistic sorts
its rows once and is then evaluated many times.
"""

from collections.abc import Callable
from dataclasses import dataclass

import numpy as np

REPLICATES = 500
LEVEL = 0.95


@dataclass(frozen=True)
class Interval:
    """A figure and the bounds of its 95 % interval; NaN where it is not defined."""

    value: float
    low: float
    high: float


def user_bootstrap(
    statistic: Callable[[np.ndarray], float], user_ids: np.ndarray, seed: int, replicates: int = REPLICATES
) -> Interval:
    """Return a statistic with its percentile interval over resampled users (Efron, 1979).

    Parameters
    ----------
    statistic : callable
        Takes a float array of row weights, shape (n,), and returns a number; NaN is left out of the interval.
    user_ids : int64 array, shape (n,)
    seed : int
    replicates : int

    Returns
    -------
    Interval
    """
    people, row_person = np.unique(user_ids, return_inverse=True)
    value = float(statistic(np.ones(row_person.size)))
    rng = np.random.default_rng(seed)
    draws = np.array(
        [
            statistic(np.bincount(rng.integers(people.size, size=people.size), minlength=people.size)[row_person])
            for _ in range(replicates)
        ],
        dtype=np.float64,
    )
    draws = draws[~np.isnan(draws)]
    if not draws.size:
        return Interval(value, np.nan, np.nan)
    low, high = np.quantile(draws, [(1 - LEVEL) / 2, (1 + LEVEL) / 2])
    return Interval(value, float(low), float(high))
