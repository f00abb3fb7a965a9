"""The worlds do what docs/simulator.md says of them."""

from dataclasses import replace

import numpy as np
import pytest

from ml.simulation import people
from ml.simulation.fixed import FIXED
from ml.simulation.running import Task, run_task
from ml.simulation.worlds import ARMS, NONE_ARM, WORLDS

GAP, STALE = ARMS.index("role_gap"), ARMS.index("skill_stale")


def two(**traits):
    given = {"usual": -0.85, "responsiveness": 1.0, "impatience": 1.0, "stale": 0.2, "gap": 5.0, "complete": 0.7}
    columns = {name: np.full(2, value) for name, value in (given | traits).items()}
    return people.Traits(**columns, tenure_weeks=np.full(2, 50))


def state(**now):
    given = people.State(
        habit=np.full(2, 0.35), weeks_away=np.full(2, 2.0), recent_mails=np.zeros(2),
        weeks_since_kind=np.full((2, len(ARMS)), np.inf), has_evidence=np.ones((2, len(ARMS)), dtype=bool),
        is_subscribed=np.ones(2, dtype=bool),
    )  # fmt: skip
    return replace(given, **now)


def test_the_truth_by_hand():
    truth = people.truth_of(WORLDS["responsive"], two(), state(recent_mails=np.array([0.0, 2.0])), week=10)
    assert truth.organic == pytest.approx(1 / (1 + np.exp(0.85)), abs=1e-6)
    assert truth.reach[0, GAP] == pytest.approx(0.16 * 1.6)
    assert truth.reach[0, STALE] == pytest.approx(0.18 * (0.4 + 2.1 * 0.2))
    assert truth.reach[1, GAP] == pytest.approx(0.16 * 1.6 / 1.4)
    assert truth.unsubscribe[:, GAP] == pytest.approx([0.004, 0.012])
    gain = (1 - truth.organic[0]) * truth.reach[0, GAP] - 0.02 - 1.5 * 0.004
    assert truth.gain[0, GAP] == pytest.approx(gain)
    assert (truth.gain[:, NONE_ARM] == 0).all()


def test_a_kind_that_was_just_sent_recovers_and_who_is_long_away_is_hard_to_reach():
    since = np.full((2, len(ARMS)), np.inf)
    since[:, GAP] = [0, 2]
    truth = people.truth_of(WORLDS["responsive"], two(), state(weeks_since_kind=since), week=10)
    assert truth.reach[:, GAP] == pytest.approx([0.256 * 0.5, 0.256 * 0.75])
    truth = people.truth_of(WORLDS["responsive"], two(), state(weeks_away=np.array([0.0, 12.0])), week=10)
    assert truth.reach[:, GAP] == pytest.approx([0.256 * 0.25, 0.256 * 0.5])


def test_holidays_and_the_change_of_the_drift_world():
    usual, summer = (people.truth_of(WORLDS["drift"], two(), state(), week) for week in (10, 30))
    assert summer.organic[0] == pytest.approx(1 / (1 + np.exp(0.85 + 0.5 + 0.3)), abs=1e-3)
    assert summer.reach[0, GAP] == pytest.approx(usual.reach[0, GAP] * 0.06 / 0.16)


def test_utility_by_hand():
    arm = np.array([GAP, NONE_ARM, GAP, NONE_ARM])
    week = people.Week(np.array([True, True, False, False]), np.array([False, False, True, False]), np.zeros(4))
    assert people.utility_of(arm, week) == pytest.approx((2 - 0.02 * 2 - 1.5) / 4)


def test_nothing_anyone_sends_has_an_effect_in_the_null_world():
    traits, now = two(), state()
    assert (people.truth_of(WORLDS["null"], traits, now, 5).reach == 0).all()
    runs = [run_task(Task("null", policy, 3, 300, 8)) for policy in ("all", "none")]
    active = [one.utility + 0.02 * one.sent + 1.5 * one.unsubscribed for one in runs]
    np.testing.assert_allclose(active[0], active[1], atol=1e-12)


def test_policies_meet_the_same_luck():
    runs = [run_task(Task("responsive", "none", 3, 200, 6)).utility for _ in range(2)]
    np.testing.assert_array_equal(*runs)
    assert not np.array_equal(runs[0], run_task(Task("responsive", "none", 4, 200, 6)).utility)


def test_the_rule_writes_to_who_was_away_with_a_kind_that_rested():
    since = np.full((2, len(ARMS)), np.inf)
    since[1, ARMS.index("endorsed")] = 3
    now = state(weeks_away=np.array([1.0, 1.0]), weeks_since_kind=since)
    truth = people.truth_of(WORLDS["responsive"], two(), now, 5)
    assert [ARMS[arm] for arm in FIXED["rule"](now, truth, now.has_evidence)] == ["endorsed", "skill_stale"]
    here = replace(now, weeks_away=np.zeros(2))
    assert (FIXED["rule"](here, truth, here.has_evidence) == NONE_ARM).all()


@pytest.mark.parametrize("world", WORLDS)
def test_the_oracle_is_worth_at_least_the_rule(world):
    values = {
        policy: np.mean([run_task(Task(world, policy, seed, 1000, 52)).utility.mean() for seed in range(2)])
        for policy in ("oracle", "rule")
    }
    assert values["oracle"] >= values["rule"]
