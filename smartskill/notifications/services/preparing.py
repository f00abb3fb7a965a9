"""Looking again before mails go: gates, breaker, the domain's limit and the evidence, for a window of mails at once.

The rows stay locked until the edge commits, so that nobody else settles or takes them meanwhile. A fault in one kind
must neither stop the others nor lose the mail: it is found by preparing anew without what failed.
"""

import logging
from collections import Counter, defaultdict
from dataclasses import dataclass, field

from sqlalchemy import func, select, update
from sqlalchemy.orm import selectinload

from smartskill.database import now
from smartskill.extensions import db
from smartskill.kit.arrays import is_one_of
from smartskill.kit.transaction import roll_back
from smartskill.notifications.models import Delivery
from smartskill.notifications.services import breaker, outbox
from smartskill.notifications.services.budgets import DOMAIN_RATE, domain_of, take_budget
from smartskill.notifications.services.gates import HOUR_GATES, Mailing, first_closed, next_open_hour
from smartskill.notifications.services.gathering import gathering
from smartskill.notifications.services.outcomes import TABLE, fail, settle, try_later
from smartskill.notifications.services.recipients import find_recipient
from smartskill.notifications.services.rendering import get_kind, write_letter
from smartskill.notifications.services.traces import begin_trace
from smartskill.notifications.services.transport import HeaderRefused, Letter

log = logging.getLogger(__name__)


@dataclass
class Window:
    """Mails that are marked `sending` together, in the order in which they go; and what became of the others."""

    letters: list[tuple[int, Letter]] = field(default_factory=list)
    trace_id: int = 0
    settled: Counter = field(default_factory=Counter)


class _Broken(Exception):
    """One mail could not be written."""

    def __init__(self, delivery_id: int, reason: str) -> None:
        self.delivery_id, self.reason = delivery_id, reason


def _broken(row: Delivery, error: Exception) -> _Broken:
    log.error("mail %d (%s) could not be written", row.id, row.kind, exc_info=error)
    return _Broken(row.id, f"not written: {type(error).__name__}: {error}")


def prepare(ids: list[int]) -> Window:
    """Lock the claimed rows, settle those that may not go and mark the others as `sending`; the caller commits."""
    broken: dict[int, str] = {}
    one_by_one = False
    while True:
        try:
            return _prepare(ids, broken, one_by_one=one_by_one)
        except _Broken as error:
            roll_back()  # a failed query leaves a transaction that takes no other
            broken[error.delivery_id] = error.reason
        except Exception:
            if one_by_one:
                raise
            log.exception("evidence could not be read for %d mails at once", len(ids))
            roll_back()
            one_by_one = True


def _prepare(ids: list[int], broken: dict[int, str], *, one_by_one: bool) -> Window:
    rows = _lock(ids)
    window = Window(settled=Counter(skipped=len(ids) - len(rows)))
    with gathering(rows, one_by_one=one_by_one):
        letters = {row: letter for row in _find_going(rows, broken) if (letter := _write(row))}
        # Asked last: until the commit, who else sends to the same domains waits.
        window.letters = [(row.id, letters[row]) for row in _within_budget(list(letters))]
    taken = {delivery_id for delivery_id, _ in window.letters}
    window.settled.update(row.state for row in rows if row.id not in taken)
    if taken:
        _mark_sending(taken)
        window.trace_id = begin_trace([delivery_id for delivery_id, _ in window.letters])
    return window


def _mark_sending(ids: set[int]) -> None:
    at = now()
    db.session.execute(
        update(TABLE)
        .where(is_one_of(TABLE.c.id, ids))
        .values(
            state="sending",
            lease_until=at + outbox.lease(),
            attempts=TABLE.c.attempts + 1,
            first_tried_at=func.coalesce(TABLE.c.first_tried_at, at),
            updated_at=at,
        )
    )


def _lock(ids: list[int]) -> list[Delivery]:
    found = (
        select(Delivery)
        .where(is_one_of(Delivery.id, ids), Delivery.state == "queued")
        .options(selectinload(Delivery.notifications))
        .with_for_update(skip_locked=True, of=Delivery)
        .execution_options(populate_existing=True)
    )
    order = {delivery_id: place for place, delivery_id in enumerate(ids)}
    return sorted(db.session.scalars(found), key=lambda row: order[row.id])


def _find_going(rows: list[Delivery], broken: dict[int, str]) -> list[Delivery]:
    """Those whose gates are open and whose evidence holds; the fate of the others is settled."""
    is_stopped = any(row.mail_class == "subscription" for row in rows) and breaker.is_open()
    going: list[Delivery] = []
    readers: set[int | None] = set()  # of subscription mail
    for row in rows:
        if row.id in broken:
            row.attempts += 1
            row.first_tried_at = row.first_tried_at or now()
            try_later(row, broken[row.id])
        elif row.mail_class == "subscription" and row.user_id in readers:
            settle(row, "planned", "after_another")  # asked again once that one counts
        elif _may_go(row, is_stopped):
            going.append(row)
            if row.mail_class == "subscription":
                readers.add(row.user_id)
    return going


def _may_go(row: Delivery, is_stopped: bool) -> bool:
    recipient = find_recipient(row)
    if recipient is None:
        settle(row, "cancelled", "no_recipient")
        return False
    mailing = Mailing(row.kind, row.mail_class, now())
    closed = first_closed(recipient, mailing, is_past_hours=row.is_past_hours)
    if closed in HOUR_GATES:
        settle(row, "planned", closed)
        row.due_at = next_open_hour(recipient, mailing)
    elif closed:
        settle(row, "cancelled", closed)
    elif is_stopped and row.mail_class == "subscription":
        settle(row, "planned", breaker.REASON)
    elif _still_holds(row):
        return True
    else:
        settle(row, "cancelled", "no_longer_so")
    return False


def _still_holds(row: Delivery) -> bool:
    try:
        asked = get_kind(row.kind).still_holds
        return asked is None or asked(row)
    except Exception as error:
        raise _broken(row, error) from error


def _within_budget(rows: list[Delivery]) -> list[Delivery]:
    """Those that their domains may be sent now, in their order; the others are deferred, which is no try."""
    by_domain: dict[str, list[Delivery]] = defaultdict(list)
    for row in rows:
        recipient = find_recipient(row)
        if row.mail_class != "account" and recipient is not None:
            by_domain[domain_of(recipient.email)].append(row)
    for domain, mine in sorted(by_domain.items()):  # in one order, so that no two workers wait for each other
        granted, times = take_budget(domain, len(mine))
        for row, due_at in zip(mine[granted:], times, strict=True):
            settle(row, "deferred", DOMAIN_RATE)
            row.due_at = due_at
    return [row for row in rows if row.state == "queued"]


def _write(row: Delivery) -> Letter | None:
    recipient = find_recipient(row)
    assert recipient is not None  # as found
    try:
        letter = write_letter(row, recipient)
    except HeaderRefused as error:
        fail(row, f"header: {error}")
        return None
    except Exception as error:
        raise _broken(row, error) from error
    if letter is None:
        settle(row, "cancelled", "nothing_to_say")
    return letter
