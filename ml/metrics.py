"""How good probabilities are: ranking, sharpness and calibration, each with row weights for the bootstrap."""

from collections.abc import Callable
from dataclasses import dataclass

import numpy as np

_EDGE = 1e-6
_NEWTON_STEPS = 50

Statistic = Callable[[np.ndarray], float]


def auc_of(is_positive: np.ndarray, score: np.ndarray) -> Statistic:
    """Return the area under the ROC curve as a function of row weights.

    Ties count one half (Hanley and McNeil, 1982). NaN when only one class has weight. Both arrays of shape (n,).
    """
    order = np.argsort(score, kind="stable")
    ranked, positive = score[order], is_positive[order].astype(np.float64)
    group = np.cumsum(np.append(False, ranked[1:] != ranked[:-1])) if ranked.size else np.zeros(0, dtype=int)

    def auc(weight: np.ndarray) -> float:
        weight = np.asarray(weight, dtype=np.float64)[order]
        above = np.bincount(group, weight * positive)
        below = np.bincount(group, weight * (1 - positive))
        pairs = above.sum() * below.sum()
        beaten = above @ (np.cumsum(below) - below / 2)
        return float(beaten / pairs) if pairs > 0 else np.nan

    return auc


def brier_of(is_positive: np.ndarray, probability: np.ndarray) -> Statistic:
    """Return the mean squared error of probabilities (Brier, 1950) as a function of row weights."""
    return _mean_of((probability - is_positive) ** 2)


def brier_skill_of(is_positive: np.ndarray, probability: np.ndarray, prevalence: float) -> Statistic:
    """Return 1 - Brier / Brier of the constant ``prevalence`` known before the test, as a function of row weights."""
    own, constant = brier_of(is_positive, probability), brier_of(is_positive, np.full(is_positive.shape, prevalence))

    def skill(weight: np.ndarray) -> float:
        reference = constant(weight)
        return 1 - own(weight) / reference if reference > 0 else np.nan

    return skill


def log_loss_of(is_positive: np.ndarray, probability: np.ndarray) -> Statistic:
    """Return the mean negative log likelihood in nats, probabilities kept 1e-6 from 0 and 1."""
    kept = np.clip(probability, _EDGE, 1 - _EDGE)
    return _mean_of(-np.where(is_positive, np.log(kept), np.log(1 - kept)))


def mean_ratio_of(is_positive: np.ndarray, probability: np.ndarray) -> Statistic:
    """Return mean predicted over observed share: calibration in the large, 1 is right."""
    predicted, observed = _mean_of(probability), _mean_of(is_positive.astype(np.float64))

    def ratio(weight: np.ndarray) -> float:
        share = observed(weight)
        return predicted(weight) / share if share > 0 else np.nan

    return ratio


def calibration_slope_of(is_positive: np.ndarray, probability: np.ndarray) -> Statistic:
    """Return the slope of a logistic regression of the outcome on the predicted log odds (Cox, 1958).

    1 is right, below 1 is overconfident. Fitted by Newton's method; NaN when it has no finite solution, as for a
    constant prediction or outcome.
    """
    kept = np.clip(probability, _EDGE, 1 - _EDGE)
    design = np.column_stack([np.ones(kept.size), np.log(kept / (1 - kept))])
    outcome = is_positive.astype(np.float64)

    def slope(weight: np.ndarray) -> float:
        counted = weight > 0
        if not counted.any() or np.ptp(design[counted, 1]) < 1e-9 or np.ptp(outcome[counted]) == 0:
            return np.nan
        line = np.array([0.0, 1.0])
        for _ in range(_NEWTON_STEPS):
            fitted = 1 / (1 + np.exp(-np.clip(design @ line, -35, 35)))
            hessian = design.T @ (design * (weight * fitted * (1 - fitted))[:, None])
            if np.linalg.cond(hessian) > 1e12:
                return np.nan
            step = np.linalg.solve(hessian, design.T @ (weight * (outcome - fitted)))
            line = line + step
            if np.abs(step).max() < 1e-8:
                return float(line[1])
        return np.nan

    return slope


@dataclass(frozen=True)
class CalibrationBin:
    """One point of a calibration curve: mean predicted, observed share and number of rows."""

    predicted: float
    observed: float
    rows: int


def calibration_curve(is_positive: np.ndarray, probability: np.ndarray, bins: int = 10) -> tuple[CalibrationBin, ...]:
    """Return the calibration curve over groups of equal size, lowest prediction first."""
    parts = np.array_split(np.argsort(probability, kind="stable"), bins)
    return tuple(
        CalibrationBin(float(probability[part].mean()), float(is_positive[part].mean()), int(part.size))
        for part in parts
        if part.size
    )


def _mean_of(values: np.ndarray) -> Statistic:
    def mean(weight: np.ndarray) -> float:
        total = weight.sum()
        return float(weight @ values / total) if total > 0 else np.nan

    return mean
