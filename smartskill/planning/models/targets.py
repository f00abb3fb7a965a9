"""How many people a team wants with a skill at a level, or with a qualification."""

from sqlalchemy import CheckConstraint, ForeignKey, Index, func, text
from sqlalchemy.orm import Mapped, mapped_column

from smartskill.database import Base, Timestamps, Versioned


class CoverageTarget(Base, Timestamps, Versioned):
    """A head-count: of a team with all below it, or, without a team, of the whole organisation.

    A qualification is held or not: its level is always 1.
    """

    __tablename__ = "coverage_targets"
    __table_args__ = (
        Index(
            "uq_coverage_targets_one",
            func.coalesce(text("team_id"), text("0")),
            func.coalesce(text("skill_id"), text("0")),
            func.coalesce(text("qualification_type_id"), text("0")),
            "level",
            unique=True,
            info={"problem": "This team has a target for that level already."},
        ),
        Index(None, "team_id"),
        Index(None, "skill_id"),
        Index(None, "qualification_type_id"),
        CheckConstraint("num_nonnulls(skill_id, qualification_type_id) = 1", name="one_of_two"),
        CheckConstraint("level BETWEEN 1 AND 5", name="level"),
        CheckConstraint("level = 1 OR qualification_type_id IS NULL", name="qualification_level"),
        CheckConstraint("heads BETWEEN 1 AND 100000", name="heads"),
    )

    id: Mapped[int] = mapped_column(primary_key=True)
    team_id: Mapped[int | None] = mapped_column(ForeignKey("teams.id"))
    skill_id: Mapped[int | None] = mapped_column(ForeignKey("skills.id"))
    qualification_type_id: Mapped[int | None] = mapped_column(ForeignKey("qualification_types.id"))
    level: Mapped[int] = mapped_column(default=1, server_default="1")
    heads: Mapped[int]
