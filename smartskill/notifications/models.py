"""What we tell people: the inbox, the outbox, and what each wants to hear.

A `Notification` is the inbox entry; a `Delivery` is the outbox row of one mail, written in the same transaction as the
decision. PostgreSQL is the truth: losing Redis loses nothing.
"""

from datetime import date, datetime
from typing import Any
from uuid import UUID, uuid4

from sqlalchemy import BigInteger, CheckConstraint, ForeignKey, Index, Integer, String, UniqueConstraint, text
from sqlalchemy.dialects.postgresql import ARRAY, JSONB
from sqlalchemy.orm import Mapped, mapped_column, relationship

from smartskill.database import Base, Timestamps, Versioned, now

WHOLE_LIFE: dict[str, Any] = {"ondelete": "CASCADE"}
CLASSES = ("account", "service", "subscription")  # the most urgent first
STATES = ("planned", "queued", "sending", "sent", "deferred", "failed", "unknown", "cancelled")


class Delivery(Base, Timestamps):
    """One mail to be sent: planned → queued → sending → sent, or deferred, failed, unknown, cancelled.

    `queued` and `sending` are leased: past `lease_until` their worker is taken for dead.
    """

    __tablename__ = "deliveries"
    __table_args__ = (
        UniqueConstraint("user_id", "campaign_key"),
        UniqueConstraint("message_id"),
        Index(
            "ix_deliveries_due",
            "mail_class",
            "due_at",
            postgresql_where=text("state IN ('planned', 'deferred', 'queued', 'sending')"),
        ),
        Index(None, "state"),
        Index(None, "user_id", "sent_at"),
        Index(None, "sent_at"),
        UniqueConstraint("unsubscribe_key"),
        CheckConstraint(
            "state IN ('planned','queued','sending','sent','deferred','failed','unknown','cancelled')", name="state"
        ),
        CheckConstraint("mail_class IN ('account', 'service', 'subscription')", name="mail_class"),
    )

    id: Mapped[int] = mapped_column(primary_key=True)
    user_id: Mapped[int | None] = mapped_column(ForeignKey("users.id", **WHOLE_LIFE))
    address: Mapped[str | None] = mapped_column(String(254))  # none: the person's own at the time of sending
    kind: Mapped[str] = mapped_column(String(40))
    mail_class: Mapped[str] = mapped_column(String(20))
    campaign_key: Mapped[str] = mapped_column(String(200))
    message_id: Mapped[str] = mapped_column(String(200))
    content: Mapped[dict] = mapped_column(JSONB, default=dict)
    state: Mapped[str] = mapped_column(String(20), default="planned", server_default="planned")
    due_at: Mapped[datetime] = mapped_column(default=now)
    lease_until: Mapped[datetime | None]
    is_past_hours: Mapped[bool] = mapped_column(default=False, server_default=text("false"))  # quiet hours don't count
    attempts: Mapped[int] = mapped_column(default=0, server_default="0")
    first_tried_at: Mapped[datetime | None]
    lapses: Mapped[int] = mapped_column(default=0, server_default="0")  # leases that ran out before sending began
    doubts: Mapped[int] = mapped_column(default=0, server_default="0")  # sendings of which no end is known
    reason: Mapped[str | None] = mapped_column(String(200))
    sent_at: Mapped[datetime | None]
    unsubscribe_key: Mapped[UUID] = mapped_column(default=uuid4)

    notifications: Mapped[list["Notification"]] = relationship(back_populates="delivery", order_by="Notification.id")


class WireTrace(Base):
    """How far a worker has come with the mails that it marked as `sending` together: 2n once the first n were answered,
    one more while the next one's last dot may be out.

    Unlogged: writing it costs next to nothing and outlives a killed worker. PostgreSQL empties it after a crash of its
    own, and a window without its trace counts as in doubt.
    """

    __tablename__ = "wire_traces"
    __table_args__ = {"prefixes": ["UNLOGGED"]}

    id: Mapped[int] = mapped_column(BigInteger, primary_key=True)
    delivery_ids: Mapped[list[int]] = mapped_column(ARRAY(Integer))
    step: Mapped[int] = mapped_column(default=0, server_default="0")
    created_at: Mapped[datetime] = mapped_column(default=now)


class DomainBudget(Base):
    """How many mails a receiving domain may still be sent now; fills up with time. One row for all workers."""

    __tablename__ = "domain_budgets"

    domain: Mapped[str] = mapped_column(String(254), primary_key=True)
    left: Mapped[float]
    filled_at: Mapped[datetime]
    deferred_until: Mapped[datetime]  # when the last of those that had to wait is to be tried


class Bounce(Base):
    """What came back about a mail that had gone out, or how its address was refused for good."""

    __tablename__ = "bounces"
    __table_args__ = (
        UniqueConstraint("delivery_id", "kind"),
        Index(None, "received_at"),
        CheckConstraint("kind IN ('hard', 'soft', 'complaint')", name="kind"),
    )

    id: Mapped[int] = mapped_column(primary_key=True)
    delivery_id: Mapped[int] = mapped_column(ForeignKey("deliveries.id", **WHOLE_LIFE))
    kind: Mapped[str] = mapped_column(String(10))
    email: Mapped[str] = mapped_column(String(254))
    status: Mapped[str | None] = mapped_column(String(12))  # RFC 3463: 5.1.1
    received_at: Mapped[datetime] = mapped_column(default=now)


class Breaker(Base):
    """Whether subscription mail is stopped, because too many bounce or complain; one row."""

    __tablename__ = "mail_breaker"
    __table_args__ = (CheckConstraint("id = 1", name="one_row"),)

    id: Mapped[int] = mapped_column(primary_key=True, default=1)
    opened_at: Mapped[datetime | None]  # none: closed, mail goes
    reason: Mapped[str | None] = mapped_column(String(200))
    forgiven_at: Mapped[datetime | None]  # what came before does not count: an administrator closed it


class Notification(Base, Versioned):
    """An entry of a person's inbox, with the evidence that its text names."""

    __tablename__ = "notifications"
    __table_args__ = (
        UniqueConstraint("user_id", "campaign_key"),
        Index(None, "user_id", text("created_at DESC")),
        Index(None, "delivery_id"),
        Index(None, "decision_id"),
    )

    id: Mapped[int] = mapped_column(primary_key=True)
    user_id: Mapped[int] = mapped_column(ForeignKey("users.id", **WHOLE_LIFE))
    kind: Mapped[str] = mapped_column(String(40))
    campaign_key: Mapped[str] = mapped_column(String(200))
    evidence: Mapped[dict] = mapped_column(JSONB, default=dict)
    delivery_id: Mapped[int | None] = mapped_column(ForeignKey("deliveries.id", ondelete="SET NULL"))
    decision_id: Mapped[int | None] = mapped_column(ForeignKey("decisions.id", ondelete="SET NULL"))
    created_at: Mapped[datetime] = mapped_column(default=now)
    read_at: Mapped[datetime | None]

    delivery: Mapped[Delivery | None] = relationship(back_populates="notifications")


class Click(Base):
    """That a link of a mail was followed: once by a person, once by machines."""

    __tablename__ = "clicks"

    delivery_id: Mapped[int] = mapped_column(ForeignKey("deliveries.id", **WHOLE_LIFE), primary_key=True)
    path: Mapped[str] = mapped_column(String(60), primary_key=True)
    is_automated: Mapped[bool] = mapped_column(primary_key=True)
    clicked_at: Mapped[datetime] = mapped_column(default=now)


class Preference(Base):
    """Whether a person wants mail of a kind; no row: yes."""

    __tablename__ = "preferences"

    user_id: Mapped[int] = mapped_column(ForeignKey("users.id", **WHOLE_LIFE), primary_key=True)
    kind: Mapped[str] = mapped_column(String(40), primary_key=True)
    is_wanted: Mapped[bool]
    changed_at: Mapped[datetime] = mapped_column(default=now)


class MailSettings(Base):
    """When a person may be written to; no row: the operator's quiet hours, working days Monday to Friday."""

    __tablename__ = "mail_settings"

    user_id: Mapped[int] = mapped_column(ForeignKey("users.id", **WHOLE_LIFE), primary_key=True)
    quiet_hours: Mapped[str | None] = mapped_column(String(10))  # "20-8", local
    working_days: Mapped[list] = mapped_column(JSONB, default=lambda: [0, 1, 2, 3, 4])  # Monday is 0
    away_until: Mapped[date | None]
    is_in_holdout_allowed: Mapped[bool] = mapped_column(default=True, server_default=text("true"))


class Suppression(Base):
    """An address that must not be written to, because it bounced, complained or was taken off by hand."""

    __tablename__ = "suppressions"
    __table_args__ = (
        UniqueConstraint("email", "scope"),
        CheckConstraint("scope IN ('all', 'subscription')", name="scope"),
    )

    id: Mapped[int] = mapped_column(primary_key=True)
    email: Mapped[str] = mapped_column(String(254))
    scope: Mapped[str] = mapped_column(String(20), default="all")
    reason: Mapped[str] = mapped_column(String(40))
    created_at: Mapped[datetime] = mapped_column(default=now)
    lifted_at: Mapped[datetime | None]  # none: it holds
    lifted_because: Mapped[str | None] = mapped_column(String(200))
