"""What people did, and whether they let us know. No free text, no address, and nothing without consent."""

from datetime import date, datetime

from sqlalchemy import BigInteger, CheckConstraint, ForeignKey, Index, String, text
from sqlalchemy.dialects.postgresql import JSONB
from sqlalchemy.orm import Mapped, mapped_column

from smartskill.database import Base, now

KINDS = (
    "signed_in", "profile_viewed", "profile_updated", "skill_rated", "skill_confirmed", "skill_viewed",
    "skill_proposed", "endorsement_given", "endorsement_received", "qualification_added",
    "qualification_renewed", "qualification_reviewed", "experience_added", "experience_updated", "search",
    "resume_imported", "recommendation_opened", "recommendation_dismissed", "inbox_opened", "email_sent",
    "email_clicked", "preference_changed", "unsubscribed", "bounced", "complained",
)  # fmt: skip
SOURCES = ("web", "api", "email", "system")
PURPOSES = ("tracking", "prediction")


class InteractionEvent(Base):
    """One act, append-only; partitioned by the month of `occurred_at`.

    Unique in (`occurred_at`, `client_event_id`): a client that repeats a batch repeats both.
    """

    __tablename__ = "interaction_events"
    __table_args__ = (
        Index("uq_interaction_events_client", "occurred_at", "client_event_id", unique=True),
        # with what learning reads of an act, so that it need not visit the row
        Index(None, "user_id", "occurred_at", postgresql_include=["kind", "is_automated"]),
        Index(
            "ix_interaction_events_past_mails",
            "user_id",
            "occurred_at",
            postgresql_where=text("kind = 'email_sent' AND (props IS NULL OR NOT props ? 'delivery_id')"),
        ),
        Index(
            "ix_interaction_events_searches",
            "subject_id",
            "occurred_at",
            "user_id",
            postgresql_where=text(
                "kind = 'search' AND subject_type = 'skill' AND subject_id IS NOT NULL AND NOT is_automated"
            ),
        ),
        {"postgresql_partition_by": "RANGE (occurred_at)"},
    )

    id: Mapped[int] = mapped_column(
        BigInteger, server_default=text("nextval('interaction_events_id_seq')"), primary_key=True
    )
    occurred_at: Mapped[datetime] = mapped_column(primary_key=True)
    received_at: Mapped[datetime] = mapped_column(default=now, server_default=text("now()"))
    user_id: Mapped[int] = mapped_column(ForeignKey("users.id", ondelete="CASCADE"))
    kind: Mapped[str] = mapped_column(String(40))
    subject_type: Mapped[str | None] = mapped_column(String(40))
    subject_id: Mapped[int | None]
    source: Mapped[str] = mapped_column(String(10), default="api", server_default="api")
    decision_id: Mapped[int | None] = mapped_column(BigInteger)
    props: Mapped[dict | None] = mapped_column(JSONB)
    is_automated: Mapped[bool] = mapped_column(default=False, server_default=text("false"))
    client_event_id: Mapped[str | None] = mapped_column(String(64))


class EventMonth(Base):
    """How much of each kind a month saw, and of how many people: what stays when the month's events are dropped."""

    __tablename__ = "event_months"

    month: Mapped[date] = mapped_column(primary_key=True)  # its first day, UTC
    kind: Mapped[str] = mapped_column(String(40), primary_key=True)
    source: Mapped[str] = mapped_column(String(10), primary_key=True)
    events: Mapped[int]
    people: Mapped[int]


class Consent(Base):
    """What a person said to tracking or prediction; no row: they have not said, and the operator's default holds."""

    __tablename__ = "consents"
    __table_args__ = (CheckConstraint("purpose IN ('tracking', 'prediction')", name="purpose"),)

    user_id: Mapped[int] = mapped_column(ForeignKey("users.id", ondelete="CASCADE"), primary_key=True)
    purpose: Mapped[str] = mapped_column(String(20), primary_key=True)
    is_granted: Mapped[bool]
    changed_at: Mapped[datetime] = mapped_column(default=now)
