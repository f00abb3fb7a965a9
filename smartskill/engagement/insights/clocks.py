"""What people's own clocks showed: how far each was ahead of UTC at each of many moments, summer time included.

A zone's changes within a year are found once and kept; each moment is then looked up in them.
"""

from datetime import UTC, datetime
from functools import lru_cache
from zoneinfo import ZoneInfo

import numpy as np

DAY_S = 86_400


def offsets_at(zone: str, moments: np.ndarray) -> np.ndarray:
    """Seconds ahead of UTC; those of UTC for a zone that is not known.

    Args:
        moments: epoch seconds, shape (n,).
    Returns:
        int32 array, shape (n,).
    """
    if not moments.size:
        return np.zeros(0, dtype=np.int32)
    first, last = (datetime.fromtimestamp(int(edge), UTC).year for edge in (moments.min(), moments.max()))
    changes = [change for year in range(first, last + 1) for change in _changes(zone, year)]
    starts, offsets = np.array(changes, dtype=np.int64).T
    return offsets[np.searchsorted(starts, moments, side="right") - 1].astype(np.int32)


@lru_cache(maxsize=4096)
def _changes(name: str, year: int) -> tuple[tuple[int, int], ...]:
    """From which moment on which offset holds: at the year's beginning, and at each change within it."""
    zone = _find_zone(name)
    start, end = (int(datetime(one, 1, 1, tzinfo=UTC).timestamp()) for one in (year, year + 1))
    found = [(start, _offset(zone, start))]
    for day in range(start + DAY_S, end + 1, DAY_S):
        if _offset(zone, day) != found[-1][1]:
            found.append(_find_change(zone, day - DAY_S, day))
    return tuple(found)


def _find_change(zone: ZoneInfo, before: int, after: int) -> tuple[int, int]:
    """The first second of a new offset between two moments that differ, and that offset."""
    old, new = _offset(zone, before), _offset(zone, after)
    while after - before > 1:
        middle = (before + after) // 2
        before, after = (middle, after) if _offset(zone, middle) == old else (before, middle)
    return after, new


def _offset(zone: ZoneInfo, moment: int) -> int:
    return int(datetime.fromtimestamp(moment, zone).utcoffset().total_seconds())  # type: ignore[union-attr]


def _find_zone(name: str) -> ZoneInfo:
    try:
        return ZoneInfo(name)
    except (KeyError, ValueError, OSError):
        return ZoneInfo("UTC")
