"""The price keeps the volume at the budget."""

import numpy as np
import pytest

from ml.policy.price import budget_price, expected_sends
from ml.policy.scoring import choose_propensities

ARMS = ("none", "endorsed", "digest")
RNG = np.random.default_rng(2)
SCORES = np.column_stack([np.zeros(2000), RNG.normal(0.05, 0.04, (2000, 2))])
ELIGIBLE = np.column_stack([np.ones(2000, bool), RNG.random((2000, 2)) < 0.7])


def sends(price, stage):
    priced = SCORES - price * np.array([0, 1, 1])
    return expected_sends(ARMS, choose_propensities(ARMS, priced, ELIGIBLE, stage, 0.02))


@pytest.mark.parametrize("stage", [0, 1, 2, 3])
def test_the_price_meets_the_budget_exactly_when_it_binds(stage):
    price = budget_price(ARMS, SCORES, ELIGIBLE, stage, 0.02, budget=0.3)
    assert price.value > 0
    assert price.is_within_budget
    assert price.expected_sends == pytest.approx(0.3, abs=1e-6)
    assert sends(price.value, stage) == price.expected_sends


def test_mail_is_free_when_the_budget_is_not_reached():
    price = budget_price(ARMS, SCORES, ELIGIBLE, 1, 0.02, budget=0.95)
    assert (price.value, price.is_within_budget) == (0, True)
    assert price.expected_sends == sends(0, 1) < 0.95


def test_a_smaller_budget_costs_more():
    dear, cheap = (budget_price(ARMS, SCORES, ELIGIBLE, 1, 0.02, budget).value for budget in (0.2, 0.4))
    assert dear > cheap


def test_exploration_is_never_priced_away():
    price = budget_price(ARMS, SCORES, ELIGIBLE, 0, 0.02, budget=0.05)
    assert not price.is_within_budget
    assert price.expected_sends == pytest.approx(0.15 * ELIGIBLE[:, 1:].any(axis=1).mean(), abs=1e-6)


def test_nobody_to_decide_on_costs_nothing():
    price = budget_price(ARMS, np.zeros((0, 3)), np.zeros((0, 3), bool), 0, 0.02, 0.3)
    assert (price.value, price.expected_sends) == (0, 0)
