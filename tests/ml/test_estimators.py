"""Estimators hold the truth on simulated logs, and say what they cannot know."""

import numpy as np
import pytest
from scipy import stats

from ml.estimators import (
    ImpossiblePropensity,
    cross_fit_outcomes,
    estimate_doubly_robust,
    estimate_ips,
    estimate_snips,
    measure_lift,
    t_quantile,
)

ARMS = 3


def simulate(seed, people=250, each=4):
    """Return a log of a context-dependent policy, a target policy and the target's true mean on this population."""
    rng = np.random.default_rng(seed)
    user_ids = np.repeat(np.arange(people), each)
    own = np.repeat(rng.normal(size=people), each)
    x = rng.normal(size=(people * each, 2))
    mean = 0.4 + 0.2 * x[:, :1] * np.array([0.0, 1.0, -0.5]) + np.array([0.0, 0.1, 0.2]) + 0.2 * own[:, None]
    logging = np.exp(x[:, :1] * np.array([0.0, 0.8, -0.4]))
    logging /= logging.sum(axis=1, keepdims=True)
    target = np.where(x[:, :1] > 0, np.array([[0.1, 0.8, 0.1]]), np.array([[0.1, 0.1, 0.8]]))
    arm = (rng.random((x.shape[0], 1)) > np.cumsum(logging, axis=1)).sum(axis=1)
    rows = np.arange(arm.size)
    reward = mean[rows, arm] + 0.3 * rng.normal(size=arm.size)
    return x, arm, reward, logging, target, user_ids


def true_value():
    x = np.random.default_rng(0).normal(size=2_000_000)
    best = np.where(x > 0, 1, 2)
    mean = 0.4 + 0.2 * x[:, None] * np.array([0.0, 1.0, -0.5]) + np.array([0.0, 0.1, 0.2])
    target = np.full((x.size, 3), 0.1)
    target[np.arange(x.size), best] = 0.8
    return (target * mean).sum(axis=1).mean()


def test_intervals_hold_the_truth_as_often_as_they_say():
    truth, replications = true_value(), 200
    held = {"ips": 0, "snips": 0, "dr": 0}
    widths = {"ips": 0.0, "snips": 0.0, "dr": 0.0}
    weights = []
    for seed in range(replications):
        x, arm, reward, logging, target, user_ids = simulate(seed)
        rows = np.arange(arm.size)
        outcome = cross_fit_outcomes(x, arm, reward, ARMS, user_ids, seed=seed)
        logged = logging[rows, arm]
        estimates = {
            "ips": estimate_ips(reward, logged, target[rows, arm], user_ids),
            "snips": estimate_snips(reward, logged, target[rows, arm], user_ids),
            "dr": estimate_doubly_robust(reward, arm, logged, target, outcome, user_ids),
        }
        for name, estimate in estimates.items():
            held[name] += estimate.low <= truth <= estimate.high
            widths[name] += estimate.high - estimate.low
        weights.append(estimates["ips"].mean_weight)
    # 95 % of 200 is 190; four standard errors of a binomial are 12
    assert all(count >= 178 for count in held.values()), held
    assert widths["dr"] < widths["snips"] < widths["ips"]
    assert abs(np.mean(weights) - 1) < 0.01


def test_ignoring_who_decided_twice_would_understate_the_error():
    _, arm, reward, logging, target, user_ids = simulate(1)
    logged, wanted = logging[np.arange(arm.size), arm], target[np.arange(arm.size), arm]
    assert (
        estimate_snips(reward, logged, wanted, user_ids).standard_error
        > estimate_snips(reward, logged, wanted).standard_error
    )


def test_figures_by_hand():
    reward, logged, target = np.array([1.0, 0.0, 1.0]), np.array([0.5, 0.5, 0.25]), np.array([0.5, 1.0, 0.5])
    ips = estimate_ips(reward, logged, target)  # weights 1, 2, 2
    assert ips.value == pytest.approx(1.0)
    assert ips.mean_weight == pytest.approx(5 / 3)
    assert ips.effective_sample == pytest.approx(25 / 9)
    assert ips.standard_error == pytest.approx(np.std([1, 0, 2], ddof=1) / np.sqrt(3))
    assert estimate_snips(reward, logged, target).value == pytest.approx(3 / 5)


def test_the_doubly_robust_value_is_exact_if_the_outcomes_are():
    outcome = np.array([[0.0, 1.0], [0.5, 0.25]])
    target = np.array([[0.0, 1.0], [0.5, 0.5]])
    estimate = estimate_doubly_robust(np.array([0.0, 0.25]), np.array([0, 1]), np.array([0.9, 0.1]), target, outcome)
    assert estimate.value == pytest.approx((1.0 + 0.375) / 2)


@pytest.mark.parametrize("propensity", [0.0, -0.1, 1.1, np.nan])
def test_an_impossible_propensity_is_refused(propensity):
    with pytest.raises(ImpossiblePropensity):
        estimate_ips(np.array([1.0]), np.array([propensity]), np.array([1.0]))


def test_nothing_logged_gives_no_figure():
    nothing = np.zeros(0)
    for estimate in (estimate_ips(nothing, nothing, nothing), estimate_snips(nothing, nothing, nothing)):
        assert np.isnan(estimate.value)
        assert estimate.decisions == 0


def test_outcomes_for_a_person_come_from_other_people():
    x, arm, reward, _, _, user_ids = simulate(2, people=40)
    changed = reward.copy()
    changed[user_ids == 7] += 100
    before, after = (cross_fit_outcomes(x, arm, column, ARMS, user_ids, seed=1) for column in (reward, changed))
    np.testing.assert_array_equal(before[user_ids == 7], after[user_ids == 7])
    assert not np.allclose(before[user_ids != 7], after[user_ids != 7])


def test_features_that_are_missing_or_constant_are_survived():
    x, arm, reward, _, _, user_ids = simulate(2, people=40)
    x = np.column_stack([x, np.ones(arm.size), np.full(arm.size, np.nan)])
    x[::5, 0] = np.nan
    assert np.isfinite(cross_fit_outcomes(x, arm, reward, ARMS, user_ids, seed=1)).all()


def test_the_lift_is_welchs_interval_over_people():
    rng = np.random.default_rng(4)
    treated, control = rng.normal(0.5, 0.2, 80), rng.normal(0.4, 0.3, 15)
    outcome, users = np.concatenate([treated, control]), np.arange(95)
    lift = measure_lift(np.repeat(outcome, 3), np.repeat(users >= 80, 3), np.repeat(users, 3))
    expected = stats.ttest_ind(treated, control, equal_var=False).confidence_interval(0.95)
    assert (lift.difference.low, lift.difference.high) == pytest.approx((expected.low, expected.high), abs=1e-5)
    assert (lift.treated_people, lift.held_out_people) == (80, 15)
    assert lift.smallest_detectable > lift.difference.high - lift.difference.value


def test_an_a_a_comparison_shows_no_effect_nineteen_times_in_twenty():
    found = 0
    for seed in range(300):
        rng = np.random.default_rng(seed)
        users = np.repeat(np.arange(200), 6)
        outcome = rng.random(1200) < np.repeat(rng.beta(1, 2, 200), 6)
        found += measure_lift(outcome.astype(float), users < 20, users).verdict != "no effect shown"
    assert 4 <= found <= 30  # 15 expected


def test_the_smallest_detectable_effect_is_found_four_times_in_five():
    rng = np.random.default_rng(8)
    found, replications = 0, 400
    for _ in range(replications):
        users = np.arange(300)
        outcome, held = rng.normal(size=300), users < 60
        detectable = 2.80 * np.sqrt(1 / 60 + 1 / 240)
        found += measure_lift(outcome + np.where(held, 0, detectable), held, users).verdict == "lift"
    assert 0.72 <= found / replications <= 0.86
    lift = measure_lift(outcome, held, users)
    assert lift.smallest_detectable == pytest.approx(detectable, rel=0.2)


@pytest.mark.parametrize("held", [np.zeros(4, bool), np.array([True, False, False, False])])
def test_a_lift_without_people_to_compare_is_not_yet_measurable(held):
    assert measure_lift(np.array([1.0, 0.0, 1.0, 1.0]), held, np.arange(4)).verdict == "not yet measurable"


@pytest.mark.parametrize("freedom", [5, 15, 60, 1000])
def test_the_t_quantile_is_students(freedom):
    assert t_quantile(0.975, freedom) == pytest.approx(stats.t.ppf(0.975, freedom), rel=2e-3)
