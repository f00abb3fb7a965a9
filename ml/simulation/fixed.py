"""Policies to be compared with: nobody, everybody, the product's rule, and one that knows the truth for one week."""

from collections.abc import Callable

import numpy as np

from ml.rules import rule_choice
from ml.simulation.people import State, Truth
from ml.simulation.worlds import ARMS, NONE_ARM

REST_WEEKS = 4  # between two mails of a kind; the product's rule rests 28 days
Fixed = Callable[[State, Truth, np.ndarray], np.ndarray]


def none(state: State, truth: Truth, is_eligible: np.ndarray) -> np.ndarray:
    """Write to nobody."""
    return np.full(len(is_eligible), NONE_ARM)


def everybody(state: State, truth: Truth, is_eligible: np.ndarray) -> np.ndarray:
    """Write to everybody to whom there is something to say, whatever the rule believes strongest."""
    return rule_choice(ARMS, np.full(len(is_eligible), np.inf), is_eligible)


def rule(state: State, truth: Truth, is_eligible: np.ndarray) -> np.ndarray:
    """Write to who was away for a week, the strongest kind that rested: the product's rule, by its own function."""
    rested = is_eligible & (state.weeks_since_kind >= REST_WEEKS)
    rested[:, NONE_ARM] = True
    return rule_choice(ARMS, 7 * state.weeks_away, rested)


def oracle(state: State, truth: Truth, is_eligible: np.ndarray) -> np.ndarray:
    """Do what is best for this week by the truth; it does not look further ahead."""
    return np.argmax(np.where(is_eligible, truth.gain, -np.inf), axis=1)


FIXED: dict[str, Fixed] = {"rule": rule, "all": everybody, "none": none, "oracle": oracle}
