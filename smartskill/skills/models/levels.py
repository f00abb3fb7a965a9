"""People's levels: append-only ratings, and the projection of them that everyone reads."""

from datetime import date, datetime

from sqlalchemy import CheckConstraint, ForeignKey, Index, String, Text, UniqueConstraint, text
from sqlalchemy.dialects.postgresql import JSONB
from sqlalchemy.orm import Mapped, mapped_column, relationship
from sqlalchemy.schema import Computed

from smartskill.database import Base, Timestamps, Versioned, now
from smartskill.skills.models.catalogue import WHOLE_LIFE, Skill

CHANGING = text("next_change_on IS NOT NULL")
BY_LEVEL = ("skill_id", text("level DESC"), "user_id")
BACKED = "weight >= 0.5"  # what may be fresh: most people's own word alone never comes to that
SOURCES = ("assessment", "manager", "peer", "self", "import")  # the most trusted first


class Rating(Base):
    """A statement about a level, by somebody, on a day. Never changed; taken back at most."""

    __tablename__ = "ratings"
    __table_args__ = (
        Index(None, "user_id", "skill_id", "effective_on"),
        Index(None, "skill_id"),
        Index(None, "rater_id"),
        CheckConstraint("level BETWEEN 1 AND 5", name="level"),
        CheckConstraint("source IN ('assessment', 'manager', 'peer', 'self', 'import')", name="source"),
    )

    id: Mapped[int] = mapped_column(primary_key=True)
    user_id: Mapped[int] = mapped_column(ForeignKey("users.id", **WHOLE_LIFE))
    skill_id: Mapped[int] = mapped_column(ForeignKey("skills.id"))
    level: Mapped[int]
    source: Mapped[str] = mapped_column(String(20))
    rater_id: Mapped[int | None] = mapped_column(ForeignKey("users.id", ondelete="SET NULL"))
    effective_on: Mapped[date]
    note: Mapped[str | None] = mapped_column(Text)
    evidence: Mapped[dict | None] = mapped_column(JSONB)
    retracted_at: Mapped[datetime | None]
    created_at: Mapped[datetime] = mapped_column(default=now)


class UserSkill(Base, Timestamps, Versioned):
    """What everyone reads about a person and a skill: the projection of the ratings, and the owner's own wishes.

    `voices`: the latest rating of each rater as `[weight, "YYYY-MM-DD"]`, for the confidence of any day.
    `weight`: the sum of their weights; no confidence is higher than what is left of it.
    `next_change_on`: when the effective level has to be looked at again.
    """

    __tablename__ = "user_skills"
    __table_args__ = (
        UniqueConstraint("user_id", "skill_id"),
        Index(
            "ix_user_skills_worth",
            *BY_LEVEL,
            postgresql_include=["last_confirmed_on", "interest", "is_shown", "weight"],
        ),
        Index("ix_user_skills_next_change_on", "next_change_on", postgresql_where=CHANGING),
        Index("ix_user_skills_backed", *BY_LEVEL, postgresql_where=text(f"level IS NOT NULL AND {BACKED}")),
        Index(
            "ix_user_skills_changes",
            "skill_id",
            "next_change_on",
            postgresql_where=CHANGING,
            postgresql_include=["user_id", "level"],
        ),
        Index("ix_user_skills_last_confirmed_on", "last_confirmed_on", "user_id", "skill_id"),
        CheckConstraint("level BETWEEN 1 AND 5", name="level"),
        CheckConstraint("interest BETWEEN 0 AND 5", name="interest"),
        CheckConstraint("target_level BETWEEN 1 AND 5", name="target_level"),
    )

    id: Mapped[int] = mapped_column(primary_key=True)
    user_id: Mapped[int] = mapped_column(ForeignKey("users.id", **WHOLE_LIFE))
    skill_id: Mapped[int] = mapped_column(ForeignKey("skills.id"))
    level: Mapped[int | None]
    self_level: Mapped[int | None]
    manager_level: Mapped[int | None]
    voices: Mapped[list] = mapped_column(JSONB, default=list, server_default=text("'[]'"))
    weight: Mapped[float] = mapped_column(Computed("total_weight(voices)", persisted=True), deferred=True)
    last_confirmed_on: Mapped[date | None]
    next_change_on: Mapped[date | None]
    interest: Mapped[int | None]
    target_level: Mapped[int | None]
    is_shown: Mapped[bool] = mapped_column(default=True, server_default=text("true"))
    note: Mapped[str | None] = mapped_column(Text)

    skill: Mapped[Skill] = relationship(lazy="joined", innerjoin=True)

    @property
    def skill_name(self) -> str:
        """What the skill is called."""
        return self.skill.name

    @property
    def review_months(self) -> int:
        """After how many months the level wants confirming."""
        return self.skill.review_months

    @property
    def skill_status(self) -> str:
        """Whether the skill is still in use."""
        return self.skill.status


class Endorsement(Base):
    """A colleague's word for a skill; carries a peer rating with it."""

    __tablename__ = "endorsements"
    __table_args__ = (
        UniqueConstraint("user_id", "skill_id", "endorser_id", info={"problem": "You endorsed this already."}),
        Index(None, "endorser_id"),
        Index(None, "skill_id"),
    )

    id: Mapped[int] = mapped_column(primary_key=True)
    user_id: Mapped[int] = mapped_column(ForeignKey("users.id", **WHOLE_LIFE))
    skill_id: Mapped[int] = mapped_column(ForeignKey("skills.id"))
    endorser_id: Mapped[int] = mapped_column(ForeignKey("users.id", **WHOLE_LIFE))
    rating_id: Mapped[int | None] = mapped_column(ForeignKey("ratings.id", ondelete="SET NULL"))
    note: Mapped[str | None] = mapped_column(Text)
    created_at: Mapped[datetime] = mapped_column(default=now)
