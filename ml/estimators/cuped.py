"""The lift with less noise: the past explains much of how people differ (CUPED; Deng, Xu, Kohavi and Walker, 2013).

Who is held out is drawn without looking at anybody's past, so taking out what the past predicts moves no effect, only
the width of its interval. The covariate must be known before the first decision that is compared; one that mail could
have changed would hide the effect.
"""

from dataclasses import dataclass

import numpy as np

from ml.estimators.lift import Lift, compare, measure_lift, person_means


@dataclass(frozen=True)
class AdjustedLift:
    """A lift with and without the adjustment.

    Attributes
    ----------
    plain, adjusted : Lift
    slope : float
        What one unit of the covariate predicts of the outcome, within the sides; 0 if it predicts nothing.
    """

    plain: Lift
    adjusted: Lift
    slope: float

    @property
    def width_ratio(self) -> float:
        """Width of the adjusted interval over that of the plain one; below 1 is a gain."""
        one, other = self.adjusted.difference, self.plain.difference
        return (one.high - one.low) / (other.high - other.low) if other.high > other.low else np.nan


def measure_adjusted_lift(
    outcome: np.ndarray, is_held_out: np.ndarray, user_ids: np.ndarray, before: np.ndarray
) -> AdjustedLift:
    """Compare people by what they did beyond what their past predicted.

    Parameters
    ----------
    outcome, is_held_out, user_ids : arrays of shape (n,)
        As for ``measure_lift``.
    before : float array, shape (n,)
        A figure of each decision's person from before all of this, such as active days in the 28 days before; a person
        has the mean of theirs, and people without one (NaN) the mean of everybody.

    Returns
    -------
    AdjustedLift
    """
    plain = measure_lift(outcome, is_held_out, user_ids)
    known = np.where(np.isnan(before), np.nanmean(before) if (~np.isnan(before)).any() else 0.0, before)
    sides = (~is_held_out, is_held_out)
    reached, past = ([person_means(column[side], user_ids[side]) for side in sides] for column in (outcome, known))
    if min(side.size for side in reached) < 2:
        return AdjustedLift(plain, plain, 0.0)
    slope, slope_variance = _slope(reached, past)
    middle = np.concatenate(past).mean()
    treated, control = (own - slope * (earlier - middle) for own, earlier in zip(reached, past, strict=True))
    apart = past[0].mean() - past[1].mean()
    return AdjustedLift(plain, compare(treated, control, slope_variance * apart**2), slope)


def _slope(reached: list[np.ndarray], past: list[np.ndarray]) -> tuple[float, float]:
    """Return the least-squares slope common to both sides, each about its own mean, and its variance."""
    own = np.concatenate([side - side.mean() for side in reached])
    earlier = np.concatenate([side - side.mean() for side in past])
    squares, freedom = float(earlier @ earlier), own.size - 3
    if squares <= 0 or freedom < 1:
        return 0.0, 0.0
    slope = float(own @ earlier) / squares
    residual = own - slope * earlier
    return slope, float(residual @ residual) / freedom / squares
