"""The breaker: where too many complain or bounce, subscription mail stops, before providers stop all of it.

Asked of the last 24 hours, all mail but account mail: more than 0.1 % complaints (and at least 2), or more than 2 %
hard bounces (and at least 5), of at least 100 mails. It closes by itself once that no longer holds, or by
`flask notify breaker --close`, from when on only what comes later counts. What it stops stays planned.
"""

import logging
from datetime import timedelta

from sqlalchemy import func, or_, select, update
from sqlalchemy.dialects.postgresql import insert

from smartskill.database import now
from smartskill.extensions import db
from smartskill.notifications.models import Bounce, Breaker, Delivery

log = logging.getLogger(__name__)
REASON = "breaker_open"
WINDOW = timedelta(hours=24)
LEAST_MAILS = 100
LIMITS = {"complaint": (0.001, 2), "hard": (0.02, 5)}  # share of the mails, and how many at least
WORDS = {"complaint": "complaints", "hard": "hard bounces"}
REMEDY = "clean the addresses, then `flask notify breaker --close`, or wait until the last day is clean"


def is_open() -> bool:
    """Whether subscription mail is stopped."""
    return db.session.scalar(select(Breaker.opened_at)) is not None


def tell_breaker() -> str:
    """`ok`, or why subscription mail is stopped."""
    row = db.session.scalar(select(Breaker).where(Breaker.opened_at.is_not(None)))
    return f"subscription mail is stopped, {row.reason}: {REMEDY}" if row else "ok"


def judge() -> bool:
    """Open or close the breaker by what came back; returns whether it is open."""
    row = _row()
    reason = _find_reason(row)
    if reason and row.opened_at is None:
        row.opened_at, row.reason = now(), reason
        log.error("subscription mail is stopped, %s: %s", reason, REMEDY)
    elif not reason and row.opened_at is not None:
        row.opened_at = row.reason = None
        log.warning("subscription mail goes again: the last day is clean")
    if row.opened_at is not None:
        row.reason = reason
        _mark_stopped()
    db.session.flush()
    return row.opened_at is not None


def close() -> bool:
    """Let mail go again; what came back so far no longer counts. Returns whether it was stopped."""
    row = _row()
    was_open = row.opened_at is not None
    row.opened_at = row.reason = None
    row.forgiven_at = now()
    db.session.flush()
    if was_open:
        log.warning("subscription mail goes again: an administrator closed the breaker")
    return was_open


def _row() -> Breaker:
    db.session.execute(insert(Breaker).values(id=1).on_conflict_do_nothing())
    mine = select(Breaker).with_for_update().execution_options(populate_existing=True)
    return db.session.scalars(mine).one()


def _find_reason(row: Breaker) -> str | None:
    since = now() - WINDOW
    counted_from = max(since, row.forgiven_at) if row.forgiven_at else since
    came_back = select(Bounce.kind, func.count()).where(Bounce.received_at > counted_from).group_by(Bounce.kind)
    counts: dict[str, int] = dict(db.session.execute(came_back).all())
    if not any(counts.get(kind, 0) >= least for kind, (_, least) in LIMITS.items()):
        return None
    mails = _count_mails(counted_from)
    for kind, (share, least) in LIMITS.items():
        count = counts.get(kind, 0)
        if mails >= LEAST_MAILS and count >= least and count > share * mails:
            return f"{count} {WORDS[kind]} of {mails} mails in the last 24 hours"
    return None


def _count_mails(since: object) -> int:
    """What went out or was refused for good: the latter has no time of sending, only a bounce."""
    refused = select(Bounce.delivery_id).where(Bounce.received_at > since, Bounce.kind == "hard")
    went = or_(Delivery.sent_at > since, Delivery.id.in_(refused))
    return db.session.scalar(select(func.count()).where(Delivery.mail_class != "account", went)) or 0


def _mark_stopped() -> None:
    """Say at each mail that is due what it waits for."""
    waiting = (Delivery.mail_class == "subscription") & (Delivery.state == "planned") & (Delivery.due_at <= now())
    db.session.execute(
        update(Delivery)
        .where(waiting, Delivery.reason.is_distinct_from(REASON))
        .values(reason=REASON)
        .execution_options(synchronize_session=False)
    )
