"""What a person wants to hear, when, and how they say no with one click."""

from datetime import date
from typing import Any
from uuid import UUID

from sqlalchemy import select
from sqlalchemy.dialects.postgresql import insert

from smartskill.activity.services.recording import record
from smartskill.database import now
from smartskill.extensions import db
from smartskill.kit.errors import Invalid, NotFound
from smartskill.kit.settings import setting
from smartskill.notifications.models import Delivery, MailSettings, Preference
from smartskill.notifications.services.outbox import cancel_pending
from smartskill.notifications.services.rendering import KINDS
from smartskill.notifications.services.texts import kind_name
from smartskill.notifications.services.tokens import read_unsubscribe_token

EVERY_WORKING_DAY = [0, 1, 2, 3, 4]


class UnsubscribeLinkUnknown(NotFound):
    """This link does not belong to any mail of ours."""


def choosable_kinds() -> list[str]:
    """The kinds that a person may switch off: all registered ones but account mail."""
    return sorted(name for name, kind in KINDS.items() if kind.mail_class != "account")


def get_preferences(user_id: int, language: str) -> dict[str, Any]:
    """Everything a person may choose, with the operator's defaults where they have not."""
    row = db.session.get(MailSettings, user_id)
    unwanted = set(db.session.scalars(select(Preference.kind).filter_by(user_id=user_id, is_wanted=False)))
    return {
        "kinds": [
            {
                "kind": kind,
                "name": kind_name(kind, language),
                "mail_class": KINDS[kind].mail_class,
                "is_wanted": kind not in unwanted,
            }
            for kind in choosable_kinds()
        ],
        "quiet_hours": row.quiet_hours if row else None,
        "default_quiet_hours": setting("QUIET_HOURS"),
        "working_days": row.working_days if row else EVERY_WORKING_DAY,
        "away_until": row.away_until if row else None,
        "is_in_holdout_allowed": row.is_in_holdout_allowed if row else True,
    }


def set_preferences(user_id: int, said: dict[str, Any]) -> None:
    """Replace everything a person chose; a kind that is left out is wanted.

    Raises:
        Invalid: a kind that does not exist or cannot be switched off, or one named twice.
    """
    choices = {choice["kind"]: choice["is_wanted"] for choice in said["kinds"]}
    unknown = [kind for kind in choices if kind not in choosable_kinds()]
    if unknown:
        raise Invalid.field("kinds", f"There is no such kind to choose: {unknown[0]}.")
    if len(choices) < len(said["kinds"]):
        raise Invalid.field("kinds", "A kind is named twice.")
    for kind in choosable_kinds():
        want(user_id, kind, choices.get(kind, True), source="api")
    _set_hours(user_id, said)


def _set_hours(user_id: int, said: dict[str, Any]) -> None:
    away: date | None = said["away_until"]
    facts = {
        "quiet_hours": said["quiet_hours"],
        "working_days": sorted(set(said["working_days"])),
        "away_until": away,
        "is_in_holdout_allowed": said["is_in_holdout_allowed"],
    }
    statement = insert(MailSettings).values(user_id=user_id, **facts)
    db.session.execute(statement.on_conflict_do_update(index_elements=["user_id"], set_=facts))
    db.session.expire_all()


def want(user_id: int, kind: str, is_wanted: bool, *, source: str, delivery_id: int | None = None) -> bool:
    """Note whether a person wants mail of a kind; no longer wanted mail that waits is cancelled.

    Returns:
        whether that is a change.
    """
    row = db.session.get(Preference, (user_id, kind), with_for_update=True)
    before = row.is_wanted if row else True
    if before == is_wanted:
        return False
    facts = {"is_wanted": is_wanted, "changed_at": now()}
    statement = insert(Preference).values(user_id=user_id, kind=kind, **facts)
    db.session.execute(statement.on_conflict_do_update(index_elements=["user_id", "kind"], set_=facts))
    if not is_wanted:
        cancel_pending(user_id, kind, "unwanted")
    if source == "email":
        props = {"delivery_id": delivery_id, "via": "email"}
        record(user_id, "unsubscribed", source="email", subject_type="delivery", subject_id=delivery_id, props=props)
    else:
        record(user_id, "preference_changed", source=source, props={"is_wanted": is_wanted, "via": "api"})
    return True


def find_subscription(token: str) -> Delivery:
    """The mail that an unsubscribe link came in.

    Raises:
        UnsubscribeLinkUnknown: no mail of ours, or one that cannot be unsubscribed from.
    """
    key: UUID | None = read_unsubscribe_token(token)
    row = db.session.scalar(select(Delivery).filter_by(unsubscribe_key=key)) if key else None
    if row is None or row.user_id is None or row.mail_class == "account":
        raise UnsubscribeLinkUnknown()
    return row


def kinds_of(delivery: Delivery) -> list[str]:
    """What unsubscribing from a mail ends: its kind, and where service notices were joined in it, all of theirs."""
    joined = [notice.kind for notice in delivery.notifications] if delivery.mail_class == "service" else []
    return list(dict.fromkeys([delivery.kind, *joined]))


def unsubscribe(delivery: Delivery) -> list[str]:
    """No more mail of these kinds for its reader; said twice, it is done once. A service kind stays in the inbox."""
    assert delivery.user_id is not None  # as found
    kinds = kinds_of(delivery)
    for kind in kinds:
        want(delivery.user_id, kind, False, source="email", delivery_id=delivery.id)
    return kinds
