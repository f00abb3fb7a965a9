"""The plain rules."""

import numpy as np
import pytest

from ml.rules import rule_choice, rule_effects, rule_lapse

ARMS = ("none", "digest", "endorsed")


def test_quiet_people_lapse_as_quiet_people_did():
    train = np.array([20.0, 30.0, 1.0, 2.0, 3.0])
    lapsed = np.array([True, True, True, False, False])
    assert rule_lapse(np.array([14.0, 14.1]), train, lapsed).tolist() == [2 / 5, 3 / 4]


def test_the_rule_expects_less_from_people_who_were_just_here():
    effects = rule_effects(ARMS, np.array([6.9, 7.0]))
    assert effects[:, 0].tolist() == [0, 0]
    assert effects[0] == pytest.approx(effects[1] / 4)


def test_the_rule_sends_the_strongest_eligible_kind_to_quiet_people():
    eligible = np.array([[True, True, True], [True, True, False], [True, False, False], [True, True, True]])
    assert rule_choice(ARMS, np.array([9, 9, 9, 1]), eligible).tolist() == [2, 1, 0, 0]
