"""Splitting by time."""

import numpy as np
import pytest

from ml.facts import Facts
from ml.labels import NotMatured
from ml.windows import NotEnoughWindows, ShuffledSplit, TimeSplit, label_rows, regular_moments, split_in_time
from tests.ml.samples import AS_OF, DAY, log

WEEK = 7 * DAY


def weeks(*numbers):
    return tuple(AS_OF + number * WEEK for number in numbers)


def test_parts_follow_each_other_and_overlapping_windows_are_dropped():
    split = split_in_time(weeks(*range(12)), now=AS_OF + 13 * WEEK, calibration_windows=2, test_windows=3)
    assert split.test == weeks(9, 10, 11)
    assert split.calibration == weeks(6, 7)  # 8 would still be counting when the test begins
    assert split.train == weeks(0, 1, 2, 3, 4)


def test_unmatured_windows_are_left_out():
    split = split_in_time(weeks(*range(12)), now=AS_OF + 13 * WEEK - 1, test_windows=1)
    assert split.test == weeks(10)


def test_the_order_in_which_moments_are_given_does_not_matter():
    now = AS_OF + 20 * WEEK
    assert split_in_time(weeks(*reversed(range(12))), now) == split_in_time(weeks(*range(12)), now)


def test_too_few_windows_are_refused():
    with pytest.raises(NotEnoughWindows):
        split_in_time(weeks(0, 1, 2, 3), now=AS_OF + 10 * WEEK)
    with pytest.raises(NotEnoughWindows):
        split_in_time((), now=AS_OF)


@pytest.mark.parametrize(
    "parts",
    [
        (weeks(0, 6), weeks(4), weeks(10)),
        (weeks(0), weeks(1), weeks(5)),
        (weeks(1, 0), weeks(4), weeks(8)),
        (weeks(0, 0), weeks(4), weeks(8)),
        ((), weeks(4), weeks(8)),
    ],
)
def test_a_shuffled_or_overlapping_split_is_refused(parts):
    with pytest.raises(ShuffledSplit):
        TimeSplit(*parts)


def test_rows_carry_their_person_moment_and_label():
    moments = regular_moments(AS_OF, AS_OF + WEEK)
    people = {at: Facts(np.array([1, 2]), np.full(2, AS_OF - WEEK), at, {}) for at in moments}
    rows = label_rows(log((1, -1, "search")), people, moments, now=AS_OF + 3 * WEEK)
    assert rows.user_ids.tolist() == [1, 2, 1, 2]
    assert rows.as_of.tolist() == [AS_OF, AS_OF, AS_OF + WEEK, AS_OF + WEEK]
    assert rows.lapsed.tolist() == [False, True, True, True]
    assert rows.column("recency_days").tolist() == [7, 7, 6, 14]  # the act is a feature only once it has happened


def test_rows_without_a_final_label_are_refused():
    people = {AS_OF: Facts(np.array([1]), np.array([AS_OF]), AS_OF, {})}
    with pytest.raises(NotMatured):
        label_rows(log(), people, (AS_OF,), now=AS_OF + WEEK)
