"""What follows from a bounce or a complaint about a mail of ours: remembered once, and its address left alone.

A hard bounce stops all mail to the address, a complaint its subscription mail, and so do soft bounces that keep coming
(`SOFT_MOST` mails within `SOFT_DAYS`) as a hard one would.
"""

from datetime import timedelta

from sqlalchemy import func, select
from sqlalchemy.dialects.postgresql import insert

from smartskill.activity.services import record
from smartskill.database import now
from smartskill.extensions import db
from smartskill.notifications.models import Bounce, Delivery, Notification
from smartskill.notifications.services.recipients import find_recipient
from smartskill.notifications.services.suppressions import suppress

SOFT_MOST, SOFT_DAYS = 5, 30
EVENTS = {"hard": "bounced", "soft": "bounced", "complaint": "complained"}


def note_bounce(row: Delivery, kind: str, *, status: str | None = None) -> bool:
    """Remember a `hard` or `soft` bounce or a `complaint`, and do what follows.

    Returns:
        False where the same was said of this mail before, or nobody is left whom it concerns.
    """
    recipient = find_recipient(row)
    if recipient is None:
        return False
    email = recipient.email.lower()
    facts = {"delivery_id": row.id, "kind": kind, "email": email, "status": status, "received_at": now()}
    new = insert(Bounce).values(facts).on_conflict_do_nothing().returning(Bounce.id)
    if db.session.scalar(new) is None:
        return False
    if kind == "hard":
        suppress(email, "all", "hard_bounce")
    elif kind == "complaint":
        suppress(email, "subscription", "complaint")
    elif _count_soft(email) >= SOFT_MOST:
        suppress(email, "all", "soft_bounces")
    _record(row, kind)
    return True


def _count_soft(email: str) -> int:
    since = now() - timedelta(days=SOFT_DAYS)
    found = select(func.count()).where(Bounce.email == email, Bounce.kind == "soft", Bounce.received_at > since)
    return db.session.scalar(found) or 0


def _record(row: Delivery, kind: str) -> None:
    if not row.user_id or row.mail_class == "account":
        return
    decided = select(func.min(Notification.decision_id)).where(Notification.delivery_id == row.id)
    props = {"delivery_id": row.id} | ({} if kind == "complaint" else {"is_hard": kind == "hard"})
    record(
        row.user_id, EVENTS[kind], source="email", subject_type="delivery", subject_id=row.id,
        decision_id=db.session.scalar(decided), props=props,
    )  # fmt: skip
