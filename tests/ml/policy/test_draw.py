"""The draw replays, follows its propensities, and the holdout is stable."""

from dataclasses import replace
from datetime import date

import numpy as np
import pytest
from scipy import stats

from ml.policy.draw import decide, draw_arm, is_held_out, quarter_of, replays, uniform_of
from ml.policy.scoring import PolicySettings

SECRET = b"a secret of the test"
ARMS = ("none", "endorsed", "digest", "role_gap")
SCORES, ELIGIBLE = np.array([0.0, 0.01, -0.01, 0.3]), np.array([True, True, True, False])


def decided(key, held_out=False):
    return decide(ARMS, SCORES, ELIGIBLE, 1, SECRET, key, held_out, PolicySettings())


def test_the_same_key_draws_the_same_and_replays():
    decision = decided("7:2026-W02")
    assert decision == decided("7:2026-W02")
    assert replays(decision, SECRET)


def test_a_record_that_was_altered_does_not_replay():
    decision = decided("7:2026-W02")
    other = "digest" if decision.drawn_arm != "digest" else "none"
    assert not replays(replace(decision, drawn_arm=other), SECRET)
    assert not replays(decision, b"another secret")


def test_the_record_holds_the_whole_vector():
    decision = decided("1")
    assert sum(decision.propensities) == pytest.approx(1)
    assert decision.propensity == decision.propensities[ARMS.index(decision.drawn_arm)]
    assert decision.propensities[3] == 0
    assert decision.scores == (0.0, 0.01, -0.01, None)


def test_draws_follow_their_propensities():
    drawn = [decided(f"{user}:2026-W02") for user in range(10_000)]
    counts = np.array([sum(d.drawn_arm == arm for d in drawn) for arm in ARMS[:3]])
    expected = np.array(drawn[0].propensities[:3]) * 10_000
    assert stats.chisquare(counts, expected * counts.sum() / expected.sum()).pvalue > 0.001


def test_somebody_held_out_gets_nothing_but_is_drawn_for():
    for user in range(50):
        held, other = decided(str(user), held_out=True), decided(str(user))
        assert held.arm == "none"
        assert held.drawn_arm == other.drawn_arm == other.arm


@pytest.mark.parametrize(("point", "arm"), [(0.0, 1), (0.49, 1), (0.5, 3), (1 - 2**-53, 3)])
def test_an_impossible_arm_is_never_drawn(point, arm):
    assert draw_arm(np.array([0.0, 0.5, 0.0, 0.5, 0.0]), point) == arm


def test_the_numbers_are_uniform_and_purposes_do_not_share_them():
    draws = [uniform_of(SECRET, "draw", str(n)) for n in range(5000)]
    holdouts = [uniform_of(SECRET, "holdout", str(n)) for n in range(5000)]
    assert stats.kstest(draws, "uniform").pvalue > 0.001
    assert abs(np.corrcoef(draws, holdouts)[0, 1]) < 0.06


def test_the_holdout_is_stable_within_a_quarter_and_new_in_the_next():
    first, again, later = (
        [is_held_out(SECRET, user, quarter, 0.1) for user in range(5000)] for quarter in ("2026Q1", "2026Q1", "2026Q2")
    )
    assert first == again
    assert 430 <= sum(first) <= 570
    assert 25 <= sum(a and b for a, b in zip(first, later, strict=True)) <= 85  # 50 if independent


def test_a_larger_holdout_contains_the_smaller():
    small, large = ([is_held_out(SECRET, user, "2026Q1", share) for user in range(500)] for share in (0.1, 0.2))
    assert all(b for a, b in zip(small, large, strict=True) if a)


@pytest.mark.parametrize(("day", "quarter"), [((2026, 3, 31), "2026Q1"), ((2026, 4, 1), "2026Q2")])
def test_quarters_begin_on_their_first_day(day, quarter):
    assert quarter_of(date(*day)) == quarter
