"""Drift: an alarm where scores no longer come true, and none where people or features merely changed."""

import numpy as np
import pytest

from ml.drift import judge_drift, spread_of, stability_index

PEOPLE = 2_000


def world(seed: int, shift: float = 0.0, fails: float = 0.0):
    """Scores, outcomes and people: `shift` moves the people, whose scores stay right; `fails` makes scores wrong."""
    rng = np.random.default_rng(seed)
    odds = rng.normal(-0.5 + shift, 1.2, PEOPLE)
    happened = rng.random(PEOPLE) < 1 / (1 + np.exp(-(odds + fails)))
    return 1 / (1 + np.exp(-odds)), happened, np.arange(PEOPLE)


def judge(seed: int = 1, **how):
    return judge_drift(spread_of(world(0)[0]), *world(seed, **how), seed=0, replicates=100)


def test_an_index_worked_by_hand():
    spread = spread_of(np.array([0.1, 0.2, 0.8, 0.9]), groups=2)
    assert spread.shares == (0.5, 0.5)
    assert stability_index(spread, np.array([0.1, 0.2, 0.3, 0.9])) == pytest.approx(
        0.25 * np.log(0.75 / 0.5) - 0.25 * np.log(0.25 / 0.5)
    )
    assert stability_index(spread, np.array([0.2, 0.9])) == 0
    assert np.isnan(stability_index(spread, np.zeros(0)))


def test_the_same_world_is_steady_and_raises_no_alarm_in_forty_tries():
    assert {judge(seed).verdict for seed in range(1, 41)} == {"steady"}


@pytest.mark.parametrize("shift", [1.0, -1.0])
def test_other_people_whose_scores_come_true_are_a_shift_and_no_alarm(shift):
    seen = judge(shift=shift)
    assert seen.psi > 0.25
    assert (seen.verdict, seen.is_alarm) == ("shifted", False)


@pytest.mark.parametrize("how", [{"fails": 1.0}, {"fails": -1.0}, {"shift": 0.8, "fails": 0.5}])
def test_scores_that_no_longer_come_true_are_an_alarm(how):
    assert judge(**how).is_alarm


def test_few_rows_or_one_outcome_say_nothing_yet():
    scores, happened, people = world(1)
    spread = spread_of(scores)
    assert judge_drift(spread, scores[:199], happened[:199], people[:199], 0).verdict == "not yet measurable"
    assert judge_drift(spread, scores, np.zeros(PEOPLE, dtype=bool), people, 0).verdict == "not yet measurable"
