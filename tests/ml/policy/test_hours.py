"""The hour and day at which to write."""

import numpy as np

from ml.policy.hours import best_slots, smooth_shares


def counts(size, *rows):
    table = np.zeros((len(rows), size), dtype=np.int64)
    for row, visits in enumerate(rows):
        for place, number in visits.items():
            table[row, place] = number
    return table


def test_a_habit_wins_and_a_few_visits_do_not_make_one():
    weekdays = counts(7, {2: 60}, {4: 1}, {1: 60}, {})
    hours = counts(24, {15: 60}, {17: 1}, {10: 90}, {})
    day, hour = best_slots(weekdays, hours)
    assert day.tolist() == [2, 1, 1, 1]
    assert hour.tolist() == [15, 10, 10, 10]


def test_nobody_is_written_to_on_days_off_or_at_night():
    day, hour = best_slots(counts(7, {6: 50, 3: 1}), counts(24, {3: 50, 8: 1}))
    assert (day.tolist(), hour.tolist()) == ([3], [8])


def test_own_working_days_are_respected():
    working = np.array([[False] * 5 + [True, False], [False] * 7])
    day, _ = best_slots(counts(7, {0: 9}, {0: 9}), counts(24, {9: 9}, {9: 9}), working)
    assert day.tolist() == [5, 1]


def test_without_any_history_it_is_tuesday_at_nine():
    day, hour = best_slots(np.zeros((2, 7), int), np.zeros((2, 24), int))
    assert (day.tolist(), hour.tolist()) == ([1, 1], [9, 9])


def test_smoothed_shares_sum_to_one():
    assert np.allclose(smooth_shares(counts(7, {1: 3}, {}), 1).sum(axis=1), 1)
