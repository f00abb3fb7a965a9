"""The outbox: rows written with what they tell of, claimed under a lease, and taken up again when a worker dies.

    planned → queued → sending → sent
              queued: a lease; past it the row is offered again (nothing was sent yet)
              sending: a lease; past it its trace says what became of it (`recovery`)
    deferred: tried, to be tried again · failed: given up · cancelled: a gate closed before it went

PostgreSQL is the truth and the queue a hint: a row written here is found by the sweep whatever becomes of the job.
"""

import logging
from collections.abc import Iterable
from datetime import datetime, timedelta
from functools import cache
from typing import Any, cast
from uuid import uuid4

from sqlalchemy import DateTime, Integer, Table, bindparam, func, or_, select, update
from sqlalchemy.dialects.postgresql import insert

from smartskill.database import now
from smartskill.extensions import db
from smartskill.kit.arrays import is_one_of
from smartskill.kit.broker import enqueue, has_worker
from smartskill.kit.settings import setting
from smartskill.kit.transaction import PROMISES, after_commit, count_changed
from smartskill.notifications.models import CLASSES, Delivery
from smartskill.notifications.services import breaker
from smartskill.notifications.services.rendering import class_of

log = logging.getLogger(__name__)
TABLE = cast(Table, Delivery.__table__)
DELIVER = "smartskill.notifications.tasks.deliver"
ADVICE = "start `flask rq worker`, or send once with `flask notify send`"
BATCH = 50  # mails that one job and one connection begin with
ROUND = 8  # jobs that may wait to send what is due, and batches that are handed out as they are written
MANY_LAPSES = 3  # a row whose leases keep lapsing goes alone, so that it cannot take others down with it


# --- writing rows ---------------------------------------------------------------------------------------------------


def queue_account_mail(kind: str, *, user_id: int | None, to: str | None = None, content: dict[str, Any]) -> Delivery:
    """Send a mail that somebody asked for: at once, past the gates of choice and hour.

    Args:
        to: the address, where it is not (or not yet) the person's own.
        content: what the kind's `make_content` needs, as JSON; never a token, which is made when the mail is sent.
            `full_name` and `locale` are used where there is no account yet.
    """
    facts = {"user_id": user_id, "address": to, "content": content, "mail_class": "account", "is_past_hours": True}
    row = _write(kind, f"{kind}:{uuid4().hex}", now(), facts)
    assert row is not None  # its key is new
    return row


def plan_delivery(
    user_id: int,
    kind: str,
    *,
    campaign_key: str,
    content: dict[str, Any] | None = None,
    due_at: datetime | None = None,
    is_past_hours: bool = False,
) -> Delivery | None:
    """Plan a service or subscription mail, for now or later. The planner asks the gates; sending asks them again.

    Args:
        campaign_key: what this mail is about; a person gets one mail for one key, ever.
        is_past_hours: sent without regard to quiet hours and working days (`--now`).
    Returns:
        the row, or None where this person had (or awaits) a mail with this key.
    """
    facts = {
        "user_id": user_id,
        "content": content or {},
        "mail_class": class_of(kind),
        "is_past_hours": is_past_hours,
    }
    return _write(kind, campaign_key, due_at or now(), facts)


def plan_deliveries(mails: Iterable[dict[str, Any]]) -> dict[tuple[int, str], int]:
    """Plan many mails as `plan_delivery` plans one, in one statement.

    Args:
        mails: `user_id`, `kind`, `campaign_key`, `due_at` and `is_past_hours` of each.
    Returns:
        the ids by person and campaign key, without those that had (or await) a mail with that key.
    """
    at = now()
    rows = [_row(mail["kind"], mail["campaign_key"], mail["due_at"], {"content": {}, **mail}) for mail in mails]
    if not rows:
        return {}
    offer = _offer() if any(row["due_at"] <= at for row in rows) else None
    room = BATCH * ROUND - len(offer.ids) if offer else 0
    for row in rows:
        is_offered = row["due_at"] <= at and room > 0
        room -= is_offered
        row |= {"state": "queued" if is_offered else "planned", "lease_until": at + lease() if is_offered else None}
        row["mail_class"] = class_of(row["kind"])
    found = insert(Delivery).values(rows).on_conflict_do_nothing()
    written = db.session.execute(
        found.returning(Delivery.id, Delivery.user_id, Delivery.campaign_key, Delivery.state)
    ).all()
    if offer:
        offer.ids.extend(row.id for row in written if row.state == "queued")
    return {(row.user_id, row.campaign_key): row.id for row in written if row.user_id is not None}


def _row(kind: str, campaign_key: str, due_at: datetime, facts: dict[str, Any]) -> dict[str, Any]:
    return {
        **facts,
        "kind": kind,
        "campaign_key": campaign_key,
        "due_at": due_at,
        "unsubscribe_key": uuid4(),
        "message_id": f"<{uuid4().hex}@{setting('MAIL_DOMAIN')}>",
    }


def _write(kind: str, campaign_key: str, due_at: datetime, facts: dict[str, Any]) -> Delivery | None:
    db.session.flush()  # the person may be new in this transaction
    row = _row(kind, campaign_key, due_at, facts)
    offer = _offer() if due_at <= now() else None
    if offer:
        row |= {"state": "queued", "lease_until": now() + lease()}
    found = insert(Delivery).values(row).on_conflict_do_nothing().returning(Delivery.id)
    delivery_id = db.session.scalar(found)
    if delivery_id is None:
        return None
    if offer:
        offer.ids.append(delivery_id)
    return db.session.get(Delivery, delivery_id)


class _Offer:
    """The promise to enqueue what one transaction wrote; if it is lost, the sweep finds the rows a lease later."""

    def __init__(self) -> None:
        self.ids: list[int] = []

    def __call__(self) -> None:
        for batch in batches(self.ids):
            enqueue(DELIVER, batch, queue="mail")
        if not has_worker("mail"):
            log.warning("%d mail(s) wait and no worker runs: %s", len(self.ids), ADVICE)


def _offer() -> _Offer | None:
    """This transaction's offer; None once it is full, and what is written then waits for the sweep."""
    promises = db.session.info.get(PROMISES, [])
    offer = next((promise for promise in promises if isinstance(promise, _Offer)), None)
    if offer is None:
        offer = _Offer()
        after_commit(offer)
    return offer if len(offer.ids) < BATCH * ROUND else None


def batches(ids: list[int]) -> Iterable[list[int]]:
    """The ids in lists of at most `BATCH`."""
    return (ids[start : start + BATCH] for start in range(0, len(ids), BATCH))


# --- claims and leases ----------------------------------------------------------------------------------------------


def lease() -> timedelta:
    """How long a claim holds: never less than connecting and sending can take."""
    return timedelta(seconds=max(setting("DELIVERY_LEASE_SECONDS"), 2 * setting("MAIL_TIMEOUT") + 5))


def _is_due(at: Any) -> Any:
    return or_(
        Delivery.state.in_(("planned", "deferred")) & (Delivery.due_at <= at),
        (Delivery.state == "queued") & (func.coalesce(Delivery.lease_until, Delivery.due_at) < at),
    )


def count_due(most: int = BATCH * ROUND) -> int:
    """How many mails wait to be claimed, up to so many."""
    found = select(Delivery.id).where(_is_due(now()), Delivery.mail_class.in_(_moving())).limit(most)
    return db.session.scalar(select(func.count()).select_from(found.subquery())) or 0


def _moving() -> list[str]:
    """The classes of mail that go, the most urgent first: while the breaker is open, no subscription mail."""
    return [mail_class for mail_class in CLASSES if mail_class != "subscription" or not breaker.is_open()]


def claim(most: int = BATCH) -> list[int]:
    """Claim due rows under a lease, the most urgent class first; the caller commits before anybody is told of them.

    Rows that another session is claiming are skipped, so that any number may claim at once. A row whose leases lapsed
    often comes alone.
    """
    at = now()
    rows: list[Any] = []
    for mail_class in _moving():
        if len(rows) < most:
            asked = {"mail_class": mail_class, "at": at, "most": most - len(rows)}
            rows += db.session.execute(_due_of_class(), asked).all()
    rows = [row for row in rows if row.lapses < MANY_LAPSES] or rows[:1]
    lapsed = [row.id for row in rows if row.state == "queued"]
    if lapsed:
        log.warning("%d leases on mail lapsed before sending began", len(lapsed))
        _set(lapsed, lapses=Delivery.lapses + 1)
    ids = [row.id for row in rows]
    if ids:
        _set(ids, state="queued", lease_until=at + lease())
    return ids


@cache
def _due_of_class() -> Any:
    """The due rows of a `mail_class` `at` a time, `most` at most; built once: each window asks it often."""
    return (
        select(Delivery.id, Delivery.state, Delivery.lapses)
        .where(Delivery.mail_class == bindparam("mail_class"), _is_due(bindparam("at", type_=DateTime(timezone=True))))
        .order_by(Delivery.due_at, Delivery.id)
        .limit(bindparam("most", type_=Integer))
        .with_for_update(skip_locked=True)
    )


def give_back(row: Delivery) -> None:
    """Let go of a mail of one's window that was not tried."""
    row.state, row.lease_until, row.attempts = "planned", None, row.attempts - 1


def make_due(*, before: datetime | None = None) -> int:
    """Let planned mail (up to a time) go now, past quiet hours and working days; returns how many."""
    found = update(Delivery).where(Delivery.state.in_(("planned", "deferred")))
    if before:
        found = found.where(Delivery.due_at <= before)
    return count_changed(
        found.values(due_at=now(), is_past_hours=True, updated_at=now()).execution_options(synchronize_session=False)
    )


def cancel_pending(user_id: int, kind: str, reason: str) -> int:
    """Cancel a person's mails of a kind that are not on the wire yet; returns how many."""
    return count_changed(
        update(Delivery)
        .where(
            Delivery.user_id == user_id, Delivery.kind == kind, Delivery.state.in_(("planned", "queued", "deferred"))
        )
        .values(state="cancelled", reason=reason, lease_until=None, updated_at=now())
        .execution_options(synchronize_session="fetch")
    )


def _set(ids: list[int], **values: Any) -> None:
    db.session.execute(update(TABLE).where(is_one_of(TABLE.c.id, ids)).values(**values, updated_at=now()))
