"""What roles ask for, who has which and when, and who is excused from what until when.

A template is an occupation of a taxonomy, kept as its source has it: an import may change or drop it, people may only
derive profiles of their own from it.
"""

from datetime import date, datetime

from sqlalchemy import CheckConstraint, ForeignKey, Index, String, Text, UniqueConstraint, func, text
from sqlalchemy.dialects.postgresql import DATERANGE, ExcludeConstraint, Range
from sqlalchemy.orm import Mapped, mapped_column, relationship

from smartskill.database import Base, Timestamps, Versioned

ONE_TARGET = "num_nonnulls(skill_id, qualification_type_id) = 1"


class RoleProfile(Base, Timestamps, Versioned):
    """What a job asks of whoever does it."""

    __tablename__ = "role_profiles"
    __table_args__ = (
        Index(
            "uq_role_profiles_name",
            func.lower(text("name")),
            unique=True,
            postgresql_where=text("status <> 'template'"),
            info={"problem": "A role of this name exists."},
        ),
        Index(
            "uq_role_profiles_external_uri",
            "external_uri",
            unique=True,
            postgresql_where=text("status = 'template'"),
        ),
        Index(
            "ix_role_profiles_name_trgm",
            func.lower(text("name")).label("lower_name"),
            postgresql_using="gin",
            postgresql_ops={"lower_name": "gin_trgm_ops"},
        ),
        Index(None, "status", "name", "id"),
        Index(None, "source"),
        CheckConstraint("status IN ('active', 'template', 'retired')", name="status"),
    )

    id: Mapped[int] = mapped_column(primary_key=True)
    name: Mapped[str] = mapped_column(String(200))
    description: Mapped[str | None] = mapped_column(Text)
    status: Mapped[str] = mapped_column(String(20), default="active", server_default="active")
    external_uri: Mapped[str | None] = mapped_column(String(300))
    source: Mapped[str | None] = mapped_column(ForeignKey("skill_sources.key"))

    requirements: Mapped[list["RoleRequirement"]] = relationship(
        cascade="all, delete-orphan", passive_deletes=True, order_by="RoleRequirement.id"
    )


class RoleRequirement(Base):
    """One thing that a role asks for: a skill at a level, or a qualification (whose level is always 1)."""

    __tablename__ = "role_requirements"
    __table_args__ = (
        UniqueConstraint("role_id", "skill_id"),
        UniqueConstraint("role_id", "qualification_type_id"),
        Index(None, "skill_id"),
        Index(None, "qualification_type_id"),
        CheckConstraint(ONE_TARGET, name="one_target"),
        CheckConstraint("level BETWEEN 1 AND 5", name="level"),
        CheckConstraint("level = 1 OR qualification_type_id IS NULL", name="qualification_level"),
        CheckConstraint("weight > 0 AND weight <= 100", name="weight"),
    )

    id: Mapped[int] = mapped_column(primary_key=True)
    role_id: Mapped[int] = mapped_column(ForeignKey("role_profiles.id", ondelete="CASCADE"))
    skill_id: Mapped[int | None] = mapped_column(ForeignKey("skills.id"))
    qualification_type_id: Mapped[int | None] = mapped_column(ForeignKey("qualification_types.id"))
    level: Mapped[int] = mapped_column(default=1, server_default="1")
    weight: Mapped[float] = mapped_column(default=1.0, server_default="1")
    must: Mapped[bool] = mapped_column(default=False, server_default=text("false"))


class RoleAssignment(Base):
    """That a person had a role, from a day to the day before another; one may have several roles at once."""

    __tablename__ = "role_assignments"
    __table_args__ = (
        ExcludeConstraint(("user_id", "="), ("role_id", "="), ("valid", "&&"), name="ex_role_assignments_valid"),
        Index(None, "role_id"),
    )

    id: Mapped[int] = mapped_column(primary_key=True)
    user_id: Mapped[int] = mapped_column(ForeignKey("users.id", ondelete="CASCADE"))
    role_id: Mapped[int] = mapped_column(ForeignKey("role_profiles.id"))
    valid: Mapped[Range[date]] = mapped_column(DATERANGE)

    role: Mapped[RoleProfile] = relationship()


class Exemption(Base, Timestamps, Versioned):
    """That a person need not have a skill or a qualification, why, and until when; `ends_on` is its last day.

    A withdrawn one stays as history: it held until the day before.
    """

    __tablename__ = "exemptions"
    __table_args__ = (
        Index(None, "user_id"),
        Index(None, "skill_id"),
        Index(None, "qualification_type_id"),
        Index(None, "granted_by_id"),
        CheckConstraint(ONE_TARGET, name="one_target"),
        CheckConstraint("ends_on >= starts_on", name="period"),
    )

    id: Mapped[int] = mapped_column(primary_key=True)
    user_id: Mapped[int] = mapped_column(ForeignKey("users.id", ondelete="CASCADE"))
    skill_id: Mapped[int | None] = mapped_column(ForeignKey("skills.id"))
    qualification_type_id: Mapped[int | None] = mapped_column(ForeignKey("qualification_types.id"))
    reason: Mapped[str] = mapped_column(Text)
    starts_on: Mapped[date]
    ends_on: Mapped[date]
    granted_by_id: Mapped[int | None] = mapped_column(ForeignKey("users.id", ondelete="SET NULL"))
    withdrawn_at: Mapped[datetime | None]
