"""A policy's value by weights alone: what happened, counted as often as the policy would have made it happen."""

import numpy as np

from ml.estimators.estimate import Estimate, estimate_from


class ImpossiblePropensity(ValueError):
    """A logged propensity that is not in (0, 1]: such a decision could not have been made."""


def estimate_ips(
    reward: np.ndarray, logged: np.ndarray, target: np.ndarray, user_ids: np.ndarray | None = None
) -> Estimate:
    """Estimate by inverse propensity: mean of w·r with w = π_target / π_logged (Horvitz and Thompson, 1952).

    Parameters
    ----------
    reward : float array, shape (n,)
    logged, target : float arrays, shape (n,)
        Probability of the arm that was taken, under the logging and under the target policy.
    user_ids : int array, shape (n,), optional
        Whose decision; each its own person if left out.

    Raises
    ------
    ImpossiblePropensity
    """
    weight = weigh(logged, target)
    return estimate_from(weight * reward, weight, user_ids)


def estimate_snips(
    reward: np.ndarray, logged: np.ndarray, target: np.ndarray, user_ids: np.ndarray | None = None
) -> Estimate:
    """Estimate by Σw·r / Σw, self-normalised (Swaminathan and Joachims, 2015); its interval is linearised."""
    weight = weigh(logged, target)
    total = weight.sum()
    if total <= 0:
        return Estimate(np.nan, np.nan, np.nan, np.nan, 0.0, 0.0, weight.size)
    value = weight @ reward / total
    return estimate_from(value + weight * (reward - value) * weight.size / total, weight, user_ids)


def weigh(logged: np.ndarray, target: np.ndarray) -> np.ndarray:
    """Return target over logged probability of each arm that was taken; raises ImpossiblePropensity."""
    logged = np.asarray(logged, dtype=np.float64)
    if not ((logged > 0) & (logged <= 1)).all():
        raise ImpossiblePropensity("a logged propensity is not in (0, 1]")
    return np.asarray(target, dtype=np.float64) / logged
