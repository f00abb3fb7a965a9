"""What a policy is worth, estimated from decisions that another policy made, and what mailing does at all.

Every figure comes with its interval, computed from influence values that are summed per person first, because a
person's decisions are not independent. The doubly-robust estimate is the headline; the other two are shown beside it.
"""

from dataclasses import dataclass
from statistics import NormalDist

import numpy as np

from ml.bootstrap import Interval

LEVEL = 0.95
POWER = 0.80
FOLDS = 5
RIDGE = 1.0


class ImpossiblePropensity(ValueError):
    """A logged propensity that is not in (0, 1]: such a decision could not have been made."""


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
    weight = _weights(logged, target)
    return _estimate(weight * reward, weight, user_ids)


def estimate_snips(
    reward: np.ndarray, logged: np.ndarray, target: np.ndarray, user_ids: np.ndarray | None = None
) -> Estimate:
    """Estimate by Σw·r / Σw, self-normalised (Swaminathan and Joachims, 2015); its interval is linearised."""
    weight = _weights(logged, target)
    total = weight.sum()
    if total <= 0:
        return Estimate(np.nan, np.nan, np.nan, np.nan, 0.0, 0.0, weight.size)
    value = weight @ reward / total
    return _estimate(value + weight * (reward - value) * weight.size / total, weight, user_ids)


def estimate_doubly_robust(
    reward: np.ndarray,
    arm: np.ndarray,
    logged: np.ndarray,
    target: np.ndarray,
    outcome: np.ndarray,
    user_ids: np.ndarray | None = None,
) -> Estimate:
    """Estimate by Σ_a π(a)·q(a) + w·(r − q(arm)) (Dudík, Langford and Li, 2011).

    Parameters
    ----------
    arm : int array, shape (n,)
        Which arm was taken.
    logged : float array, shape (n,)
        Logged probability of that arm.
    target, outcome : float arrays, shape (n, a)
        The target policy's probabilities and the predicted reward of every arm, each predicted by a model that has
        not seen the person: ``cross_fit_outcomes``.

    Raises
    ------
    ImpossiblePropensity
    """
    rows = np.arange(reward.size)
    weight = _weights(logged, target[rows, arm])
    return _estimate((target * outcome).sum(axis=1) + weight * (reward - outcome[rows, arm]), weight, user_ids)


def cross_fit_outcomes(
    features: np.ndarray,
    arm: np.ndarray,
    reward: np.ndarray,
    arms: int,
    user_ids: np.ndarray,
    seed: int,
    folds: int = FOLDS,
) -> np.ndarray:
    """Predict the reward of every arm for every row by ridge regressions fitted on other people.

    On standardised features, arms and their products; a person's rows share a fold (Chernozhukov et al., 2018).

    Parameters
    ----------
    features : float array, shape (n, p)
        Known before the decision; NaN counts as the mean.
    arm : int array, shape (n,)
    reward : float array, shape (n,)
    arms : int
        How many arms there are.

    Returns
    -------
    float64 array, shape (n, arms)
    """
    people, row_person = np.unique(user_ids, return_inverse=True)
    person_fold = np.random.default_rng(seed).permutation(people.size) % folds
    fold = person_fold[row_person]
    outcome = np.full((reward.size, arms), reward.mean() if reward.size else 0.0)
    for held in range(folds):
        fitted_on, asked = fold != held, fold == held
        if fitted_on.any() and asked.any():
            centre, scale = _standards(features[fitted_on])
            known = np.nan_to_num((features - centre) / scale)
            coefficients = _fit_ridge(_design(known[fitted_on], arm[fitted_on], arms), reward[fitted_on])
            for column in range(arms):
                every = np.full(int(asked.sum()), column)
                outcome[asked, column] = _design(known[asked], every, arms) @ coefficients
    return outcome


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
    treated = _person_means(outcome[~is_held_out], user_ids[~is_held_out])
    control = _person_means(outcome[is_held_out], user_ids[is_held_out])
    treated_mean, control_mean = (float(side.mean()) if side.size else np.nan for side in (treated, control))
    error, freedom = _welch(treated, control)
    difference, reach = treated_mean - control_mean, t_quantile((1 + LEVEL) / 2, freedom) * error
    detectable = reach + t_quantile(POWER, freedom) * error
    interval = Interval(difference, difference - reach, difference + reach)
    return Lift(treated_mean, control_mean, interval, detectable, treated.size, control.size)


def t_quantile(probability: float, freedom: float) -> float:
    """Return a quantile of Student's t by its expansion around the normal (Abramowitz and Stegun, 26.7.5).

    Good to 0.2 % at 5 degrees of freedom and far better above; written out so that nothing here needs scipy.
    """
    z = NormalDist().inv_cdf(probability)
    return (
        z
        + (z**3 + z) / (4 * freedom)
        + (5 * z**5 + 16 * z**3 + 3 * z) / (96 * freedom**2)
        + (3 * z**7 + 19 * z**5 + 17 * z**3 - 15 * z) / (384 * freedom**3)
    )


def _welch(one: np.ndarray, other: np.ndarray) -> tuple[float, float]:
    """Return the standard error of a difference of means and its degrees of freedom."""
    if min(one.size, other.size) < 2:
        return np.nan, np.nan
    parts = np.array([one.var(ddof=1) / one.size, other.var(ddof=1) / other.size])
    freedom = np.array([one.size - 1, other.size - 1])
    if not parts.sum():
        return 0.0, float(freedom.sum())
    return float(np.sqrt(parts.sum())), float(parts.sum() ** 2 / (parts**2 / freedom).sum())


def _weights(logged: np.ndarray, target: np.ndarray) -> np.ndarray:
    logged = np.asarray(logged, dtype=np.float64)
    if not ((logged > 0) & (logged <= 1)).all():
        raise ImpossiblePropensity("a logged propensity is not in (0, 1]")
    return np.asarray(target, dtype=np.float64) / logged


def _estimate(influence: np.ndarray, weight: np.ndarray, user_ids: np.ndarray | None) -> Estimate:
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


def _person_means(values: np.ndarray, user_ids: np.ndarray) -> np.ndarray:
    if not values.size:
        return np.zeros(0)
    _, row_person = np.unique(user_ids, return_inverse=True)
    return np.bincount(row_person, values) / np.bincount(row_person)


def _standards(features: np.ndarray) -> tuple[np.ndarray, np.ndarray]:
    known = ~np.isnan(features)
    count = np.maximum(known.sum(axis=0), 1)
    centre = np.where(known, features, 0.0).sum(axis=0) / count
    spread = np.sqrt((np.where(known, features - centre, 0.0) ** 2).sum(axis=0) / count)
    return centre, np.where(spread > 0, spread, 1.0)


def _design(features: np.ndarray, arm: np.ndarray, arms: int) -> np.ndarray:
    taken = np.eye(arms)[arm]
    products = (taken[:, :, None] * features[:, None, :]).reshape(arm.size, -1)
    return np.column_stack([np.ones(arm.size), features, taken, products])


def _fit_ridge(design: np.ndarray, reward: np.ndarray) -> np.ndarray:
    penalty = RIDGE * np.eye(design.shape[1])
    penalty[0, 0] = 0.0
    return np.linalg.solve(design.T @ design + penalty, design.T @ reward)
