"""What was learned and what was decided with it: models with cards, predictions, decisions with their odds, runs."""

from datetime import datetime
from typing import Any

from sqlalchemy import BigInteger, CheckConstraint, ForeignKey, Identity, Index, String, Text, UniqueConstraint, text
from sqlalchemy.dialects.postgresql import JSONB
from sqlalchemy.orm import Mapped, mapped_column, relationship

from smartskill.database import Base, now

WHOLE_LIFE: dict[str, Any] = {"ondelete": "CASCADE"}


class ModelVersion(Base):
    """A trained model: where its artefact lies, the digest it must have, its card, and its standing.

    There are two names: `lapse`, which orders, and `return`, which says what a notice adds. Of each at most one serves
    (champion) and one more is scored beside it (shadow). `watch` is what the latest look at its scores said; while
    `is_alarmed` holds, the rules serve.
    """

    __tablename__ = "model_versions"
    __table_args__ = (
        CheckConstraint("state IN ('candidate', 'shadow', 'champion', 'archived')", name="state"),
        Index("uq_model_versions_champion", "name", unique=True, postgresql_where=text("state = 'champion'")),
        Index("uq_model_versions_shadow", "name", unique=True, postgresql_where=text("state = 'shadow'")),
    )

    id: Mapped[int] = mapped_column(primary_key=True)
    name: Mapped[str] = mapped_column(String(40), default="lapse")
    state: Mapped[str] = mapped_column(String(20), default="candidate")
    digest: Mapped[str | None] = mapped_column(String(64))
    path: Mapped[str | None] = mapped_column(String(300))  # below the instance folder
    card: Mapped[dict] = mapped_column(JSONB)
    card_page: Mapped[str | None] = mapped_column(Text)  # the card as Markdown: only workers could write it
    is_gate_passed: Mapped[bool] = mapped_column(default=False)
    trained_at: Mapped[datetime] = mapped_column(default=now)
    promoted_at: Mapped[datetime | None]
    archived_at: Mapped[datetime | None]
    watch: Mapped[dict | None] = mapped_column(JSONB(none_as_null=True))
    watched_at: Mapped[datetime | None]
    is_alarmed: Mapped[bool] = mapped_column(default=False, server_default=text("false"))


class Prediction(Base):
    """The latest score of a person by a model; shown to nobody but that person."""

    __tablename__ = "predictions"

    user_id: Mapped[int] = mapped_column(ForeignKey("users.id", **WHOLE_LIFE), primary_key=True)
    name: Mapped[str] = mapped_column(String(40), primary_key=True)
    model_version_id: Mapped[int] = mapped_column(ForeignKey("model_versions.id", **WHOLE_LIFE), index=True)
    value: Mapped[float]
    reasons: Mapped[list] = mapped_column(JSONB, default=list)
    scored_at: Mapped[datetime] = mapped_column(default=now)


class PlanRun(Base):
    """One planning of notices for many people, done in chunks. A given moment stands for the present in all of them."""

    __tablename__ = "plan_runs"
    __table_args__ = (
        CheckConstraint("state IN ('queued', 'running', 'done', 'failed')", name="state"),
        Index("ix_plan_runs_open", "created_at", postgresql_where=text("state IN ('queued', 'running')")),
    )

    id: Mapped[int] = mapped_column(primary_key=True)
    state: Mapped[str] = mapped_column(String(10), default="queued", server_default="queued")
    is_forced: Mapped[bool] = mapped_column(default=False, server_default=text("false"))
    requested_by_id: Mapped[int | None] = mapped_column(ForeignKey("users.id", ondelete="SET NULL"), index=True)
    only_user_id: Mapped[int | None] = mapped_column(ForeignKey("users.id", **WHOLE_LIFE), index=True)
    as_of: Mapped[datetime] = mapped_column(default=now)
    price: Mapped[float | None]  # what a mail cost in this run, so that the budget is kept
    error: Mapped[str | None] = mapped_column(String(300))
    created_at: Mapped[datetime] = mapped_column(default=now)
    finished_at: Mapped[datetime | None]

    chunks: Mapped[list["PlanChunk"]] = relationship(
        order_by="PlanChunk.number", cascade="all, delete-orphan", passive_deletes=True
    )


class PlanChunk(Base):
    """A part of a run: the people of an id range, and what came of it. A chunk done twice has one result."""

    __tablename__ = "plan_chunks"

    run_id: Mapped[int] = mapped_column(ForeignKey("plan_runs.id", **WHOLE_LIFE), primary_key=True)
    number: Mapped[int] = mapped_column(primary_key=True, autoincrement=False)
    from_id: Mapped[int]
    to_id: Mapped[int]
    people: Mapped[int]
    result: Mapped[dict | None] = mapped_column(JSONB(none_as_null=True))
    finished_at: Mapped[datetime | None]


class OutcomeReport(Base):
    """What the notices came to, computed by a worker: the web shows the newest row and computes nothing."""

    __tablename__ = "outcome_reports"

    id: Mapped[int] = mapped_column(primary_key=True)
    computed_at: Mapped[datetime] = mapped_column(default=now, index=True)
    report: Mapped[dict] = mapped_column(JSONB)


class Decision(Base):
    """What was decided about telling a person something, whatever it was, with all that is needed to replay it.

    `propensities` maps each action that could have been drawn to its odds and `drawn_action` is the one that was, whose
    odds `propensity` is: somebody held out is drawn for and gets none. `gates` are the gates in their order, each with
    its verdict; `gate` is the reason code of the first that failed, `None` where none did. `fallback` names what made
    scoring fall to stage 0. The draw follows from `decision_key`, so it can be replayed. `shadow` has by name what a
    model that does not serve would have made of it: its id, scores and odds.
    """

    __tablename__ = "decisions"
    __table_args__ = (
        UniqueConstraint("decision_key"),
        Index(None, "user_id", text("decided_at DESC")),
        Index(None, "decided_at"),
    )

    id: Mapped[int] = mapped_column(BigInteger, Identity(), primary_key=True)
    user_id: Mapped[int] = mapped_column(ForeignKey("users.id", **WHOLE_LIFE))
    decision_key: Mapped[str] = mapped_column(String(200))
    mail_class: Mapped[str] = mapped_column(String(20))
    action: Mapped[str] = mapped_column(String(40))
    drawn_action: Mapped[str | None] = mapped_column(String(40))
    gate: Mapped[str | None] = mapped_column(String(40))
    gates: Mapped[list | None] = mapped_column(JSONB(none_as_null=True))
    is_held_out: Mapped[bool] = mapped_column(default=False, server_default=text("false"))
    stage: Mapped[int | None]
    propensity: Mapped[float | None]
    propensities: Mapped[dict | None] = mapped_column(JSONB(none_as_null=True))
    scores: Mapped[dict | None] = mapped_column(JSONB(none_as_null=True))
    shadow: Mapped[dict | None] = mapped_column(JSONB(none_as_null=True))
    price: Mapped[float | None]
    fallback: Mapped[str | None] = mapped_column(String(80))
    evidence: Mapped[dict | None] = mapped_column(JSONB(none_as_null=True))
    feature_digest: Mapped[str | None] = mapped_column(String(64))
    model_version_id: Mapped[int | None] = mapped_column(ForeignKey("model_versions.id", ondelete="SET NULL"))
    run_id: Mapped[int | None] = mapped_column(ForeignKey("plan_runs.id", ondelete="SET NULL"), index=True)
    send_at: Mapped[datetime | None]
    decided_at: Mapped[datetime] = mapped_column(default=now)
    is_synthetic: Mapped[bool] = mapped_column(default=False, server_default=text("false"))
