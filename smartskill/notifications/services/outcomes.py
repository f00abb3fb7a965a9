"""What became of mails, written down: sent in sets, everything else one by one."""

import logging
from datetime import datetime, timedelta
from typing import Any, cast

from sqlalchemy import Table, func, insert, literal, literal_column, select, update
from sqlalchemy.dialects.postgresql import JSONB

from smartskill.activity.models import InteractionEvent
from smartskill.activity.services.consent import allowing
from smartskill.database import now
from smartskill.extensions import db
from smartskill.kit.arrays import is_one_of
from smartskill.notifications.models import Delivery, Notification
from smartskill.notifications.services.bounces import note_bounce
from smartskill.notifications.services.transport import Refused

log = logging.getLogger(__name__)
LADDER = (1, 5, 30, 120)  # minutes to the next try; the last one again and again
PATIENCE = timedelta(days=3)  # how long account and service mail is tried; subscription mail stops with the ladder
TABLE = cast(Table, Delivery.__table__)
EVENTS = cast(Table, InteractionEvent.__table__)


def mark_sent(delivery_ids: list[int]) -> None:
    """Write down that the server has these mails, whatever became of their rows meanwhile, and record it."""
    if not delivery_ids:
        return
    at = now()
    db.session.execute(
        update(TABLE)
        .where(is_one_of(TABLE.c.id, delivery_ids))
        .values(state="sent", sent_at=at, lease_until=None, reason=None, updated_at=at)
    )
    _record_sent(delivery_ids, at)


def _record_sent(delivery_ids: list[int], at: datetime) -> None:
    """`email_sent` for those who allow it, in one statement; account mail is nobody's act."""
    decided = (
        select(func.min(Notification.decision_id)).where(Notification.delivery_id == Delivery.id).scalar_subquery()
    )
    facts: dict[str, Any] = {
        "user_id": Delivery.user_id,
        "kind": literal("email_sent"),
        "subject_type": literal("delivery"),
        "subject_id": Delivery.id,
        "source": literal("email"),
        "occurred_at": literal(at),
        "decision_id": decided,
        "props": func.jsonb_build_object(literal_column("'delivery_id'"), Delivery.id, type_=JSONB),
        "is_automated": literal(True),
    }
    found = select(*facts.values()).where(
        is_one_of(Delivery.id, delivery_ids),
        Delivery.user_id.is_not(None),
        Delivery.mail_class != "account",
        allowing("tracking", Delivery.user_id),
    )
    db.session.execute(insert(EVENTS).from_select([EVENTS.c[name] for name in facts], found))


def refused(row: Delivery, error: Refused) -> None:
    """Fail the mail, and leave its address alone where that is the reason; or try again where the server may relent."""
    if not error.is_final:
        try_later(row, str(error))
        return
    fail(row, str(error))
    if error.is_hard_bounce:
        note_bounce(row, "hard", status=error.enhanced)


def try_later(row: Delivery, reason: str) -> None:
    """Defer the mail by the ladder, or give it up."""
    at = now()
    is_over = (
        row.attempts > len(LADDER) if row.mail_class == "subscription" else at - (row.first_tried_at or at) > PATIENCE
    )
    if is_over:
        fail(row, f"given up after {row.attempts} tries: {reason}")
        return
    settle(row, "deferred", reason)
    row.due_at = at + pause(row.attempts)


def put_off(row: Delivery, reason: str) -> None:
    """Defer a mail that was not offered to the server, because another found it ill: that is no try of its own."""
    row.attempts -= 1
    settle(row, "deferred", reason)
    row.due_at = now() + pause(row.attempts + 1)


def pause(attempts: int) -> timedelta:
    """How long to wait after that many tries."""
    return timedelta(minutes=LADDER[min(max(attempts, 1), len(LADDER)) - 1])


def fail(row: Delivery, reason: str) -> None:
    """Give the mail up, and say so in the log."""
    settle(row, "failed", reason)
    log.error("mail %d (%s) failed: %s", row.id, row.kind, reason)


def settle(row: Delivery, state: str, reason: str) -> None:
    """Let go of the mail in a state."""
    row.state, row.reason, row.lease_until = state, reason[:200], None
