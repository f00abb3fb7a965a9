"""The lift of mailing, plain and adjusted for the past."""

import numpy as np
import pytest
from scipy import stats

from ml.estimators.cuped import measure_adjusted_lift
from ml.estimators.lift import measure_lift
from ml.estimators.student import t_quantile


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


def test_a_lift_by_hand():
    """Mailed means 1.0, 0.5, 0.0 (variance 0.25), held out 0.0, 0.5 (variance 0.125).

    Difference 0.5 − 0.25 = 0.25; standard error √(0.25 / 3 + 0.125 / 2) = 0.3819.
    """
    outcome = np.array([1.0, 1.0, 1.0, 0.0, 0.0, 0.0, 1.0, 0.0])
    users = np.array([1, 1, 2, 2, 3, 4, 5, 5])
    lift = measure_lift(outcome, users >= 4, users)
    assert (lift.treated_mean, lift.held_out_mean, lift.difference.value) == (0.5, 0.25, 0.25)
    freedom = (0.25 / 3 + 0.125 / 2) ** 2 / ((0.25 / 3) ** 2 / 2 + (0.125 / 2) ** 2 / 1)
    assert lift.difference.high - 0.25 == pytest.approx(t_quantile(0.975, freedom) * 0.3819, rel=1e-3)


def test_an_adjusted_lift_by_hand():
    """Past and outcome: mailed (0, 2), (1, 3), (2, 4), held out (0, 1), (2, 3): the slope is 1 on either side.

    Plain: 3 − 2 = 1. The pasts average 1 on either side, so nothing moves; what is left varies no more at all.
    With pasts of the held out one higher, the slope is still 1 and the difference becomes 3 − 2 + 1 · (2 − 1) = 2.
    """
    outcome, held = np.array([2.0, 3.0, 4.0, 1.0, 3.0]), np.array([False, False, False, True, True])
    past = np.array([0.0, 1.0, 2.0, 0.0, 2.0])
    lift = measure_adjusted_lift(outcome, held, np.arange(5), past)
    assert lift.slope == pytest.approx(1)
    assert (lift.plain.difference.value, lift.adjusted.difference.value) == pytest.approx((1, 1))
    assert lift.adjusted.difference.high == pytest.approx(1)
    assert lift.width_ratio == pytest.approx(0)
    shifted = measure_adjusted_lift(outcome, held, np.arange(5), past + held)
    assert shifted.adjusted.difference.value == pytest.approx(2)


def trial(seed, people=400, effect=0.0, explained=0.8):
    """Return one decision per person; the past explains that share of the standard deviation."""
    rng = np.random.default_rng(seed)
    past, held = rng.normal(size=people), rng.permutation(people) < people // 5
    outcome = explained * past + np.sqrt(1 - explained**2) * rng.normal(size=people) + np.where(held, 0, effect)
    return outcome, held, np.arange(people), past


def test_the_adjusted_interval_is_narrower_by_what_the_past_explains():
    lift = measure_adjusted_lift(*trial(1, people=4000))
    assert lift.width_ratio == pytest.approx(np.sqrt(1 - 0.8**2), rel=0.05)
    assert lift.adjusted.smallest_detectable < lift.plain.smallest_detectable


def test_the_adjusted_interval_holds_the_truth_as_often_as_it_says():
    held = 0
    for seed in range(300):
        lift = measure_adjusted_lift(*trial(seed, people=60, effect=0.4))
        held += lift.adjusted.difference.low <= 0.4 <= lift.adjusted.difference.high
    assert 270 <= held <= 298  # 285 expected, four standard errors are 15


@pytest.mark.parametrize("past", [np.zeros(400), np.full(400, np.nan)])
def test_a_past_that_says_nothing_changes_nothing(past):
    outcome, held, users, _ = trial(1)
    lift = measure_adjusted_lift(outcome, held, users, past)
    assert lift.slope == 0
    assert lift.adjusted.difference.value == pytest.approx(lift.plain.difference.value)
    assert lift.width_ratio == pytest.approx(1)


def test_people_without_a_past_are_kept():
    outcome, held, users, past = trial(1)
    past[::9] = np.nan
    lift = measure_adjusted_lift(outcome, held, users, past)
    assert lift.adjusted.treated_people == lift.plain.treated_people
    assert lift.width_ratio < 1


def test_an_adjusted_lift_without_people_to_compare_is_not_yet_measurable():
    lift = measure_adjusted_lift(np.ones(3), np.array([True, False, False]), np.arange(3), np.arange(3.0))
    assert lift.adjusted.verdict == "not yet measurable"


def test_a_verdict_is_a_sentence_with_its_figures():
    outcome, held, users, _ = trial(1, effect=2.0)
    assert measure_lift(outcome, held, users).sentence.startswith("Mail helped: +")
    assert measure_lift(-outcome, held, users).sentence.startswith("Mail did harm: -")
    outcome, held, users, _ = trial(1)
    assert "would be found four times in five" in measure_lift(outcome, held, users).sentence
    assert measure_lift(outcome, users < 1, users).sentence.startswith("Not yet measurable")
