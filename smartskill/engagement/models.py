"""What was learned and what was decided with it: models with their cards, predictions, and decisions with their odds."""

from datetime import datetime

from sqlalchemy import BigInteger, CheckConstraint, ForeignKey, Identity, Index, String, UniqueConstraint, text
from sqlalchemy.dialects.postgresql import JSONB
from sqlalchemy.orm import Mapped, mapped_column

from smartskill.database import Base, now

WHOLE_LIFE = {"ondelete": "CASCADE"}


class ModelVersion(Base):
    """A trained model: where its artefact lies, the digest it must have, its card, and its standing."""

    __tablename__ = "model_versions"
    __table_args__ = (
        CheckConstraint("state IN ('candidate', 'shadow', 'champion', 'archived')", name="state"),
        Index("uq_model_versions_champion", "name", unique=True, postgresql_where=text("state = 'champion'")),
    )

    id: Mapped[int] = mapped_column(primary_key=True)
    name: Mapped[str] = mapped_column(String(40), default="lapse")
    state: Mapped[str] = mapped_column(String(20), default="candidate")
    digest: Mapped[str | None] = mapped_column(String(64))
    path: Mapped[str | None] = mapped_column(String(300))  # below the instance folder
    card: Mapped[dict] = mapped_column(JSONB)
    is_gate_passed: Mapped[bool] = mapped_column(default=False)
    trained_at: Mapped[datetime] = mapped_column(default=now)
    promoted_at: Mapped[datetime | None]
    archived_at: Mapped[datetime | None]


class Prediction(Base):
    """The latest score of a person by a model; shown to nobody but that person."""

    __tablename__ = "predictions"

    user_id: Mapped[int] = mapped_column(ForeignKey("users.id", **WHOLE_LIFE), primary_key=True)
    name: Mapped[str] = mapped_column(String(40), primary_key=True)
    model_version_id: Mapped[int] = mapped_column(ForeignKey("model_versions.id", **WHOLE_LIFE), index=True)
    value: Mapped[float]
    reasons: Mapped[list] = mapped_column(JSONB, default=list)
    scored_at: Mapped[datetime] = mapped_column(default=now)


class Decision(Base):
    """What was decided about telling a person something, whatever it was, with all that is needed to replay it.

    `propensities` maps each action that could have been drawn to its odds; `gate` is the reason code of the first gate
    that failed, `None` where none did.
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
    gate: Mapped[str | None] = mapped_column(String(40))
    is_held_out: Mapped[bool] = mapped_column(default=False, server_default=text("false"))
    stage: Mapped[int | None]
    propensity: Mapped[float | None]
    propensities: Mapped[dict | None] = mapped_column(JSONB)
    scores: Mapped[dict | None] = mapped_column(JSONB)
    evidence: Mapped[dict | None] = mapped_column(JSONB)
    feature_digest: Mapped[str | None] = mapped_column(String(64))
    model_version_id: Mapped[int | None] = mapped_column(ForeignKey("model_versions.id", ondelete="SET NULL"))
    send_at: Mapped[datetime | None]
    decided_at: Mapped[datetime] = mapped_column(default=now)
    is_synthetic: Mapped[bool] = mapped_column(default=False, server_default=text("false"))
