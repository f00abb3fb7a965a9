"""What files brought that has no home of its own; files to be read and what came of them; badges and their issuers."""

from datetime import datetime

from sqlalchemy import CheckConstraint, ForeignKey, Index, LargeBinary, String, Text, text
from sqlalchemy.dialects.postgresql import JSONB
from sqlalchemy.orm import Mapped, mapped_column

from smartskill.database import Base, Timestamps, Versioned, now


class ResumeRemainder(Base, Timestamps):
    """The sections of a person's JSON Resume that Smart-Skill has no table for, verbatim."""

    __tablename__ = "resume_remainders"

    user_id: Mapped[int] = mapped_column(ForeignKey("users.id", ondelete="CASCADE"), primary_key=True)
    sections: Mapped[dict] = mapped_column(JSONB)


class BadgeIssuer(Base, Timestamps, Versioned):
    """An issuer whose badges the organisation takes as proof. Only for those is another host ever asked anything.

    `identifier` is the issuer's id in its badges (a DID or an https address), `public_key` (PEM) pins its key; without
    one the key is looked up by the DID.
    """

    __tablename__ = "badge_issuers"
    __table_args__ = (
        Index("uq_badge_issuers_identifier", "identifier", unique=True, info={"problem": "This issuer is listed."}),
    )

    id: Mapped[int] = mapped_column(primary_key=True)
    identifier: Mapped[str] = mapped_column(String(300))
    name: Mapped[str] = mapped_column(String(200))
    public_key: Mapped[str | None] = mapped_column(Text)
    added_by_id: Mapped[int | None] = mapped_column(ForeignKey("users.id", ondelete="SET NULL"), index=True)


class Badge(Base, Timestamps):
    """An Open Badges 3.0 credential that a person handed in, and what checking it came to.

    `verified`: proven, and its qualification with it; `unconfirmed`: proven, but not that it is this person's;
    `refused`: wrong in itself, or no longer valid; `unknown_issuer`: nobody vouches for who made it.
    """

    __tablename__ = "badges"
    __table_args__ = (
        Index("uq_badges_digest", "user_id", "digest", unique=True, info={"problem": "You handed this badge in."}),
        Index(None, "state", "checked_at"),
        CheckConstraint("state IN ('queued', 'verified', 'unconfirmed', 'refused', 'unknown_issuer')", name="state"),
    )

    id: Mapped[int] = mapped_column(primary_key=True)
    user_id: Mapped[int] = mapped_column(ForeignKey("users.id", ondelete="CASCADE"))
    content: Mapped[bytes] = mapped_column(LargeBinary)
    digest: Mapped[str] = mapped_column(String(64))
    state: Mapped[str] = mapped_column(String(20), default="queued")
    reason: Mapped[str | None] = mapped_column(Text)
    issuer_identifier: Mapped[str | None] = mapped_column(Text)
    issuer_name: Mapped[str | None] = mapped_column(Text)
    title: Mapped[str | None] = mapped_column(Text)
    qualification_id: Mapped[int | None] = mapped_column(
        ForeignKey("qualifications.id", ondelete="SET NULL"), index=True
    )
    checked_at: Mapped[datetime | None]


class FileImport(Base, Timestamps):
    """A file that was handed in to be read: what is to be done with it, how far that is, and what came of it.

    Its bytes lie below the instance folder at `path`, until they are forgotten. `owner_id`: whose profile it is about;
    None for a file about many people. A job that was killed is done again from the file and this row.
    """

    __tablename__ = "file_imports"
    __table_args__ = (
        Index(None, "requested_by_id", "created_at"),
        Index(None, "owner_id"),
        Index(
            "ix_file_imports_open", "touched_at", postgresql_where=text("state IN ('queued', 'planning', 'writing')")
        ),
        Index("ix_file_imports_kept", "created_at", postgresql_where=text("forgotten_at IS NULL")),
        CheckConstraint(
            "state IN ('queued', 'planning', 'previewed', 'writing', 'done', 'refused', 'failed')", name="state"
        ),
        CheckConstraint("progress BETWEEN 0 AND 1", name="progress"),
    )

    id: Mapped[int] = mapped_column(primary_key=True)
    requested_by_id: Mapped[int | None] = mapped_column(ForeignKey("users.id", ondelete="CASCADE"))
    owner_id: Mapped[int | None] = mapped_column(ForeignKey("users.id", ondelete="CASCADE"))
    file_name: Mapped[str] = mapped_column(String(120))
    media_type: Mapped[str] = mapped_column(String(80))
    size_bytes: Mapped[int]
    digest: Mapped[str] = mapped_column(String(64))
    asked_format: Mapped[str] = mapped_column(String(20), default="auto")
    format: Mapped[str | None] = mapped_column(String(20))
    state: Mapped[str] = mapped_column(String(20), default="queued")
    is_dry_run: Mapped[bool] = mapped_column(default=False)
    skips_errors: Mapped[bool] = mapped_column(default=False)
    creates_people: Mapped[bool] = mapped_column(default=False)
    mapping: Mapped[dict] = mapped_column(JSONB, default=dict)
    preview: Mapped[dict | None] = mapped_column(JSONB(none_as_null=True))
    counts: Mapped[dict | None] = mapped_column(JSONB(none_as_null=True))
    reason: Mapped[str | None] = mapped_column(Text)
    progress: Mapped[float] = mapped_column(default=0.0)
    tries: Mapped[int] = mapped_column(default=0)
    touched_at: Mapped[datetime] = mapped_column(default=now)
    finished_at: Mapped[datetime | None]
    forgotten_at: Mapped[datetime | None]

    @property
    def path(self) -> str:
        """Where it lies below `imports/`. The id makes the file this row's alone, so that both may go together."""
        return f"{self.digest[:2]}/{self.digest}-{self.id}"


class ImportFault(Base):
    """A row of a file that could not be taken in, as it stood there, and why: what is handed back to be corrected."""

    __tablename__ = "import_faults"

    import_id: Mapped[int] = mapped_column(ForeignKey("file_imports.id", ondelete="CASCADE"), primary_key=True)
    number: Mapped[int] = mapped_column(primary_key=True, autoincrement=False)
    place: Mapped[str] = mapped_column(String(120))
    cells: Mapped[list] = mapped_column(JSONB)
    messages: Mapped[list] = mapped_column(JSONB)


class ExternalPerson(Base):
    """Who a person is in another system, so that its next file finds them."""

    __tablename__ = "external_people"
    __table_args__ = (Index(None, "user_id"),)

    system: Mapped[str] = mapped_column(String(20), primary_key=True)
    external_id: Mapped[str] = mapped_column(String(200), primary_key=True)
    user_id: Mapped[int] = mapped_column(ForeignKey("users.id", ondelete="CASCADE"))
