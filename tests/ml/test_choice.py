"""Trees replace the regression only where they are shown to rank better."""

from dataclasses import replace

import numpy as np
import pytest

from ml.choice import choose_family
from ml.families import BOOSTED, LOGISTIC
from ml.lapse import OneClassOnly, predict_lapse
from tests.ml.samples import rows_of_chance


def crossed(seed, size=3000):
    """Rows whose lapse depends on whether two features agree, which no sum of both can tell."""
    rows = rows_of_chance(seed, size)
    chance = np.where((rows.values[:, 0] > 16) == (rows.values[:, 2] > 0), 0.8, 0.2)
    return replace(rows, lapsed=np.random.default_rng(seed + 100).random(size) < chance)


def test_what_adds_up_is_left_to_the_regression():
    model, choice = choose_family(*(rows_of_chance(seed) for seed in (1, 2, 3)), seed=0, replicates=100)
    assert (model.family, choice.chosen) == (LOGISTIC, LOGISTIC)
    assert choice.auc_gain.low <= 0


def test_what_does_not_add_up_is_given_to_the_trees():
    train, calibration, test = (crossed(seed) for seed in (1, 2, 3))
    model, choice = choose_family(train, calibration, test, seed=0, replicates=100)
    assert (model.family, choice.chosen) == (BOOSTED, BOOSTED)
    assert choice.auc_gain.low > 0.1
    assert choice.metrics[BOOSTED]["auc"].low > choice.metrics[LOGISTIC]["auc"].high
    assert ((predict_lapse(model, test.names, test.values) > 0.5) == test.lapsed).mean() > 0.7


def test_the_choice_never_looks_at_the_test():
    """A test that would favour the other family changes what is measured, and not what is taken."""
    train, calibration = rows_of_chance(1), rows_of_chance(2)
    choices = [choose_family(train, calibration, test, seed=0, replicates=50)[1]
               for test in (rows_of_chance(3), crossed(3))]  # fmt: skip
    assert choices[0].chosen == choices[1].chosen == LOGISTIC
    assert choices[0].auc_gain == choices[1].auc_gain
    assert choices[0].metrics != choices[1].metrics


def test_one_class_teaches_neither():
    rows = rows_of_chance(1)
    with pytest.raises(OneClassOnly):
        choose_family(rows, replace(rows, lapsed=np.zeros_like(rows.lapsed)), rows, seed=0, replicates=5)
