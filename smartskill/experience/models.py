"""Jobs, projects and studies, dated as precisely as their owner knows, and the skills they used."""

from datetime import date

from sqlalchemy import CheckConstraint, Computed, ForeignKey, Index, String, Text, literal_column, text
from sqlalchemy.dialects.postgresql import JSONB, TSVECTOR
from sqlalchemy.orm import Mapped, composite, mapped_column, relationship

from smartskill.database import Base, Timestamps, Versioned
from smartskill.kit.partial_date import PartialDate

KINDS = ("employment", "project", "education", "volunteering", "talk")
WORDS = r" || '~\:9'::tsvector || ".join(  # a gap, so that no phrase reaches from one field into the next
    f"setweight(to_tsvector('{language}'::regconfig, {field}), '{weight}')"
    for language in ("english", "german", "simple")
    for field, weight in (("title", "A"), ("organisation", "B"), ("coalesce(summary, '')", "C"))
)
WORDS = f"ts_delete({WORDS}, '~')"
TEXT = "lower((((organisation || ' ') || title) || ' ') || coalesce(summary, ''))"


class Experience(Base, Timestamps, Versioned):
    """Something a person did, from a day (month, year) to another or to now.

    `resume_rest` is what its JSON Resume entry said beyond these columns, so that it comes back out: `extra` (keys
    verbatim), `keywords` (each with the skill it was taken for) and `assumed` (keys that it left out).
    `words` is what full text search reads: word forms of English and German, and the words as they are.
    """

    __tablename__ = "experiences"
    __table_args__ = (
        Index(None, "user_id", text("start_on DESC")),
        Index("ix_experiences_words", "words", postgresql_using="gin"),
        Index(
            "ix_experiences_text_trgm",
            literal_column(TEXT).label("lower_text"),
            postgresql_using="gin",
            postgresql_ops={"lower_text": "gin_trgm_ops"},
        ),
        CheckConstraint("kind IN ('employment', 'project', 'education', 'volunteering', 'talk')", name="kind"),
        CheckConstraint(
            "start_precision IN ('year', 'month', 'day') AND end_precision IN ('year', 'month', 'day')",
            name="precision",
        ),
        CheckConstraint("(end_on IS NULL) = (end_precision IS NULL)", name="end_whole"),
    )

    id: Mapped[int] = mapped_column(primary_key=True)
    user_id: Mapped[int] = mapped_column(ForeignKey("users.id", ondelete="CASCADE"))
    kind: Mapped[str] = mapped_column(String(20), default="employment")
    organisation: Mapped[str] = mapped_column(String(200))
    title: Mapped[str] = mapped_column(String(200))
    start_on: Mapped[date]
    start_precision: Mapped[str] = mapped_column(String(5))
    end_on: Mapped[date | None]
    end_precision: Mapped[str | None] = mapped_column(String(5))
    summary: Mapped[str | None] = mapped_column(Text)
    show_in_cv: Mapped[bool] = mapped_column(default=True, server_default=text("true"))
    resume_rest: Mapped[dict | None] = mapped_column(JSONB(none_as_null=True))
    words: Mapped[str | None] = mapped_column(TSVECTOR, Computed(WORDS, persisted=True), deferred=True)

    start: Mapped[PartialDate] = composite("start_on", "start_precision")
    end: Mapped[PartialDate | None] = composite(
        lambda first, precision: None if first is None else PartialDate(first, precision), "end_on", "end_precision"
    )
    skill_links: Mapped[list["ExperienceSkill"]] = relationship(
        cascade="all, delete-orphan", passive_deletes=True, order_by="ExperienceSkill.skill_id", lazy="selectin"
    )

    @property
    def skill_ids(self) -> list[int]:
        """The skills it used."""
        return [link.skill_id for link in self.skill_links]


class ExperienceSkill(Base):
    """That an experience used a skill: evidence for a level."""

    __tablename__ = "experience_skills"
    __table_args__ = (Index(None, "skill_id"),)

    experience_id: Mapped[int] = mapped_column(ForeignKey("experiences.id", ondelete="CASCADE"), primary_key=True)
    skill_id: Mapped[int] = mapped_column(ForeignKey("skills.id"), primary_key=True)
