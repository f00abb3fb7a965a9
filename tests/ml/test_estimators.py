"""Estimators hold the truth on simulated logs, and say what they cannot know."""

import numpy as np
import pytest

from ml.estimators.outcomes import cross_fit_outcomes
from ml.estimators.robust import estimate_doubly_robust
from ml.estimators.value import Logged, estimate_value
from ml.estimators.weighting import ImpossiblePropensity, estimate_ips, estimate_snips

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


def test_the_doubly_robust_figures_by_hand():
    """Two arms, three decisions; π the target, q the predicted rewards, w = π(arm) / logged.

    | arm | logged | r | π        | q        | Σ π·q | w   | w·(r − q(arm)) | influence |
    |-----|--------|---|----------|----------|-------|-----|----------------|-----------|
    | 0   | 0.5    | 1 | 0.5, 0.5 | 0.4, 0.8 | 0.60  | 1   | 0.6            | 1.20      |
    | 1   | 0.5    | 0 | 0.0, 1.0 | 0.2, 0.6 | 0.60  | 2   | −1.2           | −0.60     |
    | 1   | 0.8    | 1 | 0.6, 0.4 | 0.5, 0.5 | 0.50  | 0.5 | 0.25           | 0.75      |

    Mean 1.35 / 3 = 0.45; deviations 0.75, −1.05, 0.30 have squares 0.5625 + 1.1025 + 0.09 = 1.755, so the standard
    error is √(1.755 / 2) / √3 = 0.5408. Weights 1, 2, 0.5: mean 3.5 / 3, effective 3.5² / 5.25 = 2.3333.
    """
    estimate = estimate_doubly_robust(
        reward=np.array([1.0, 0.0, 1.0]),
        arm=np.array([0, 1, 1]),
        logged=np.array([0.5, 0.5, 0.8]),
        target=np.array([[0.5, 0.5], [0.0, 1.0], [0.6, 0.4]]),
        outcome=np.array([[0.4, 0.8], [0.2, 0.6], [0.5, 0.5]]),
    )
    assert estimate.value == pytest.approx(0.45)
    assert estimate.standard_error == pytest.approx(0.5408, abs=1e-4)
    assert estimate.mean_weight == pytest.approx(3.5 / 3)
    assert estimate.effective_sample == pytest.approx(7 / 3)
    assert not estimate.has_sound_weights


def test_a_persons_decisions_count_together():
    """One person's 1 and 1, another's 0 and 0: the sums 1 and −1 about the mean 0.5 give √(2 / 1 · 2) / 4 = 0.5."""
    ones = np.ones(4)
    estimate = estimate_ips(np.array([1.0, 1.0, 0.0, 0.0]), ones, ones, np.array([7, 7, 8, 8]))
    assert (estimate.value, estimate.standard_error) == (0.5, 0.5)
    assert estimate.has_sound_weights


def test_the_three_values_are_told_of_the_same_log():
    x, arm, reward, logging, target, user_ids = simulate(1)
    logged = Logged(x, arm, logging[np.arange(arm.size), arm], reward, user_ids, ARMS)
    outcome = logged.predict_rewards(seed=1)
    value = estimate_value(logged, target, outcome)
    assert value.doubly_robust == estimate_doubly_robust(reward, arm, logged.propensity, target, outcome, user_ids)
    wanted = target[np.arange(arm.size), arm]
    assert value.snips == estimate_snips(reward, logged.propensity, wanted, user_ids)
    assert value.ips == estimate_ips(reward, logged.propensity, wanted, user_ids)


def test_wrong_propensities_show_in_the_mean_weight():
    _, arm, reward, logging, target, user_ids = simulate(1, people=2000)
    logged, wanted = logging[np.arange(arm.size), arm], target[np.arange(arm.size), arm]
    assert estimate_ips(reward, logged, wanted, user_ids).has_sound_weights
    assert not estimate_ips(reward, np.minimum(logged * 1.2, 1.0), wanted, user_ids).has_sound_weights


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
