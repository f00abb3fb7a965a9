"""The ladder, worked by hand."""

from datetime import date

import pytest

from smartskill.engagement.services.ladder import due_rung, is_history

LAST = date(2026, 12, 12)


@pytest.mark.parametrize(
    ("today", "rung"),
    [
        (date(2026, 9, 12), None),  # 91 days left
        (date(2026, 9, 13), "90"),
        (date(2026, 11, 11), "90"),  # 31 days left
        (date(2026, 11, 12), "30"),
        (date(2026, 11, 22), "30"),  # 20 days left
        (date(2026, 12, 4), "30"),
        (date(2026, 12, 5), "7"),
        (date(2026, 12, 11), "7"),
        (date(2026, 12, 12), "0"),  # its last valid day
        (date(2026, 12, 13), "overdue"),
        (date(2028, 1, 1), "overdue"),
    ],
)
def test_only_the_latest_due_rung_counts(today, rung):
    assert due_rung(LAST, today) == rung


def test_what_expired_long_before_it_was_recorded_is_history():
    assert is_history(date(2020, 1, 1), recorded_on=date(2026, 1, 1), today=date(2026, 11, 22))
    assert not is_history(date(2026, 11, 1), recorded_on=date(2026, 11, 20), today=date(2026, 11, 22))
    assert not is_history(date(2026, 1, 1), recorded_on=date(2025, 1, 1), today=date(2026, 11, 22))
