"""The inbox: what a person was told, kept whether or not a mail went with it."""

from typing import Any

from sqlalchemy import Select, func, select, update
from sqlalchemy.dialects.postgresql import insert

from smartskill.database import now
from smartskill.extensions import db
from smartskill.kit.errors import NotFound
from smartskill.kit.transaction import count_changed
from smartskill.notifications.models import Delivery, Notification
from smartskill.notifications.services.rendering import KINDS
from smartskill.notifications.services.texts import kind_name


class NotificationMissing(NotFound):
    """There is no such notification of yours."""


def notify(
    user_id: int,
    kind: str,
    *,
    campaign_key: str,
    evidence: dict[str, Any],
    delivery: Delivery | None = None,
    decision_id: int | None = None,
) -> Notification | None:
    """Put an entry into a person's inbox, with the evidence that its text names; several may share one mail.

    Returns:
        the entry, or None where the person was told of this campaign before.
    """
    db.session.flush()
    facts = {
        "user_id": user_id,
        "kind": kind,
        "campaign_key": campaign_key,
        "evidence": evidence,
        "delivery_id": delivery.id if delivery else None,
        "decision_id": decision_id,
        "created_at": now(),
    }
    found = insert(Notification).values(facts).on_conflict_do_nothing().returning(Notification.id)
    notification_id = db.session.scalar(found)
    if notification_id is None:
        return None
    if delivery is not None:
        db.session.expire(delivery, ["notifications"])
    return db.session.get(Notification, notification_id)


def notify_many(entries: list[dict[str, Any]]) -> None:
    """Put many entries into inboxes as `notify` puts one, in one statement.

    Args:
        entries: `user_id`, `kind`, `campaign_key`, `evidence`, `delivery_id` and `decision_id` of each.
    """
    if entries:
        at = now()
        rows = [{**entry, "created_at": at} for entry in entries]
        db.session.execute(insert(Notification).values(rows).on_conflict_do_nothing())


def search_inbox(user_id: int, *, kind: str | None = None, is_read: bool | None = None) -> Select:
    """A person's entries, the newest first."""
    found = select(Notification).where(Notification.user_id == user_id)
    if kind is not None:
        found = found.where(Notification.kind == kind)
    if is_read is not None:
        found = found.where(Notification.read_at.is_not(None) if is_read else Notification.read_at.is_(None))
    return found.order_by(Notification.created_at.desc(), Notification.id.desc())


def get_entry(user_id: int, notification_id: int, *, for_update: bool = False) -> Notification:
    """One of a person's entries.

    Raises:
        NotificationMissing: there is none, or it is another's.
    """
    row = db.session.get(Notification, notification_id, with_for_update=for_update, populate_existing=for_update)
    if row is None or row.user_id != user_id:
        raise NotificationMissing()
    return row


def mark_read(row: Notification, is_read: bool) -> Notification:
    """Note that an entry was read, or take that back; its first reading is what counts."""
    row.read_at = (row.read_at or now()) if is_read else None
    db.session.flush()
    return row


def mark_all_read(user_id: int) -> int:
    """Note that everything was read; returns how many entries were not."""
    return count_changed(
        update(Notification)
        .where(Notification.user_id == user_id, Notification.read_at.is_(None))
        .values(read_at=now(), version=Notification.version + 1)
        .execution_options(synchronize_session="fetch")
    )


def remove_entry(row: Notification) -> None:
    """Take an entry out of the inbox; a mail about it that has not gone yet does not go."""
    delivery = row.delivery
    if (
        delivery is not None
        and len(delivery.notifications) == 1
        and delivery.state in ("planned", "queued", "deferred")
    ):
        delivery.state, delivery.reason, delivery.lease_until = "cancelled", "removed", None
    db.session.delete(row)
    db.session.flush()


def count_unread(user_id: int) -> int:
    """How many entries a person has not read."""
    mine = select(func.count()).where(Notification.user_id == user_id, Notification.read_at.is_(None))
    return db.session.scalar(mine) or 0


def in_words(row: Notification, language: str) -> str:
    """An entry's one line, as its kind words it; the kind's name where it has no words of its own."""
    kind = KINDS.get(row.kind)
    return kind.make_line(row.evidence, language) if kind and kind.make_line else kind_name(row.kind, language)
