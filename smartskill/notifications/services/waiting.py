"""Whether anybody carries the mail: said by `/health/ready`, and in the log when a mail is handed in."""

from sqlalchemy import func, select

from smartskill.database import now
from smartskill.extensions import db
from smartskill.kit.broker import has_worker
from smartskill.notifications.models import Delivery
from smartskill.notifications.services.outbox import ADVICE


def tell_waiting() -> str:
    """`ok`, or how many mails wait because no worker runs and what to do about it."""
    waiting = count_due()
    if not waiting:
        return "ok"
    return "ok" if has_worker("mail") else f"no worker runs and {waiting} mail(s) wait: {ADVICE}"


def count_due() -> int:
    """How many mails should be on their way by now."""
    due = Delivery.state.in_(("planned", "deferred", "queued")) & (Delivery.due_at <= now())
    return db.session.scalar(select(func.count()).select_from(Delivery).where(due)) or 0
