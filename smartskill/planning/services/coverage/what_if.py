"""What falls below its head-count when some people leave. Pure: sets in, the same answer whoever asks.

A target falls if it is met with everybody and is not without them; one that was short before does not fall, it stays
short. So each departure is answerable for exactly what it breaks.
"""

from collections.abc import Collection, Mapping
from typing import NamedTuple


class Fall(NamedTuple):
    """A target that was met and no longer is."""

    before: int
    after: int
    short: int  # heads missing then
    lost: list[int]  # of those who leave, who had it; by id


def find_fall(required: int, before: int, lost: Collection[int]) -> Fall | None:
    """What a departure does to one target, or None where it does not fall.

    Args:
        before: how many people have it, at or above the level.
        lost: the ids of those of them who leave.
    """
    after = before - len(lost)
    if before >= required > after:
        return Fall(before, after, required - after, sorted(lost))
    return None


def holders_of(levels: Mapping[int, int], people: Collection[int], level: int) -> set[int]:
    """Those of these people who have a level; who has none is not among them, not even for a level of 1."""
    return {user_id for user_id, own in levels.items() if own >= level and user_id in people}


def find_sole_holder(fresh: Collection[int]) -> int | None:
    """Who alone has it, of those whose level is fresh."""
    return next(iter(fresh)) if len(fresh) == 1 else None
