"""Sending what was claimed, one mail at a time: take, look again, write, commit `sending`, speak SMTP, commit `sent`.

A service never commits, but here each step must be on disk before the next, so the edge that calls (a job, a command)
lends its `commit`. Whatever happens between two commits is settled by the lease (`outbox.recover`).
"""

import logging
import time
from collections import Counter
from collections.abc import Callable
from datetime import timedelta
from functools import partial

from sqlalchemy import select, update
from sqlalchemy.dialects.postgresql import insert

from smartskill.activity.services.recording import record
from smartskill.database import now
from smartskill.extensions import db
from smartskill.kit.transaction import roll_back
from smartskill.notifications.models import Delivery, Notification, Suppression
from smartskill.notifications.services import outbox
from smartskill.notifications.services.gates import HOUR_GATES, Mailing, first_closed, next_open_hour
from smartskill.notifications.services.recipients import Recipient, find_recipient
from smartskill.notifications.services.rendering import get_kind, write_letter
from smartskill.notifications.services.transport import (
    Drawer,
    HeaderRefused,
    InDoubt,
    Letter,
    Post,
    Refused,
    ServerAway,
    open_post,
)

log = logging.getLogger(__name__)
Commit = Callable[[], None]
LADDER = (1, 5, 30, 120)  # minutes to the next try; the last one again and again
PATIENCE = timedelta(days=3)  # how long account and service mail is tried; subscription mail stops with the ladder
BATCH_SECONDS = 30  # what a batch has not begun by then is given back; a job may take twice that


def deliver_batch(ids: list[int], commit: Commit) -> Counter:
    """Send claimed mails over one connection.

    Returns:
        how many ended in each state; `away` is 1 where the server could not be reached, and the rest was deferred.
    """
    result: Counter = Counter()
    ends_at, held_until = time.monotonic() + BATCH_SECONDS, time.monotonic()
    with open_post() as post:
        for place, delivery_id in enumerate(ids):
            rest = ids[place:]
            if time.monotonic() > ends_at:
                outbox.release(rest)
                commit()
                return result
            if time.monotonic() > held_until:
                outbox.extend(rest)
                commit()
                held_until = time.monotonic() + outbox.lease().total_seconds() / 3
            try:
                post.open()
                result[_deliver(delivery_id, post, commit)] += 1
            except ServerAway as error:
                result["deferred"] += _defer_all(rest, str(error), commit)
                result["away"] = 1
                return result
    return result


def _deliver(delivery_id: int, post: Post | Drawer, commit: Commit) -> str:
    """Send one mail; returns the state it is in then, `skipped` where another worker has it."""
    row = _take(delivery_id)
    if row is None:
        commit()
        return "skipped"
    letter, state = _prepare_or_postpone(row)
    commit()
    if letter is None:
        return state
    try:
        post.carry(letter)
    except Refused as error:
        return _mark(delivery_id, partial(_refused, error=error), commit)
    except InDoubt as error:
        return _mark(delivery_id, partial(_in_doubt, reason=str(error)), commit)
    except ServerAway as error:
        _mark(delivery_id, partial(_try_later, reason=str(error)), commit)
        raise
    return _sent(delivery_id, commit)


def _take(delivery_id: int) -> Delivery | None:
    """The row, if it is still claimed and nobody else took it; from the commit on it counts as being sent."""
    at = now()
    taken = (
        update(Delivery)
        .where(Delivery.id == delivery_id, Delivery.state == "queued")
        .values(state="sending", lease_until=at + outbox.lease(), updated_at=at)
        .returning(Delivery)
        .execution_options(populate_existing=True, synchronize_session=False)
    )
    return db.session.scalars(taken).one_or_none()


def _prepare_or_postpone(row: Delivery) -> tuple[Letter | None, str]:
    """The letter, and the row's state. A fault in one kind must neither stop the batch nor lose the mail."""
    delivery_id, kind = row.id, row.kind
    try:
        return _prepare(row), row.state
    except Exception as error:
        log.exception("mail %d (%s) could not be written", delivery_id, kind)
        roll_back()  # a failed query leaves a transaction that takes no other
        again = _take(delivery_id)
        if again is None:
            return None, "skipped"
        _postpone(again, f"not written: {type(error).__name__}: {error}")
        return None, again.state


def _prepare(row: Delivery) -> Letter | None:
    """Look at the gates and the evidence again and write the letter; None where that settled the row's fate."""
    recipient = find_recipient(row)
    if recipient is None:
        _settle(row, "cancelled", "no_recipient")
        return None
    if not _may_go(row, recipient):
        return None
    try:
        letter = write_letter(row, recipient)
    except HeaderRefused as error:
        _fail(row, f"header: {error}")
        return None
    if letter is None:
        _settle(row, "cancelled", "nothing_to_say")
        return None
    row.attempts += 1
    row.first_tried_at = row.first_tried_at or now()
    return letter


def _may_go(row: Delivery, recipient: Recipient) -> bool:
    mailing = Mailing(row.kind, row.mail_class, now())
    closed = first_closed(recipient, mailing, is_past_hours=row.is_past_hours)
    if closed in HOUR_GATES:
        row.state, row.reason, row.lease_until = "planned", closed, None
        row.due_at = next_open_hour(recipient, mailing)
        return False
    if closed:
        _settle(row, "cancelled", closed)
        return False
    still_holds = get_kind(row.kind).still_holds
    if still_holds and not still_holds(row):
        _settle(row, "cancelled", "no_longer_so")
        return False
    return True


def _settle(row: Delivery, state: str, reason: str) -> None:
    row.state, row.reason, row.lease_until = state, reason[:200], None


def _postpone(row: Delivery, reason: str) -> None:
    row.attempts += 1
    row.first_tried_at = row.first_tried_at or now()
    _try_later(row, reason)


# --- what became of it ----------------------------------------------------------------------------------------------


def _sent(delivery_id: int, commit: Commit) -> str:
    """Write down that the server has it, whatever became of the row meanwhile; before QUIT, to keep the doubt short."""
    at = now()
    facts = db.session.execute(
        update(Delivery)
        .where(Delivery.id == delivery_id)
        .values(state="sent", sent_at=at, lease_until=None, reason=None, updated_at=at)
        .returning(Delivery.user_id, Delivery.kind, Delivery.mail_class)
        .execution_options(synchronize_session=False)
    ).one()
    if facts.user_id and facts.mail_class != "account":
        decision_id = db.session.scalar(
            select(Notification.decision_id)
            .where(Notification.delivery_id == delivery_id, Notification.decision_id.is_not(None))
            .limit(1)
        )
        record(
            facts.user_id,
            "email_sent",
            source="email",
            subject_type="delivery",
            subject_id=delivery_id,
            decision_id=decision_id,
            props={"delivery_id": delivery_id},
        )
    commit()
    return "sent"


def _mark(delivery_id: int, change: Callable[[Delivery], None], commit: Commit) -> str:
    row = db.session.get(Delivery, delivery_id, with_for_update=True, populate_existing=True)
    if row is not None and row.state == "sending":
        change(row)
    state = row.state if row is not None else "cancelled"
    commit()
    return state


def _refused(row: Delivery, error: Refused) -> None:
    if not error.is_final:
        _try_later(row, str(error))
        return
    _fail(row, str(error))
    if error.is_hard_bounce:
        _suppress(row)


def _suppress(row: Delivery) -> None:
    recipient = find_recipient(row)
    if recipient is None:
        return
    facts = {"email": recipient.email.lower(), "scope": "all", "reason": "hard_bounce"}
    db.session.execute(insert(Suppression).values(**facts, created_at=now()).on_conflict_do_nothing())
    if row.user_id and row.mail_class != "account":
        record(
            row.user_id, "bounced", source="email", subject_type="delivery", subject_id=row.id,
            props={"delivery_id": row.id, "is_hard": True},
        )  # fmt: skip


def _in_doubt(row: Delivery, reason: str) -> None:
    outbox.doubt(row, f"no answer: {reason}"[:200], now() + _pause(row.doubts + 1))


def _try_later(row: Delivery, reason: str) -> None:
    at = now()
    is_over = (
        row.attempts > len(LADDER) if row.mail_class == "subscription" else at - (row.first_tried_at or at) > PATIENCE
    )
    if is_over:
        _fail(row, f"given up after {row.attempts} tries: {reason}")
        return
    _settle(row, "deferred", reason)
    row.due_at = at + _pause(row.attempts)


def _pause(attempts: int) -> timedelta:
    return timedelta(minutes=LADDER[min(max(attempts, 1), len(LADDER)) - 1])


def _fail(row: Delivery, reason: str) -> None:
    _settle(row, "failed", reason)
    log.error("mail %d (%s) failed: %s", row.id, row.kind, reason)


def _defer_all(ids: list[int], reason: str, commit: Commit) -> int:
    """Defer what a batch still holds while the server is away; a mail that was on its way has been seen to before."""
    rows = db.session.scalars(
        select(Delivery)
        .where(Delivery.id.in_(ids), Delivery.state == "queued")
        .with_for_update(skip_locked=True)
        .execution_options(populate_existing=True)
    )
    count = 0
    for count, row in enumerate(rows, 1):  # noqa: B007 - the count is wanted
        _postpone(row, reason)
    commit()
    return count
