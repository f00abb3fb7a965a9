"""Metrics against scikit-learn and by hand; the bootstrap draws people."""

import numpy as np
import pytest
from sklearn.linear_model import LogisticRegression
from sklearn.metrics import brier_score_loss, log_loss, roc_auc_score

from ml.bootstrap import user_bootstrap
from ml.metrics import (
    auc_of,
    brier_of,
    brier_skill_of,
    calibration_curve,
    calibration_slope_of,
    log_loss_of,
    mean_ratio_of,
)

RNG = np.random.default_rng(5)
CHANCE = np.round(RNG.uniform(0.02, 0.98, 400), 2)
OUTCOME = RNG.random(400) < CHANCE
WEIGHT = RNG.integers(0, 4, 400).astype(float)


def test_metrics_agree_with_scikit_learn_with_weights_and_ties():
    assert auc_of(OUTCOME, CHANCE)(WEIGHT) == pytest.approx(roc_auc_score(OUTCOME, CHANCE, sample_weight=WEIGHT))
    assert brier_of(OUTCOME, CHANCE)(WEIGHT) == pytest.approx(brier_score_loss(OUTCOME, CHANCE, sample_weight=WEIGHT))
    assert log_loss_of(OUTCOME, CHANCE)(WEIGHT) == pytest.approx(log_loss(OUTCOME, CHANCE, sample_weight=WEIGHT))


def test_the_slope_is_that_of_an_unpenalised_regression():
    odds = np.log(CHANCE / (1 - CHANCE))[:, None]
    fitted = LogisticRegression(C=np.inf, tol=1e-10).fit(odds, OUTCOME, sample_weight=WEIGHT)
    assert calibration_slope_of(OUTCOME, CHANCE)(WEIGHT) == pytest.approx(fitted.coef_[0, 0], rel=1e-4)


def test_overconfidence_shows_as_a_slope_below_one():
    odds = 2 * np.log(CHANCE / (1 - CHANCE))
    doubled = calibration_slope_of(OUTCOME, 1 / (1 + np.exp(-odds)))(np.ones(400))
    assert doubled == pytest.approx(calibration_slope_of(OUTCOME, CHANCE)(np.ones(400)) / 2)


def test_what_is_not_defined_is_nan():
    one = np.ones(3)
    assert np.isnan(auc_of(np.ones(3, bool), np.array([0.1, 0.2, 0.3]))(one))
    assert np.isnan(calibration_slope_of(np.array([True, False, True]), np.full(3, 0.5))(one))
    assert np.isnan(mean_ratio_of(np.zeros(3, bool), np.full(3, 0.5))(one))


def test_skill_and_ratio_by_hand():
    outcome = np.array([True, False, False, False])
    assert brier_skill_of(outcome, np.full(4, 0.25), 0.25)(np.ones(4)) == 0
    assert brier_skill_of(outcome, outcome.astype(float), 0.25)(np.ones(4)) == 1
    assert mean_ratio_of(outcome, np.full(4, 0.5))(np.ones(4)) == 2


def test_the_curve_holds_every_row_once():
    curve = calibration_curve(OUTCOME, CHANCE)
    assert sum(point.rows for point in curve) == 400
    assert [point.predicted for point in curve] == sorted(point.predicted for point in curve)


def test_repeating_each_person_does_not_narrow_the_interval():
    values = RNG.normal(size=100)
    users = np.arange(100)

    def mean_of(column):
        return lambda weight: float(weight @ column / weight.sum())

    once = user_bootstrap(mean_of(values), users, seed=1)
    copied = user_bootstrap(mean_of(np.repeat(values, 9)), np.repeat(users, 9), seed=1)
    assert (copied.low, copied.high) == pytest.approx((once.low, once.high))
    assert once.high - once.low == pytest.approx(2 * 1.96 * values.std() / 10, rel=0.15)


def test_a_statistic_that_is_never_defined_has_no_interval():
    interval = user_bootstrap(lambda weight: np.nan, np.arange(5), seed=1, replicates=10)
    assert np.isnan([interval.value, interval.low, interval.high]).all()
