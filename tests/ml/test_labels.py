"""Labels and the moment at which they are known."""

import numpy as np
import pytest

from ml.labels import NotMatured, has_matured, label_act, label_cost, label_lapse, label_return
from tests.ml.samples import AS_OF, DAY, log

NOW = AS_OF + 14 * DAY


def test_lapse_is_no_act_in_the_half_open_window():
    events = log((1, 0, "search"), (2, -13.999, "search"), (3, -14, "search"), (4, 0.001, "search"))
    assert label_lapse(events, np.array([1, 2, 3, 4, 5]), AS_OF, NOW).tolist() == [False, False, True, True, True]


def test_signing_in_clicking_and_robots_do_not_prevent_a_lapse():
    events = log((1, -1, "signed_in"), (1, -1, "email_clicked"), (1, -1, "endorsement_received"))
    assert label_lapse(events, np.array([1]), AS_OF, NOW).tolist() == [True]
    assert label_lapse(log((1, -1, "search"), automated=True), np.array([1]), AS_OF, NOW).tolist() == [True]


def test_a_label_is_refused_a_second_before_it_is_known():
    with pytest.raises(NotMatured):
        label_lapse(log(), np.array([1]), AS_OF, NOW - 1)
    assert has_matured(AS_OF, 14, NOW)
    assert not has_matured(AS_OF, 14, NOW - 1)


def test_return_is_labelled_per_decision_and_only_when_final():
    events = log((1, -3, "search"), (1, -20, "search"))
    decided = np.array([AS_OF, AS_OF - 5 * DAY, AS_OF + 10 * DAY, AS_OF])
    returned, matured = label_return(events, np.array([1, 1, 1, 2]), decided, NOW)
    assert matured.tolist() == [True, True, False, True]
    assert returned.tolist() == [True, False, False, False]


def test_an_unfinished_window_says_nothing_even_after_a_return():
    returned, matured = label_return(log((1, -1, "search")), np.array([1]), np.array([AS_OF]), AS_OF + 2 * DAY)
    assert (returned.tolist(), matured.tolist()) == ([False], [False])


def test_an_act_is_one_of_the_promoted_kinds():
    events = log((1, -10, "skill_confirmed"), (2, -10, "search"))
    acted, _ = label_act(events, np.array([1, 2]), np.array([AS_OF, AS_OF]), ("skill_confirmed",), NOW)
    assert acted.tolist() == [True, False]


def test_a_cost_is_an_unsubscribe_or_complaint():
    events = log((1, -1, "unsubscribed"), (2, -1, "complained"), (3, -1, "preference_changed"), (4, -8, "complained"))
    cost, _ = label_cost(events, np.array([1, 2, 3, 4]), np.full(4, AS_OF), NOW)
    assert cost.tolist() == [True, True, False, False]


def test_no_decisions_have_no_labels():
    returned, matured = label_return(log((1, 1, "search")), np.zeros(0, int), np.zeros(0, int), NOW)
    assert returned.size == matured.size == 0
