"""What a window of mails is written from, read for all of them at once: recipients, and the evidence of each kind.

A kind that offers `gather` gets all its mails of a window and answers what it found by the mail's id; its other
functions then ask `gathered` instead of the database. Outside of a window nothing is gathered and each asks for itself.
"""

from collections import defaultdict
from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from contextvars import ContextVar
from typing import Any

from smartskill.notifications.models import Delivery
from smartskill.notifications.services.recipients import find_for, known
from smartskill.notifications.services.rendering import KINDS

_found: ContextVar[dict[int, Any] | None] = ContextVar("gathered", default=None)


def gathered(delivery: Delivery) -> Any:
    """What this mail's kind gathered for it; None where it did not."""
    return (_found.get() or {}).get(delivery.id)


@contextmanager
def gathering(rows: Sequence[Delivery], *, one_by_one: bool = False) -> Iterator[None]:
    """Read what these mails need; `one_by_one` leaves evidence to each, to find the one at which reading fails."""
    people = known.set(find_for(rows))
    by_kind: dict[str, list[Delivery]] = defaultdict(list)
    for row in [] if one_by_one else rows:
        by_kind[row.kind].append(row)
    found: dict[int, Any] = {}
    for name, mine in by_kind.items():
        gather = KINDS[name].gather if name in KINDS else None
        found |= gather(mine) if gather else {}
    evidence = _found.set(found)
    try:
        yield
    finally:
        _found.reset(evidence)
        known.reset(people)
