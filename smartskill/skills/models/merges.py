"""That skills became part of others, and how to undo it."""

from datetime import datetime

from sqlalchemy import BigInteger, CheckConstraint, ForeignKey, Index, String, text
from sqlalchemy.dialects.postgresql import JSONB
from sqlalchemy.orm import Mapped, mapped_column

from smartskill.database import Base, now
from smartskill.skills.models.catalogue import WHOLE_LIFE


class SkillMerge(Base):
    """That a skill became part of another, by whom and when, and whether that was undone."""

    __tablename__ = "skill_merges"
    __table_args__ = (
        Index("uq_skill_merges_skill_id", "skill_id", unique=True, postgresql_where=text("undone_at IS NULL")),
        Index(None, "into_id"),
    )

    id: Mapped[int] = mapped_column(primary_key=True)
    skill_id: Mapped[int] = mapped_column(ForeignKey("skills.id", **WHOLE_LIFE))
    into_id: Mapped[int] = mapped_column(ForeignKey("skills.id", **WHOLE_LIFE))
    former_status: Mapped[str] = mapped_column(String(20))
    report: Mapped[dict] = mapped_column(JSONB, default=dict, server_default=text("'{}'"))
    merged_by_id: Mapped[int | None] = mapped_column(ForeignKey("users.id", ondelete="SET NULL"))
    merged_at: Mapped[datetime] = mapped_column(default=now)
    undone_by_id: Mapped[int | None] = mapped_column(ForeignKey("users.id", ondelete="SET NULL"))
    undone_at: Mapped[datetime | None]


class SkillMergeRow(Base):
    """What a merge did to a row: `moved` it, `folded` it into another and deleted it (`kept` holds it whole), `changed`
    it (`kept` holds the former values and the new), `added` it. A kept row goes with either of the people it leads to.
    """

    __tablename__ = "skill_merge_rows"
    __table_args__ = (
        Index(None, "merge_id", "table_name"),
        Index(None, "user_id", postgresql_where=text("user_id IS NOT NULL")),
        Index(None, "author_id", postgresql_where=text("author_id IS NOT NULL")),
        CheckConstraint("act IN ('moved', 'folded', 'changed', 'added')", name="act"),
    )

    id: Mapped[int] = mapped_column(BigInteger, primary_key=True)
    merge_id: Mapped[int] = mapped_column(ForeignKey("skill_merges.id", **WHOLE_LIFE))
    table_name: Mapped[str] = mapped_column(String(63))
    act: Mapped[str] = mapped_column(String(10))
    key: Mapped[dict] = mapped_column(JSONB)
    kept: Mapped[dict | None] = mapped_column(JSONB(none_as_null=True))
    user_id: Mapped[int | None] = mapped_column(ForeignKey("users.id", **WHOLE_LIFE))
    author_id: Mapped[int | None] = mapped_column(ForeignKey("users.id", **WHOLE_LIFE))
