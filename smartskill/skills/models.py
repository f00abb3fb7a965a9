"""The catalogue, and people's levels: append-only ratings, and the projection of them that everyone reads."""

from datetime import date, datetime
from typing import Any, ClassVar

from sqlalchemy import ARRAY, BigInteger, CheckConstraint, ForeignKey, Index, String, Text, UniqueConstraint, func, text
from sqlalchemy.dialects.postgresql import JSONB
from sqlalchemy.orm import Mapped, mapped_column, relationship
from sqlalchemy.schema import Computed

from smartskill.database import Base, Timestamps, Versioned, now
from smartskill.kit.labels import Labelled, label_indexes

WHOLE_LIFE: dict[str, Any] = {"ondelete": "CASCADE"}
SEARCHED = ["last_confirmed_on", "interest", "is_shown", "weight"]
CHANGED, CHANGING = ("skill_id", "next_change_on"), text("next_change_on IS NOT NULL")
BY_LEVEL = ("skill_id", text("level DESC"), "user_id")
BACKED = "weight >= 0.5"  # what may be fresh: most people's own word alone never comes to that
SOURCES = ("assessment", "manager", "peer", "self", "import")  # the most trusted first


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
        Index("ix_user_skills_worth", *BY_LEVEL, postgresql_include=SEARCHED),
        Index("ix_user_skills_next_change_on", "next_change_on", postgresql_where=CHANGING),
        Index("ix_user_skills_backed", *BY_LEVEL, postgresql_where=text(f"level IS NOT NULL AND {BACKED}")),
        Index("ix_user_skills_changes", *CHANGED, postgresql_where=CHANGING, postgresql_include=["user_id", "level"]),
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
