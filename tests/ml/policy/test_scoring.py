"""Scores, stages and propensities."""

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from hypothesis.extra import numpy as arrays

from ml.policy.scoring import (
    EVEN_EXPLORATION,
    EXPLORATION,
    NoneMissing,
    PolicySettings,
    choose_propensities,
    lapse_effects,
    score_arms,
    shrink_effects,
    stage_of,
)

ARMS = ("none", "endorsed", "digest")
SETTINGS = PolicySettings(return_value=2.0, send_cost=0.02, unsubscribe_cost=1.5, fatigue=0.04, temperature=0.02)


def test_a_score_is_worked_out_as_written():
    scores = score_arms(
        ARMS, np.array([[0.0, 0.1, 0.1]]), 0.01, np.array([[np.nan, 14.0, np.nan]]), price=0.005, settings=SETTINGS
    )
    assert scores[0] == pytest.approx([0.0, 0.2 - 0.02 - 0.015 - 0.02 - 0.005, 0.2 - 0.02 - 0.015 - 0.005])


def test_a_kind_sent_just_now_recovers_by_half_in_fourteen_days():
    never, now, fortnight = (
        score_arms(ARMS, np.zeros((1, 3)), 0.0, np.full((1, 3), days), 0.0, SETTINGS)[0, 1] for days in (np.inf, 0, 14)
    )
    assert never - now == pytest.approx(0.04)
    assert never - fortnight == pytest.approx(0.02)


@pytest.mark.parametrize(
    ("matured", "highest", "stage"),
    [(0, 3, 0), (999, 3, 0), (1000, 3, 1), (4000, 3, 2), (16_000, 3, 3), (16_000, 1, 1), (16_000, 0, 0)],
)
def test_the_stage_is_what_data_reach_and_the_gate_admits(matured, highest, stage):
    assert stage_of(matured, highest) == stage


def test_at_stage_one_the_lapse_model_orders_what_the_rule_believes():
    rule = np.array([[0.0, 0.08], [0.0, 0.08], [0.0, 0.02], [0.0, 0.08]])
    effects = lapse_effects(rule, np.array([0.01, 0.2, 0.2, 0.99]), usual_lapse=0.4)
    assert effects[:, 0].tolist() == [0, 0, 0, 0]
    factor = 0.2 * 0.8 / (0.75 * 0.4 * 0.6)
    assert effects[:, 1] == pytest.approx([0.04, 0.08 * factor, 0.02 * factor, 0.04])


def test_at_stage_one_those_come_first_of_whom_it_is_open_whether_they_come():
    """Neither who is sure to return nor who is as good as gone, however often people lapse here."""
    chances = np.linspace(0.01, 0.99, 99)
    for usual in (0.1, 0.5, 0.8):
        factor = lapse_effects(np.ones((99, 1)), chances, usual)[:, 0]
        assert factor[49] == factor.max()
        assert factor[[0, -1]].tolist() == [0.5, 0.5]
        np.testing.assert_allclose(factor, factor[::-1])
        assert (np.diff(factor[:50]) >= 0).all()


def test_effects_are_shrunk_to_the_rules():
    rule, model = np.array([0.1, 0.1, 0.1]), np.array([0.3, 0.3, 0.3])
    assert shrink_effects(rule, model, np.array([0, 500, 1500])) == pytest.approx([0.1, 0.2, 0.25])


def test_propensities_by_hand():
    scores = np.array([[0.0, 0.005 * np.log(3), -9.0]])
    eligible = np.array([[True, True, False]])
    # preferred (1/4, 3/4), explored a fifth evenly (1/2, 1/2) and the rest as preferred, with ε = 0.1
    first = 0.9 / 4 + 0.1 * (0.2 / 2 + 0.8 / 4)
    assert choose_propensities(ARMS, scores, eligible, 1, 0.02)[0] == pytest.approx([first, 1 - first, 0])


def test_measured_effects_are_acted_on_and_what_looks_bad_is_tried_least():
    scores = np.array([[0.0, 0.02, -0.02]])
    chances = choose_propensities(ARMS, scores, np.ones((1, 3), bool), 3, 0.02)[0]
    warm = np.exp([0.0, 4.0, -4.0]) / np.exp([0.0, 4.0, -4.0]).sum()
    expected = 0.95 * np.array([0.0, 1.0, 0.0]) + 0.05 * (0.2 * np.array([0.5, 0.25, 0.25]) + 0.8 * warm)
    assert chances == pytest.approx(expected, abs=1e-6)
    assert chances[1] > chances[0] > chances[2] > 0


def test_exploration_prefers_silence():
    scores = np.array([[0.0, 9.0, 0.0]])
    chances = choose_propensities(ARMS, scores, np.ones((1, 3), bool), 0, 0.02)[0]
    assert chances == pytest.approx([0.15, 0.775, 0.075])


@settings(max_examples=200, deadline=None)
@given(
    scores=arrays.arrays(np.float64, (5, 3), elements=st.floats(-50, 50)),
    eligible=arrays.arrays(np.bool_, (5, 3)),
    stage=st.integers(0, 3),
)
def test_propensities_sum_to_one_with_a_floor_for_every_eligible_arm(scores, eligible, stage):
    eligible[:, 0] = True
    chances = choose_propensities(ARMS, scores, eligible, stage, 0.02)
    np.testing.assert_allclose(chances.sum(axis=1), 1, rtol=1e-12)
    assert (chances[~eligible] == 0).all()
    assert (chances[eligible] >= EXPLORATION[stage] * EVEN_EXPLORATION[stage] * 0.25 - 1e-12).all()
    assert (chances[~eligible[:, 1:].any(axis=1), 0] == 1).all()


def test_an_ineligible_arm_may_have_any_score():
    chances = choose_propensities(ARMS, np.array([[0.0, 0.1, np.nan]]), np.array([[True, True, False]]), 0, 0.02)
    assert np.isfinite(chances).all()


def test_bad_input_is_refused():
    everything = np.ones((1, 3), bool)
    with pytest.raises(NoneMissing):
        choose_propensities(("a", "b", "c"), np.zeros((1, 3)), everything, 0, 0.02)
    with pytest.raises(NoneMissing):
        choose_propensities(ARMS, np.zeros((1, 3)), np.array([[False, True, True]]), 0, 0.02)
    with pytest.raises(ValueError, match="finite"):
        choose_propensities(ARMS, np.array([[0.0, np.nan, 0.0]]), everything, 0, 0.02)
