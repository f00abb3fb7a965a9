"""Skills that people's own words speak of, and what they answered."""

from datetime import date, datetime

from sqlalchemy import ForeignKey, Index, UniqueConstraint, text
from sqlalchemy.dialects.postgresql import JSONB
from sqlalchemy.orm import Mapped, mapped_column

from smartskill.database import Base, Timestamps, now


class SkillSuggestion(Base, Timestamps):
    """A skill suggested to a person: one row for good, so that what was rejected once never returns.

    `reasons` are facts to be worded; `experience_id` or `qualification_id` is where its words stand.
    """

    __tablename__ = "skill_suggestions"
    __table_args__ = (
        UniqueConstraint("user_id", "skill_id"),
        Index(None, "skill_id"),
        Index("ix_skill_suggestions_open", "user_id", text("score DESC")),
    )

    id: Mapped[int] = mapped_column(primary_key=True)
    user_id: Mapped[int] = mapped_column(ForeignKey("users.id", ondelete="CASCADE"))
    skill_id: Mapped[int] = mapped_column(ForeignKey("skills.id", ondelete="CASCADE"))
    score: Mapped[float]
    reasons: Mapped[list] = mapped_column(JSONB, default=list)
    experience_id: Mapped[int | None] = mapped_column(ForeignKey("experiences.id", ondelete="SET NULL"), index=True)
    qualification_id: Mapped[int | None] = mapped_column(
        ForeignKey("qualifications.id", ondelete="SET NULL"), index=True
    )
    is_rejected: Mapped[bool] = mapped_column(default=False, server_default=text("false"))
    is_accepted: Mapped[bool] = mapped_column(default=False, server_default=text("false"))
    later_until: Mapped[date | None]


class WordsReading(Base):
    """When a person's own words were last asked to be read, and when they last were."""

    __tablename__ = "words_readings"

    user_id: Mapped[int] = mapped_column(ForeignKey("users.id", ondelete="CASCADE"), primary_key=True)
    asked_at: Mapped[datetime] = mapped_column(default=now)
    read_at: Mapped[datetime | None]
