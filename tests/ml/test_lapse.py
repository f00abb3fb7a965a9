"""The lapse model: fits, is calibrated on later rows, and refuses features it was not made for."""

from dataclasses import replace

import numpy as np
import pytest

from ml.lapse import LapseModel, OneClassOnly, SkewedFeatures, evaluate_lapse, fit_lapse, predict_lapse
from ml.metrics import brier_of, mean_ratio_of
from tests.ml.samples import rows_of_chance


def drifted(rows, seed):
    """The same people in a time in which far fewer lapse."""
    kept = np.random.default_rng(seed).random(rows.lapsed.size) < 0.45
    return replace(rows, lapsed=rows.lapsed & kept)


def test_a_model_predicts_probabilities_and_repeats_itself():
    train, calibration, test = (rows_of_chance(seed) for seed in (1, 2, 3))
    chances = [predict_lapse(fit_lapse(train, calibration), test.names, test.values) for _ in range(2)]
    assert ((chances[0] > 0) & (chances[0] < 1)).all()
    np.testing.assert_array_equal(*chances)


def test_calibrating_on_a_later_window_improves_on_the_uncalibrated_model():
    train = rows_of_chance(1)
    calibration, test = drifted(rows_of_chance(2), 2), drifted(rows_of_chance(3), 3)
    model = fit_lapse(train, calibration)
    before = model.estimator.calibrated_classifiers_[0].estimator.predict_proba(test.values)[:, 1]
    after = predict_lapse(model, test.names, test.values)
    one = np.ones(test.lapsed.size)
    assert brier_of(test.lapsed, after)(one) < brier_of(test.lapsed, before)(one) - 0.02
    assert abs(mean_ratio_of(test.lapsed, after)(one) - 1) < 0.1 < mean_ratio_of(test.lapsed, before)(one) - 1


def test_a_column_never_recorded_in_training_changes_nothing_when_it_is():
    model = fit_lapse(rows_of_chance(1), rows_of_chance(2))
    test = rows_of_chance(3)
    recorded = test.values.copy()
    recorded[:, 3] = 1000.0
    np.testing.assert_allclose(
        predict_lapse(model, test.names, recorded), predict_lapse(model, test.names, test.values), rtol=1e-12
    )


@pytest.mark.parametrize("change", ["name", "order", "version"])
def test_features_computed_differently_at_serving_are_refused(change):
    model, test = fit_lapse(rows_of_chance(1), rows_of_chance(2)), rows_of_chance(3)
    names = test.names
    if change == "name":
        names = ("recency_hours", *names[1:])
    elif change == "order":
        names = tuple(reversed(names))
    else:
        model = LapseModel(model.names, model.estimator, features_version=0)
    with pytest.raises(SkewedFeatures):
        predict_lapse(model, names, test.values)


def test_one_class_teaches_nothing():
    rows = rows_of_chance(1)
    with pytest.raises(OneClassOnly):
        fit_lapse(rows, replace(rows, lapsed=np.ones_like(rows.lapsed)))


def test_nobody_gets_no_prediction():
    model = fit_lapse(rows_of_chance(1), rows_of_chance(2))
    assert predict_lapse(model, model.names, np.zeros((0, 4))).shape == (0,)


def test_the_baselines_stand_beside_the_model_with_intervals():
    train, calibration, test = (rows_of_chance(seed) for seed in (1, 2, 3))
    judged = evaluate_lapse(fit_lapse(train, calibration), train, calibration, test, seed=4, replicates=100)
    assert list(judged.metrics) == ["model", "recency_only", "rule", "prevalence"]
    for measured in judged.metrics.values():
        assert measured["brier"].low < measured["brier"].value < measured["brier"].high
    model, recency = judged.metrics["model"]["auc"].value, judged.metrics["recency_only"]["auc"].value
    assert judged.auc_gain.value == pytest.approx(model - recency)
    assert judged.auc_gain.low > 0  # the second feature does help, by construction
    assert judged.metrics["prevalence"]["auc"].value == 0.5
    assert judged.metrics["prevalence"]["brier_skill"].value == 0


def test_a_model_of_noise_gains_nothing_over_recency():
    train, calibration, test = (rows_of_chance(seed) for seed in (1, 2, 3))
    blind = fit_lapse(train, calibration, ("recency_days", "noise"))
    narrowed = replace(test, names=blind.names, values=test.values[:, [0, 2]])
    judged = evaluate_lapse(blind, train, calibration, narrowed, seed=4, replicates=100)
    assert judged.auc_gain.low <= 0
