"""Settling what a dead worker left `sending`, by its trace: known to be sent, known not to be, or in doubt.

Subscription mail in doubt becomes `unknown` and is not repeated; other mail is repeated with the same Message-ID, so
that mail programs show it once. After `MOST_DOUBTS` ends unknown it is parked as `unknown` and logged as an error.
"""

import logging
from collections import Counter
from datetime import datetime

from sqlalchemy import func, select

from smartskill.database import now
from smartskill.extensions import db
from smartskill.notifications.models import Delivery
from smartskill.notifications.services.outcomes import mark_sent
from smartskill.notifications.services.traces import take_traces

log = logging.getLogger(__name__)
MOST_DOUBTS = 3
ONE_AT_A_TIME = 0x6D61696C  # of PostgreSQL's advisory locks


def recover() -> dict[str, int]:
    """Settle the rows whose worker died while sending.

    Returns:
        how many were `sent` as their trace knows, how many go out again because they had not gone (`released`) or may
        have (`repeated`), and how many are `unknown` now.
    """
    counts = Counter({"sent": 0, "released": 0, "repeated": 0, "unknown": 0})
    if not db.session.scalar(select(func.pg_try_advisory_xact_lock(ONE_AT_A_TIME))):
        return dict(counts)  # two at once would share a window's rows and only one of them find its trace
    at = now()
    dead = (
        select(Delivery)
        .where(Delivery.state == "sending", Delivery.lease_until < at)
        .order_by(Delivery.id)
        .with_for_update(skip_locked=True)
        .execution_options(populate_existing=True)
    )
    rows = db.session.scalars(dead).all()
    known = take_traces(row.id for row in rows) if rows else {}
    for row in rows:
        said = known.get(row.id, "doubtful")
        if said == "waiting":
            row.state, row.lease_until, row.attempts = "planned", None, row.attempts - 1
            counts["released"] += 1
        elif said == "doubtful":
            counts["repeated" if doubt(row, "worker_lost", at) else "unknown"] += 1
    db.session.flush()
    sent = [row.id for row in rows if known.get(row.id) == "sent"]
    mark_sent(sent)
    return {**counts, "sent": len(sent)}


def doubt(row: Delivery, reason: str, due_at: datetime) -> bool:
    """Whether a mail of which it is not known if it arrived goes out again; its row is set accordingly."""
    row.doubts += 1
    row.lease_until, row.reason = None, reason
    if row.mail_class != "subscription" and row.doubts < MOST_DOUBTS:
        row.state, row.due_at = "deferred", due_at
        return True
    row.state, row.sent_at = "unknown", row.sent_at or now()
    log.error("it is not known whether mail %d (%s) arrived: %s", row.id, row.kind, reason)
    return False
