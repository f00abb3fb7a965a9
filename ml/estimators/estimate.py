"""An estimate with its interval, from influence values that are summed per person first.

A person's decisions are not independent; treating them as if they were would promise more than is known.
"""

from dataclasses import dataclass

import numpy as np

from ml.bootstrap import Interval
from ml.estimators.student import t_quantile

LEVEL = 0.95
MEAN_WEIGHT_TOLERANCE = 0.05


@dataclass(frozen=True)
class Estimate:
    """A policy value with its 95 % interval.

    Attributes
    ----------
    value, low, high, standard_error : float
    effective_sample : float
        Kish's (Σw)² / Σw².
    mean_weight : float
        About 1 if the propensities are right.
    decisions : int
    """

    value: float
    low: float
    high: float
    standard_error: float
    effective_sample: float
    mean_weight: float
    decisions: int

    @property
    def interval(self) -> Interval:
        """The value and its bounds."""
        return Interval(self.value, self.low, self.high)

    @property
    def has_sound_weights(self) -> bool:
        """Whether the weights average 1 within 5 %; if not, the propensities are not those that were drawn from."""
        return abs(self.mean_weight - 1) <= MEAN_WEIGHT_TOLERANCE


def estimate_from(influence: np.ndarray, weight: np.ndarray, user_ids: np.ndarray | None) -> Estimate:
    """Return the mean of influence values, with the weights that they were made with, both of shape (n,)."""
    if not influence.size:
        return Estimate(np.nan, np.nan, np.nan, np.nan, 0.0, np.nan, 0)
    value = float(influence.mean())
    error, people = _clustered_error(influence - value, np.arange(influence.size) if user_ids is None else user_ids)
    reach = t_quantile((1 + LEVEL) / 2, max(people - 1, 1)) * error
    squares = float(weight @ weight)
    effective = float(weight.sum() ** 2 / squares) if squares > 0 else 0.0
    return Estimate(value, value - reach, value + reach, error, effective, float(weight.mean()), weight.size)


def _clustered_error(residual: np.ndarray, user_ids: np.ndarray) -> tuple[float, int]:
    """Return the standard error of a mean whose terms depend on each other within a person, and how many people."""
    people, row_person = np.unique(user_ids, return_inverse=True)
    if people.size < 2:
        return np.nan, people.size
    sums = np.bincount(row_person, residual)
    return float(np.sqrt(people.size / (people.size - 1) * (sums @ sums)) / residual.size), people.size
