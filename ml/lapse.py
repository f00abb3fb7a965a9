"""The lapse model: the chance that somebody shows no meaningful activity in the next 14 days.

A pipeline of one of two families (``ml.families``), calibrated by a sigmoid on the latest matured window before the
test (Platt, 1999), never on rows it was fitted to.
"""

from dataclasses import dataclass

import numpy as np
from sklearn.calibration import CalibratedClassifierCV
from sklearn.frozen import FrozenEstimator

from ml.bootstrap import REPLICATES, Interval, user_bootstrap
from ml.families import LOGISTIC, make_family
from ml.features import FEATURES_VERSION
from ml.metrics import (
    CalibrationBin,
    auc_of,
    brier_of,
    brier_skill_of,
    calibration_curve,
    calibration_slope_of,
    log_loss_of,
    mean_ratio_of,
)
from ml.rules import rule_lapse
from ml.windows import LabelledRows

RECENCY = "recency_days"


class OneClassOnly(ValueError):
    """A window in which everybody, or nobody, lapsed teaches nothing."""


class SkewedFeatures(ValueError):
    """Features at serving are not those of training: other names, another order or another version."""


@dataclass(frozen=True)
class LapseModel:
    """A fitted, calibrated model with the features it was made for."""

    names: tuple[str, ...]
    estimator: CalibratedClassifierCV
    family: str = LOGISTIC
    features_version: int = FEATURES_VERSION


def fit_lapse(
    train: LabelledRows, calibration: LabelledRows, names: tuple[str, ...] | None = None, family: str = LOGISTIC
) -> LapseModel:
    """Fit on one part and calibrate on a later one.

    Parameters
    ----------
    train, calibration : LabelledRows
    names : tuple of str, optional
        The features to use; all by default. ``(RECENCY,)`` gives the recency-only baseline.
    family : str
        ``LOGISTIC`` or ``BOOSTED``.

    Raises
    ------
    OneClassOnly
        Either part holds a single class.
    """
    names = names or train.names
    for rows in (train, calibration):
        if rows.lapsed.all() or not rows.lapsed.any():
            raise OneClassOnly("everybody or nobody lapsed in a window")
    pipeline = make_family(family).fit(_columns(train, names), train.lapsed)
    calibrated = CalibratedClassifierCV(FrozenEstimator(pipeline), method="sigmoid")
    return LapseModel(names, calibrated.fit(_columns(calibration, names), calibration.lapsed), family)


def predict_lapse(model: LapseModel, names: tuple[str, ...], values: np.ndarray) -> np.ndarray:
    """Return the calibrated chance of lapse of each row.

    Parameters
    ----------
    names : tuple of str, length p
        The columns of ``values``, as the feature table names them.
    values : float64 array, shape (n, p)

    Returns
    -------
    float64 array, shape (n,)

    Raises
    ------
    SkewedFeatures
        The columns or their version are not the model's.
    """
    if tuple(names) != model.names or model.features_version != FEATURES_VERSION:
        raise SkewedFeatures("the features are not those the model was trained on")
    if not len(values):
        return np.zeros(0)
    return model.estimator.predict_proba(values)[:, 1]


@dataclass(frozen=True)
class Evaluation:
    """What the test window said.

    Attributes
    ----------
    metrics : dict of str to dict of str to Interval
        ``model``, ``recency_only``, ``rule``, ``prevalence`` and, where there is one, ``incumbent``, each with
        ``auc``, ``brier``, ``brier_skill``, ``log_loss``, ``calibration_slope`` and ``mean_ratio``.
    auc_gain : Interval
        AUC of the model minus that of recency only, both on the same resampled people.
    curve : tuple of CalibrationBin
    """

    metrics: dict[str, dict[str, Interval]]
    auc_gain: Interval
    curve: tuple[CalibrationBin, ...]


def evaluate_lapse(
    model: LapseModel,
    train: LabelledRows,
    calibration: LabelledRows,
    test: LabelledRows,
    seed: int,
    replicates: int = REPLICATES,
    incumbent: LapseModel | None = None,
) -> Evaluation:
    """Judge a model beside its baselines on a later window, intervals by user bootstrap with ``seed``."""
    recency = fit_lapse(train, calibration, (RECENCY,))
    prevalence = float(train.lapsed.mean())
    predicted = {
        "model": predict_lapse(model, test.names, test.values),
        "recency_only": predict_lapse(recency, (RECENCY,), _columns(test, (RECENCY,))),
        "rule": rule_lapse(test.column(RECENCY), train.column(RECENCY), train.lapsed),
        "prevalence": np.full(test.lapsed.size, prevalence),
    }
    if incumbent is not None:
        predicted["incumbent"] = predict_lapse(incumbent, test.names, test.values)
    metrics = {
        name: measure_chance(test.lapsed, chance, prevalence, test.user_ids, seed, replicates)
        for name, chance in predicted.items()
    }
    gain = auc_difference(test, predicted["model"], predicted["recency_only"], seed, replicates)
    return Evaluation(metrics, gain, calibration_curve(test.lapsed, predicted["model"]))


def auc_difference(
    rows: LabelledRows, one: np.ndarray, other: np.ndarray, seed: int, replicates: int = REPLICATES
) -> Interval:
    """Return how much better one prediction ranks than another, both on the same resampled people."""
    first, second = auc_of(rows.lapsed, one), auc_of(rows.lapsed, other)
    return user_bootstrap(lambda weight: first(weight) - second(weight), rows.user_ids, seed, replicates)


def measure_chance(
    lapsed: np.ndarray, chance: np.ndarray, prevalence: float, user_ids: np.ndarray, seed: int, replicates: int
) -> dict[str, Interval]:
    statistics = {
        "auc": auc_of(lapsed, chance),
        "brier": brier_of(lapsed, chance),
        "brier_skill": brier_skill_of(lapsed, chance, prevalence),
        "log_loss": log_loss_of(lapsed, chance),
        "calibration_slope": calibration_slope_of(lapsed, chance),
        "mean_ratio": mean_ratio_of(lapsed, chance),
    }
    return {name: user_bootstrap(statistic, user_ids, seed, replicates) for name, statistic in statistics.items()}


def _columns(rows: LabelledRows, names: tuple[str, ...]) -> np.ndarray:
    return rows.values[:, [rows.names.index(name) for name in names]]
