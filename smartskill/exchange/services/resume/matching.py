"""Which row an entry is about: a repeated import must find what it made, and not mistake one stint for another.

Rows and entries meet by names (case and spaces aside) and date; first where the dates are the same, then where one only
says less than the other: 2019 and 2019-05. Each row meets one entry at most.
"""

from collections.abc import Callable, Hashable
from typing import Any

from smartskill.kit.partial_date import PartialDate


def fold(text: str | None) -> str:
    """A name for comparison."""
    return " ".join((text or "").casefold().split())


def agree(one: PartialDate | None, other: PartialDate | None) -> bool:
    """Whether two dates can be the same one, known to different precision; no date agrees with any."""
    if one is None or other is None:
        return True
    return _holds(one, other) or _holds(other, one)


def finer(old: PartialDate | None, new: PartialDate | None) -> PartialDate | None:
    """The new date, unless it only says less than the old one."""
    return old if old is not None and new is not None and _holds(new, old) else new


def _holds(wide: PartialDate, narrow: PartialDate) -> bool:
    return wide.first <= narrow.first and narrow.last <= wide.last


def match(
    entries: list[Any], rows: list[Any], key: Callable[[Any], Hashable], day: Callable[[Any], PartialDate | None]
) -> dict[int, Any]:
    """The row of each entry, by the entry's place.

    Args:
        key: the names of a row, or of an entry's facts.
        day: the date, likewise.
    """
    free, found = list(rows), {}
    for is_same in (lambda a, b: a == b, agree):
        for place, entry in enumerate(entries):
            if place in found:
                continue
            row = next((row for row in free if key(row) == key(entry) and is_same(day(row), day(entry))), None)
            if row is not None:
                found[place] = row
                free.remove(row)
    return found
