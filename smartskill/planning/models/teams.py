"""Teams that somebody asked to be composed. The row is the job: what was asked, how far it is, what came of it."""

from datetime import datetime

from sqlalchemy import CheckConstraint, ForeignKey, Index, String, text
from sqlalchemy.dialects.postgresql import JSONB
from sqlalchemy.orm import Mapped, mapped_column

from smartskill.database import Base, now


class TeamPlan(Base):
    """One composing. `request` is what was asked, `result` what came of it; both go when it expires."""

    __tablename__ = "team_plans"
    __table_args__ = (
        Index(None, "user_id"),
        Index(None, "expires_at"),
        Index("ix_team_plans_open", "created_at", postgresql_where=text("state IN ('queued', 'running')")),
        CheckConstraint("state IN ('queued', 'running', 'done', 'failed', 'cancelled')", name="state"),
        CheckConstraint("progress BETWEEN 0 AND 1", name="progress"),
    )

    id: Mapped[int] = mapped_column(primary_key=True)
    user_id: Mapped[int] = mapped_column(ForeignKey("users.id", ondelete="CASCADE"))
    state: Mapped[str] = mapped_column(String(10), default="queued", server_default="queued")
    progress: Mapped[float] = mapped_column(default=0.0, server_default="0")
    request: Mapped[dict] = mapped_column(JSONB)
    result: Mapped[dict | None] = mapped_column(JSONB(none_as_null=True))
    error: Mapped[str | None] = mapped_column(String(300))
    tries: Mapped[int] = mapped_column(default=0, server_default="0")
    created_at: Mapped[datetime] = mapped_column(default=now)
    started_at: Mapped[datetime | None]
    finished_at: Mapped[datetime | None]
    expires_at: Mapped[datetime]
