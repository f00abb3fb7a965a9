"""The lapse model: the chance that somebody shows no meaningful activity in the next 14 days.

Logistic regression in one pipeline is the default because it is calibrated, small and explainable. Counts and days are
compressed by arcsinh (like a logarithm, but defined at zero and below, which expired days need). Calibration is a
sigmoid on the latest matured window before the test (Platt, 1999), never on rows the model was fitted to.
"""

from dataclasses import dataclass

import numpy as np
from sklearn.calibration import CalibratedClassifierCV
from sklearn.frozen import FrozenEstimator
from sklearn.impute import SimpleImputer
from sklearn.linear_model import LogisticRegression
from sklearn.pipeline import Pipeline
from sklearn.preprocessing import FunctionTransformer, StandardScaler

from ml.bootstrap import REPLICATES, Interval, user_bootstrap
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
# Weekly rows of one person repeat each other, so that a thousand rows say less than a thousand; strong on purpose.
REGULARISATION = 0.01


class OneClassOnly(ValueError):
    """A window in which everybody, or nobody, lapsed teaches nothing."""


class SkewedFeatures(ValueError):
    """Features at serving are not those of training: other names, another order or another version."""


@dataclass(frozen=True)
class LapseModel:
    """A fitted, calibrated model with the features it was made for."""

    names: tuple[str, ...]
    estimator: CalibratedClassifierCV
    features_version: int = FEATURES_VERSION


def make_pipeline() -> Pipeline:
    """Return the unfitted pipeline: impute by the median and remember that, compress, scale, regress.

    A column that is empty throughout training keeps its place with coefficient 0, so that it can be recorded from now
    on without touching what the present model says.
    """
    return Pipeline(
        [
            ("impute", SimpleImputer(strategy="median", add_indicator=True, keep_empty_features=True)),
            ("compress", FunctionTransformer(np.arcsinh)),
            ("scale", StandardScaler()),
            ("regress", LogisticRegression(C=REGULARISATION, max_iter=2000)),
        ]
    )


def fit_lapse(train: LabelledRows, calibration: LabelledRows, names: tuple[str, ...] | None = None) -> LapseModel:
    """Fit on one part and calibrate on a later one.

    Parameters
    ----------
    train, calibration : LabelledRows
    names : tuple of str, optional
        The features to use; all by default. ``(RECENCY,)`` gives the recency-only baseline.

    Raises
    ------
    OneClassOnly
        Either part holds a single class.
    """
    names = names or train.names
    for rows in (train, calibration):
        if rows.lapsed.all() or not rows.lapsed.any():
            raise OneClassOnly("everybody or nobody lapsed in a window")
    pipeline = make_pipeline().fit(_columns(train, names), train.lapsed)
    calibrated = CalibratedClassifierCV(FrozenEstimator(pipeline), method="sigmoid")
    return LapseModel(names, calibrated.fit(_columns(calibration, names), calibration.lapsed))


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
        ``model``, ``recency_only``, ``rule`` and ``prevalence``, each with ``auc``, ``brier``, ``brier_skill``,
        ``log_loss``, ``calibration_slope`` and ``mean_ratio``.
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
) -> Evaluation:
    """Judge a model beside its three baselines on a later window, intervals by user bootstrap with ``seed``."""
    recency = fit_lapse(train, calibration, (RECENCY,))
    prevalence = float(train.lapsed.mean())
    predicted = {
        "model": predict_lapse(model, test.names, test.values),
        "recency_only": predict_lapse(recency, (RECENCY,), _columns(test, (RECENCY,))),
        "rule": rule_lapse(test.column(RECENCY), train.column(RECENCY), train.lapsed),
        "prevalence": np.full(test.lapsed.size, prevalence),
    }
    metrics = {
        name: _measure(test.lapsed, chance, prevalence, test.user_ids, seed, replicates)
        for name, chance in predicted.items()
    }
    own, other = auc_of(test.lapsed, predicted["model"]), auc_of(test.lapsed, predicted["recency_only"])
    gain = user_bootstrap(lambda weight: own(weight) - other(weight), test.user_ids, seed, replicates)
    return Evaluation(metrics, gain, calibration_curve(test.lapsed, predicted["model"]))


def _measure(
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
