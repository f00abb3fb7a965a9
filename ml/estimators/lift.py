"""What mailing does at all: people who are written to against people held out, by the means of their decisions."""

from dataclasses import dataclass

import numpy as np

from ml.bootstrap import Interval
from ml.estimators.estimate import LEVEL
from ml.estimators.student import t_quantile

POWER = 0.80


@dataclass(frozen=True)
class Lift:
    """Mailed against held-out people: the difference with its interval, and what could have been seen at all.

    Attributes
    ----------
    difference : Interval
        Mean of the mailed minus mean of the held out.
    smallest_detectable : float
        The true difference that would be found with 80 % power at the 5 % level; NaN with fewer than 2 people a side.
    """

    treated_mean: float
    held_out_mean: float
    difference: Interval
    smallest_detectable: float
    treated_people: int
    held_out_people: int

    @property
    def verdict(self) -> str:
        """``lift``, ``harm``, ``no effect shown`` or ``not yet measurable``."""
        if np.isnan(self.difference.low):
            return "not yet measurable"
        if self.difference.low > 0:
            return "lift"
        return "harm" if self.difference.high < 0 else "no effect shown"

    @property
    def sentence(self) -> str:
        """The verdict with its figures, for people to read."""
        low, high, seen = self.difference.low, self.difference.high, self.smallest_detectable
        if np.isnan(low):
            return "Not yet measurable: fewer than two people on one side."
        span = f"{self.difference.value:+.3f} ({low:+.3f} to {high:+.3f})"
        told = {
            "lift": f"Mail helped: {span}.",
            "harm": f"Mail did harm: {span}.",
            "no effect shown": f"No effect shown: {span}; one of {seen:.3f} would be found four times in five.",
        }
        return told[self.verdict]


def measure_lift(outcome: np.ndarray, is_held_out: np.ndarray, user_ids: np.ndarray) -> Lift:
    """Compare people by the mean of their decisions' outcomes; unequal variances (Welch, 1947).

    Parameters
    ----------
    outcome : float array, shape (n,)
        Matured outcome of every decision, whether or not anything was sent.
    is_held_out : bool array, shape (n,)
    user_ids : int array, shape (n,)
        A person held out in one quarter and not in another counts once on either side.
    """
    treated = person_means(outcome[~is_held_out], user_ids[~is_held_out])
    return compare(treated, person_means(outcome[is_held_out], user_ids[is_held_out]))


def compare(treated: np.ndarray, control: np.ndarray, slope_variance: float = 0.0) -> Lift:
    """Compare one figure per person on either side.

    Parameters
    ----------
    treated, control : float arrays
    slope_variance : float
        What an adjustment that was estimated from the same people adds to the variance of the difference.
    """
    treated_mean, control_mean = (float(side.mean()) if side.size else np.nan for side in (treated, control))
    error, freedom = _welch(treated, control)
    error = float(np.sqrt(error**2 + slope_variance))
    difference, reach = treated_mean - control_mean, t_quantile((1 + LEVEL) / 2, freedom) * error
    detectable = reach + t_quantile(POWER, freedom) * error
    interval = Interval(difference, difference - reach, difference + reach)
    return Lift(treated_mean, control_mean, interval, detectable, treated.size, control.size)


def _welch(one: np.ndarray, other: np.ndarray) -> tuple[float, float]:
    """Return the standard error of a difference of means and its degrees of freedom."""
    if min(one.size, other.size) < 2:
        return np.nan, np.nan
    parts = np.array([one.var(ddof=1) / one.size, other.var(ddof=1) / other.size])
    freedom = np.array([one.size - 1, other.size - 1])
    if not parts.sum():
        return 0.0, float(freedom.sum())
    return float(np.sqrt(parts.sum())), float(parts.sum() ** 2 / (parts**2 / freedom).sum())


def person_means(values: np.ndarray, user_ids: np.ndarray) -> np.ndarray:
    """Return the mean of each person's values, by rising id."""
    if not values.size:
        return np.zeros(0)
    _, row_person = np.unique(user_ids, return_inverse=True)
    return np.bincount(row_person, values) / np.bincount(row_person)
