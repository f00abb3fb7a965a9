"""Rates of unsubscribing: smoothed as written, and never invented."""

import numpy as np
import pytest

from ml.costs import count_costs, prior_costs
from ml.policy.scoring import NoneMissing
from ml.rules import PRIOR_UNSUBSCRIBES

ARMS = ("digest", "none", "role_gap")


def test_before_any_mail_each_notice_costs_what_the_rule_believes():
    assert prior_costs(ARMS).rate == pytest.approx([PRIOR_UNSUBSCRIBES, 0.0, PRIOR_UNSUBSCRIBES])


def test_rates_by_hand():
    arm = np.repeat([0, 1, 2], [500, 4000, 1000])
    has_cost = np.zeros(arm.size, dtype=bool)
    has_cost[:8] = True  # of digest
    costs = count_costs(ARMS, arm, has_cost)
    common = (8 + 500 * 0.004) / (1500 + 500)
    assert costs.rate == pytest.approx([(8 + 500 * common) / 1000, 0.0, 500 * common / 1500])
    assert costs.mails.tolist() == [500, 0, 1000]
    assert costs.unsubscribes.tolist() == [8, 0, 0]


def test_what_follows_no_mail_is_no_cost_of_mail():
    costs = count_costs(ARMS, np.ones(100, dtype=int), np.ones(100, dtype=bool))
    assert costs.rate == pytest.approx(prior_costs(ARMS).rate)


def test_many_mails_outweigh_the_belief():
    rng = np.random.default_rng(5)
    arm = rng.integers(0, 3, 300_000)
    truth = np.array([0.02, 0.0, 0.001])
    costs = count_costs(ARMS, arm, rng.random(arm.size) < truth[arm])
    assert costs.rate == pytest.approx(truth, abs=0.001)


def test_arms_without_none_are_refused():
    with pytest.raises(NoneMissing):
        count_costs(("digest",), np.zeros(1, dtype=int), np.zeros(1, dtype=bool))
