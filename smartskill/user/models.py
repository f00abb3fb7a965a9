"""People, the sessions they are signed in with, and the organisation as a dated tree.

`User.team_id` and `User.manager_id` are today's answer, kept beside the dated rows that give any other day's; one
service writes both.
"""

from datetime import date, datetime
from typing import Any

from sqlalchemy import CheckConstraint, ForeignKey, Index, String, func, text
from sqlalchemy.dialects.postgresql import DATERANGE, ExcludeConstraint, Range
from sqlalchemy.orm import Mapped, mapped_column, relationship

from smartskill.database import Base, Timestamps, Versioned, now

WHOLE_LIFE: dict[str, Any] = {"ondelete": "CASCADE"}


class User(Base, Timestamps, Versioned):
    """A person with an account. No password: invited, and not here yet."""

    __tablename__ = "users"
    __table_args__ = (
        Index(
            "uq_users_email",
            func.lower(text("email")),
            unique=True,
            info={"problem": "This address already has an account."},
        ),
        Index(
            "uq_users_username", func.lower(text("username")), unique=True, info={"problem": "This user name is taken."}
        ),
        CheckConstraint("role IN ('employee', 'manager', 'hr', 'admin')", name="role"),
        CheckConstraint(
            "manager_id <> id", name="manager_is_another", info={"problem": "Nobody is their own manager."}
        ),
        Index(None, "full_name", "id"),
        Index("ix_users_manager_id", "manager_id", "id"),
        Index("ix_users_gone", "id", postgresql_where=text("NOT is_active")),
        # ix_users_words, ix_users_addresses: of a function that migrations make (`folded`)
    )

    id: Mapped[int] = mapped_column(primary_key=True)
    email: Mapped[str] = mapped_column(String(254))
    username: Mapped[str | None] = mapped_column(String(50))
    full_name: Mapped[str] = mapped_column(String(200))
    password_hash: Mapped[str | None] = mapped_column(String(200))
    role: Mapped[str] = mapped_column(String(20), default="employee", server_default="employee")
    title: Mapped[str | None] = mapped_column(String(200))
    team_id: Mapped[int | None] = mapped_column(ForeignKey("teams.id"), index=True)
    manager_id: Mapped[int | None] = mapped_column(ForeignKey("users.id", ondelete="SET NULL"))
    locale: Mapped[str] = mapped_column(String(20), default="en", server_default="en")
    timezone: Mapped[str] = mapped_column(String(50), default="UTC", server_default="UTC")
    is_active: Mapped[bool] = mapped_column(default=True, server_default=text("true"))
    leaves_on: Mapped[date | None]  # the last day on which they are here
    verified_at: Mapped[datetime | None]
    invited_at: Mapped[datetime | None]
    password_changed_at: Mapped[datetime | None]

    team: Mapped["Team | None"] = relationship(foreign_keys=[team_id])

    is_private_shown = False  # policy raises it on the row for whoever may see more than the directory

    @property
    def is_verified(self) -> bool:
        """Whether the address was shown to be theirs."""
        return self.verified_at is not None


class UserSession(Base):
    """One sign-in: the family of refresh tokens that follow each other. Revoked at once, everywhere, by a date here."""

    __tablename__ = "user_sessions"
    __table_args__ = (Index(None, "user_id", "revoked_at"), Index(None, "expires_at"))

    id: Mapped[int] = mapped_column(primary_key=True)
    user_id: Mapped[int] = mapped_column(ForeignKey("users.id", **WHOLE_LIFE))
    user_agent: Mapped[str | None] = mapped_column(String(200))
    is_cookie: Mapped[bool] = mapped_column(default=False, server_default=text("false"))
    network_digest: Mapped[str | None] = mapped_column(String(64))  # keyed: where from, without saying where
    created_at: Mapped[datetime] = mapped_column(default=now)
    last_used_at: Mapped[datetime] = mapped_column(default=now)
    expires_at: Mapped[datetime]
    revoked_at: Mapped[datetime | None]

    user: Mapped[User] = relationship()

    is_current = False  # raised on the row of whoever asks


class RefreshToken(Base):
    """A link of the chain. Spent by one `UPDATE … WHERE used_at IS NULL`; kept so that a second use is noticed."""

    __tablename__ = "refresh_tokens"
    __table_args__ = (Index(None, "session_id"),)

    jti: Mapped[str] = mapped_column(String(36), primary_key=True)
    session_id: Mapped[int] = mapped_column(ForeignKey("user_sessions.id", **WHOLE_LIFE))
    issued_at: Mapped[datetime] = mapped_column(default=now)
    expires_at: Mapped[datetime]
    used_at: Mapped[datetime | None]
    successor_jti: Mapped[str | None] = mapped_column(String(36))


class Team(Base, Timestamps, Versioned):
    """A part of the organisation; where it hangs in the tree is dated, in `TeamPlacement`. An ended one is history."""

    __tablename__ = "teams"
    __table_args__ = (
        Index(
            "uq_teams_name",
            func.lower(text("name")),
            unique=True,
            postgresql_where=text("ended_on IS NULL"),
            info={"problem": "A team of this name exists."},
        ),
    )

    id: Mapped[int] = mapped_column(primary_key=True)
    name: Mapped[str] = mapped_column(String(200))
    parent_id: Mapped[int | None] = mapped_column(ForeignKey("teams.id"), index=True)
    ended_on: Mapped[date | None]


class TeamPlacement(Base):
    """Under which team a team hung, from a day to the day before another."""

    __tablename__ = "team_placements"
    __table_args__ = (
        ExcludeConstraint(("team_id", "="), ("valid", "&&"), name="ex_team_placements_valid"),
        Index(None, "parent_id"),
    )

    id: Mapped[int] = mapped_column(primary_key=True)
    team_id: Mapped[int] = mapped_column(ForeignKey("teams.id", **WHOLE_LIFE))
    parent_id: Mapped[int | None] = mapped_column(ForeignKey("teams.id", **WHOLE_LIFE))
    valid: Mapped[Range[date]] = mapped_column(DATERANGE)


class TeamMembership(Base):
    """In which team a person was, from a day to the day before another."""

    __tablename__ = "team_memberships"
    __table_args__ = (
        ExcludeConstraint(("user_id", "="), ("valid", "&&"), name="ex_team_memberships_valid"),
        Index(None, "team_id"),
    )

    id: Mapped[int] = mapped_column(primary_key=True)
    user_id: Mapped[int] = mapped_column(ForeignKey("users.id", **WHOLE_LIFE))
    team_id: Mapped[int] = mapped_column(ForeignKey("teams.id", **WHOLE_LIFE))
    valid: Mapped[Range[date]] = mapped_column(DATERANGE)


class ReportingLine(Base):
    """To whom a person reported, from a day to the day before another."""

    __tablename__ = "reporting_lines"
    __table_args__ = (
        ExcludeConstraint(("user_id", "="), ("valid", "&&"), name="ex_reporting_lines_valid"),
        Index(None, "manager_id"),
    )

    id: Mapped[int] = mapped_column(primary_key=True)
    user_id: Mapped[int] = mapped_column(ForeignKey("users.id", **WHOLE_LIFE))
    manager_id: Mapped[int] = mapped_column(ForeignKey("users.id", **WHOLE_LIFE))
    valid: Mapped[Range[date]] = mapped_column(DATERANGE)
