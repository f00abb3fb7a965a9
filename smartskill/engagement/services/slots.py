"""When a person's weekly decision is due, on their own clock.

A week is the ISO week of the person's local day. Runs follow each other daily and each covers the slots of a day to
come, so that the mail is written down before its hour; what an outage left uncovered the next run takes up.
"""

from dataclasses import dataclass
from datetime import UTC, date, datetime, time, timedelta
from zoneinfo import ZoneInfo

AHEAD = timedelta(hours=24)
LONGEST = timedelta(days=7)  # an outage longer than this covers every slot once


@dataclass(frozen=True)
class Window:
    """The slots that a run covers: from `start` (the end of the run before) up to `end`; both UTC."""

    start: datetime
    end: datetime

    @classmethod
    def after(cls, covered_until: datetime | None, at: datetime) -> "Window":
        """What is left to cover at a moment; without a run before, the day to come."""
        start = at if covered_until is None else max(min(covered_until, at + AHEAD), at - LONGEST)
        return cls(start, at + AHEAD)

    def __contains__(self, slot: datetime) -> bool:
        return self.start <= slot < self.end


def week_of(at: datetime, zone: ZoneInfo) -> str:
    """The ISO week of somebody's day, such as `2026-W47`."""
    return f"{at.astimezone(zone):%G-W%V}"


def find_slot(window: Window, zone: ZoneInfo, weekday: int, hour: int) -> datetime | None:
    """The last moment in the window that is this weekday and hour on a person's clock (UTC), or None."""
    day = window.end.astimezone(zone).date()
    for back in range((window.end - window.start).days + 2):
        slot = _moment(day - timedelta(days=back), hour, zone)
        if slot.astimezone(zone).weekday() == weekday and slot in window:
            return slot
    return None


def _moment(day: date, hour: int, zone: ZoneInfo) -> datetime:
    return datetime.combine(day, time(hour), zone).astimezone(UTC)
