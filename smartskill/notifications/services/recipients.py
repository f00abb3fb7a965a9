"""Who a mail goes to: the few facts about people that telling them needs, read fresh in one query.

Notices know people by id only, so the table is named by a string here, as a foreign key would.
"""

from collections.abc import Collection, Iterable
from contextvars import ContextVar
from dataclasses import dataclass
from datetime import date, datetime, timedelta
from functools import cache
from typing import Any
from zoneinfo import ZoneInfo

from sqlalchemy import DateTime, Integer, Select, and_, any_, bindparam, column, func, literal, or_, select, table
from sqlalchemy.dialects.postgresql import ARRAY, array_agg

from smartskill.database import now
from smartskill.extensions import db
from smartskill.kit.settings import setting
from smartskill.notifications.models import Delivery, MailSettings, Preference, Suppression
from smartskill.notifications.services.texts import language_of

MONTH = timedelta(days=31)
PENDING = ("planned", "queued", "sending", "deferred")
users = table(
    "users",
    *(column(name) for name in ("id", "email", "full_name", "locale", "timezone", "is_active", "verified_at")),
)


@dataclass(frozen=True)
class Recipient:
    """A person as the gates and the layout see them, at one moment. Times of `mailed_at` are subscription mails'."""

    user_id: int | None
    email: str
    full_name: str
    locale: str = "en"
    timezone: str = "UTC"
    is_active: bool = True
    is_verified: bool = True
    quiet_hours: str = ""
    working_days: tuple[int, ...] = (0, 1, 2, 3, 4)
    away_until: date | None = None
    is_in_holdout_allowed: bool = True
    unwanted: frozenset[str] = frozenset()
    suppressed: frozenset[str] = frozenset()
    mailed_at: tuple[datetime, ...] = ()

    @property
    def language(self) -> str:
        """The language we write to them."""
        return language_of(self.locale)

    @property
    def zone(self) -> ZoneInfo:
        """Their IANA time zone; UTC where it is none that is known."""
        try:
            return ZoneInfo(self.timezone)
        except (KeyError, ValueError, OSError):
            return ZoneInfo("UTC")


def find_recipients(
    user_ids: Collection[int], *, at: datetime | None = None, with_pending: bool = True
) -> dict[int, Recipient]:
    """The recipients among these people.

    Args:
        with_pending: whether mails still on their way count as mailed (they do when planning another).
    """
    if not user_ids:
        return {}
    asked = {"user_ids": list(user_ids), "since": (at or now()) - MONTH}
    rows = db.session.execute(_facts(with_pending), asked)
    return {row.user_id: _recipient(row) for row in rows}


known: ContextVar[dict[int, Recipient | None] | None] = ContextVar("known", default=None)


def find_recipient(delivery: Delivery) -> Recipient | None:
    """Who a delivery goes to; None where the person is gone. While a window is sent, as it was read for all of it."""
    found = known.get()
    if found is not None and delivery.id in found:
        return found[delivery.id]
    return find_for([delivery])[delivery.id]


def find_for(rows: Iterable[Delivery]) -> dict[int, Recipient | None]:
    """Who these deliveries go to, by their ids, read in one query."""
    rows = list(rows)
    people = find_recipients({row.user_id for row in rows if row.user_id is not None}, with_pending=False)
    return {row.id: _recipient_of(row, people) for row in rows}


def _recipient_of(delivery: Delivery, people: dict[int, Recipient]) -> Recipient | None:
    if delivery.user_id is None:
        return _stranger(delivery)
    found = people.get(delivery.user_id)
    if found is None or not delivery.address or delivery.address.lower() == found.email.lower():
        return found
    return Recipient(**{**found.__dict__, "email": delivery.address, "suppressed": _scopes(delivery.address)})


def _stranger(delivery: Delivery) -> Recipient | None:
    if not delivery.address:
        return None
    name = str(delivery.content.get("full_name") or "")
    locale = str(delivery.content.get("locale") or "en")
    return Recipient(None, delivery.address, name, locale, suppressed=_scopes(delivery.address))


def _scopes(email: str) -> frozenset[str]:
    found = select(Suppression.scope).where(Suppression.email == email.lower(), Suppression.lifted_at.is_(None))
    return frozenset(db.session.scalars(found))


@cache
def _facts(with_pending: bool) -> Select:
    """What is known of `user_ids`, and when they were mailed `since` a time; built once, each window asks it."""
    since = bindparam("since", type_=DateTime(timezone=True))
    unwanted = select(array_agg(Preference.kind)).where(
        Preference.user_id == users.c.id, Preference.is_wanted.is_(False)
    )
    suppressed = select(array_agg(Suppression.scope)).where(
        Suppression.email == func.lower(users.c.email), Suppression.lifted_at.is_(None)
    )
    sent = and_(Delivery.state.in_(("sent", "unknown")), Delivery.sent_at > since)
    counted = or_(sent, Delivery.state.in_(PENDING if with_pending else ("sending",)))
    mailed = select(array_agg(func.coalesce(Delivery.sent_at, Delivery.due_at))).where(
        Delivery.user_id == users.c.id, Delivery.mail_class == literal("subscription"), counted
    )
    return (
        select(
            users.c.id.label("user_id"),
            *(users.c[name] for name in ("email", "full_name", "locale", "timezone", "is_active", "verified_at")),
            MailSettings.quiet_hours,
            MailSettings.working_days,
            MailSettings.away_until,
            MailSettings.is_in_holdout_allowed,
            unwanted.scalar_subquery().label("unwanted"),
            suppressed.scalar_subquery().label("suppressed"),
            mailed.scalar_subquery().label("mailed_at"),
        )
        .select_from(users.outerjoin(MailSettings.__table__, MailSettings.user_id == users.c.id))
        .where(users.c.id == any_(bindparam("user_ids", type_=ARRAY(Integer))))
    )


def _recipient(row: Any) -> Recipient:
    days = row.working_days
    return Recipient(
        user_id=row.user_id,
        email=row.email,
        full_name=row.full_name,
        locale=row.locale,
        timezone=row.timezone,
        is_active=row.is_active,
        is_verified=row.verified_at is not None,
        quiet_hours=setting("QUIET_HOURS") if row.quiet_hours is None else row.quiet_hours,
        working_days=(0, 1, 2, 3, 4) if days is None else tuple(days),
        away_until=row.away_until,
        is_in_holdout_allowed=row.is_in_holdout_allowed is not False,
        unwanted=frozenset(row.unwanted or ()),
        suppressed=frozenset(row.suppressed or ()),
        mailed_at=tuple(sorted(row.mailed_at or ())),
    )
