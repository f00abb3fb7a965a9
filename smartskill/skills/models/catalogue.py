"""The catalogue: skills with their other names, categories, level scales, and the taxonomies they came from."""

from datetime import datetime
from typing import Any, ClassVar

from sqlalchemy import ARRAY, CheckConstraint, ForeignKey, Index, String, Text, func, text
from sqlalchemy.dialects.postgresql import JSONB
from sqlalchemy.orm import Mapped, mapped_column, relationship

from smartskill.database import Base, Timestamps, Versioned, now
from smartskill.kit.labels import Labelled, label_indexes

WHOLE_LIFE: dict[str, Any] = {"ondelete": "CASCADE"}


class LevelScale(Base, Timestamps, Versioned):
    """What levels 1 to 5 are called, and may mean. One is the default, for what chooses none."""

    __tablename__ = "level_scales"
    __table_args__ = (
        Index("uq_level_scales_name", func.lower(text("name")), unique=True, info={"problem": "This scale exists."}),
        Index("uq_level_scales_default", "is_default", unique=True, postgresql_where=text("is_default")),
        CheckConstraint("cardinality(level_names) = 5 AND cardinality(wordings) = 5", name="five_levels"),
    )

    id: Mapped[int] = mapped_column(primary_key=True)
    name: Mapped[str] = mapped_column(String(100))
    level_names: Mapped[list[str]] = mapped_column(ARRAY(String(60)))
    wordings: Mapped[list[str | None]] = mapped_column(ARRAY(Text))
    is_default: Mapped[bool] = mapped_column(default=False, server_default=text("false"))


class SkillCategory(Base, Timestamps, Versioned):
    """A shelf of the catalogue; shelves nest."""

    __tablename__ = "skill_categories"
    __table_args__ = (
        Index(
            "uq_skill_categories_name",
            func.coalesce(text("parent_id"), text("0")),
            func.lower(text("name")),
            unique=True,
            info={"problem": "A category of this name exists there."},
        ),
        Index("uq_skill_categories_external_uri", "external_uri", unique=True),
    )

    id: Mapped[int] = mapped_column(primary_key=True)
    name: Mapped[str] = mapped_column(String(200))
    parent_id: Mapped[int | None] = mapped_column(ForeignKey("skill_categories.id"), index=True)
    external_uri: Mapped[str | None] = mapped_column(String(300))
    scale_id: Mapped[int | None] = mapped_column(ForeignKey("level_scales.id"), index=True)


class Skill(Base, Timestamps, Versioned, Labelled):
    """Something a person can be able to do."""

    __tablename__ = "skills"
    __table_args__ = (
        Index(
            "uq_skills_name", func.lower(text("name")), unique=True, info={"problem": "A skill of this name exists."}
        ),
        Index("uq_skills_external_uri", "external_uri", unique=True, info={"problem": "This external URI is taken."}),
        *label_indexes("skills"),
        Index(None, "status"),
        CheckConstraint("status IN ('proposed', 'active', 'retired')", name="status"),
        CheckConstraint("review_months BETWEEN 1 AND 120", name="review_months"),
    )

    id: Mapped[int] = mapped_column(primary_key=True)
    name: Mapped[str] = mapped_column(String(200))
    description: Mapped[str | None] = mapped_column(Text)
    category_id: Mapped[int | None] = mapped_column(ForeignKey("skill_categories.id"), index=True)
    status: Mapped[str] = mapped_column(String(20), default="active", server_default="active")
    review_months: Mapped[int] = mapped_column(default=12, server_default="12")
    critical: Mapped[bool] = mapped_column(default=False, server_default=text("false"))
    external_uri: Mapped[str | None] = mapped_column(String(300))
    proposed_by_id: Mapped[int | None] = mapped_column(ForeignKey("users.id", ondelete="SET NULL"), index=True)
    merged_into_id: Mapped[int | None] = mapped_column(ForeignKey("skills.id"), index=True)
    scale_id: Mapped[int | None] = mapped_column(ForeignKey("level_scales.id"), index=True)

    category: Mapped[SkillCategory | None] = relationship()
    alias_rows: Mapped[list["SkillAlias"]] = relationship(
        cascade="all, delete-orphan", passive_deletes=True, order_by="SkillAlias.id", lazy="selectin"
    )

    similar: ClassVar[list[dict]]  # what a skill resembles, said once, when it was made

    @property
    def aliases(self) -> list[str]:
        """Other names it goes by."""
        return [alias.name for alias in self.alias_rows]


class SkillAlias(Base, Labelled):
    """Another name of a skill. Not unique across skills: in ESCO, 219 equal another skill's name.

    `language` is that of a taxonomy's edition in another language than the catalogue's.
    """

    __tablename__ = "skill_aliases"
    __table_args__ = (
        Index("uq_skill_aliases_skill_id_name", "skill_id", func.lower(text("name")), unique=True),
        *label_indexes("skill_aliases"),
        Index("ix_skill_aliases_name", func.lower(text("name"))),
    )

    id: Mapped[int] = mapped_column(primary_key=True)
    skill_id: Mapped[int] = mapped_column(ForeignKey("skills.id", **WHOLE_LIFE))
    name: Mapped[str] = mapped_column(String(200))
    language: Mapped[str | None] = mapped_column(String(10))


class SkillLevelWording(Base):
    """What a level means in one skill, in the words of those who know it; the scale's wording stands elsewhere."""

    __tablename__ = "skill_level_wordings"
    __table_args__ = (CheckConstraint("level BETWEEN 1 AND 5", name="level"),)

    skill_id: Mapped[int] = mapped_column(ForeignKey("skills.id", **WHOLE_LIFE), primary_key=True)
    level: Mapped[int] = mapped_column(primary_key=True)
    wording: Mapped[str] = mapped_column(Text)


class SkillSource(Base):
    """A taxonomy that was imported, with the sentence its licence asks to be shown beside its data."""

    __tablename__ = "skill_sources"

    key: Mapped[str] = mapped_column(String(20), primary_key=True)
    name: Mapped[str] = mapped_column(String(200))
    attribution: Mapped[str | None] = mapped_column(Text)
    url: Mapped[str | None] = mapped_column(String(300))
    imported_at: Mapped[datetime] = mapped_column(default=now)


class SkillOrigin(Base):
    """Which entry of which taxonomy a skill came from, or was recognised in; a skill may have several.

    `digest`: the entry as last imported. `is_maker`: the import made the skill, and may so change it. `written`: what
    it last wrote, by field; what differs was curated since. `dropped_at`: when it retired a skill whose entry is gone.
    """

    __tablename__ = "skill_origins"
    __table_args__ = (Index(None, "skill_id"), Index(None, "source"))

    uri: Mapped[str] = mapped_column(String(300), primary_key=True)
    skill_id: Mapped[int] = mapped_column(ForeignKey("skills.id", **WHOLE_LIFE))
    source: Mapped[str] = mapped_column(ForeignKey("skill_sources.key"))
    digest: Mapped[str] = mapped_column(String(64))
    is_maker: Mapped[bool]
    written: Mapped[dict | None] = mapped_column(JSONB(none_as_null=True))
    dropped_at: Mapped[datetime | None]
