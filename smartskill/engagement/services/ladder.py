"""The ladder of reminders before a qualification expires: which rung is due on a day.

A rung is due from its day on, and only the latest due rung counts: after an outage people are told once, where they
stand now, instead of three times where they stood.
"""

from datetime import date

RUNGS = (90, 30, 7, 0)  # days before the last valid day
OVERDUE = "overdue"
OVERDUE_DAYS = 90  # what expired longer ago, and before it was recorded here, is history and not a reminder
MANAGER_AFTER_DAYS, HR_AFTER_DAYS = 7, 14  # after the holder was told that it is overdue


def due_rung(expires_on: date, today: date) -> str | None:
    """The latest rung that is due: `"90"`, `"30"`, `"7"`, `"0"`, `"overdue"`, or None while there is time.

    `expires_on` is the last valid day, so on that day it is rung 0, and overdue from the day after.
    """
    left = (expires_on - today).days
    if left < 0:
        return OVERDUE
    return next((str(rung) for rung in reversed(RUNGS) if left <= rung), None)


def later_rungs(rung: str) -> tuple[str, ...]:
    """The rungs after one, in their order."""
    ladder = (*map(str, RUNGS), OVERDUE)
    return ladder[ladder.index(rung) + 1 :]


def is_history(expires_on: date, recorded_on: date, today: date) -> bool:
    """Whether it expired long ago, and before anybody recorded it here: an old certificate of a CV."""
    return expires_on < recorded_on and (today - expires_on).days > OVERDUE_DAYS


def campaign_of(qualification_id: int, expires_on: date, rung: str) -> str:
    """What a reminder is about. The date is part of it: one that was corrected starts the ladder anew."""
    return f"qualification_expiring:{qualification_id}:{expires_on.isoformat()}:{rung}"
