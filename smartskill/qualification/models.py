"""Kinds of qualification, and those people hold. Status is never stored: it follows from the day it is asked on."""

from datetime import date, datetime
from typing import TYPE_CHECKING

from sqlalchemy import CheckConstraint, ForeignKey, Index, String, Text, func, select, text
from sqlalchemy.dialects.postgresql import JSONB
from sqlalchemy.engine.default import DefaultExecutionContext
from sqlalchemy.orm import Mapped, column_property, composite, mapped_column, relationship

from smartskill.database import Base, Timestamps, Versioned, now
from smartskill.kit.partial_date import PartialDate

KINDS = ("certification", "licence", "degree", "training", "language")
DEAD = ("rejected", "revoked")  # states in which a qualification counts for nothing, and renews nothing
LIVE = "review_state NOT IN ('rejected', 'revoked')"
EXPIRING_DAYS = 90


class QualificationType(Base, Timestamps, Versioned):
    """A qualification that many can hold: who issues it, how long it is valid."""

    __tablename__ = "qualification_types"
    __table_args__ = (
        Index(
            "uq_qualification_types_name",
            func.lower(text("name")),
            func.lower(func.coalesce(text("issuer"), text("''"))),
            unique=True,
            info={"problem": "This issuer's qualification of that name exists."},
        ),
        CheckConstraint("validity_months BETWEEN 1 AND 600", name="validity_months"),
        CheckConstraint("kind IN ('certification', 'licence', 'degree', 'training', 'language')", name="kind"),
    )

    id: Mapped[int] = mapped_column(primary_key=True)
    name: Mapped[str] = mapped_column(String(200))
    issuer: Mapped[str | None] = mapped_column(String(200))
    kind: Mapped[str] = mapped_column(String(20), default="certification")
    validity_months: Mapped[int | None]
    description: Mapped[str | None] = mapped_column(Text)

    grants: Mapped[list["GrantedSkill"]] = relationship(
        cascade="all, delete-orphan", passive_deletes=True, order_by="GrantedSkill.skill_id", lazy="selectin"
    )


class GrantedSkill(Base):
    """A skill level that a verified qualification of a type shows."""

    __tablename__ = "granted_skills"
    __table_args__ = (CheckConstraint("level BETWEEN 1 AND 5", name="level"), Index(None, "skill_id"))

    qualification_type_id: Mapped[int] = mapped_column(
        ForeignKey("qualification_types.id", ondelete="CASCADE"), primary_key=True
    )
    skill_id: Mapped[int] = mapped_column(ForeignKey("skills.id"), primary_key=True)
    level: Mapped[int]


def _submitted_at(context: DefaultExecutionContext) -> datetime | None:
    """Now, for a row that is born submitted."""
    return now() if context.get_current_parameters()["review_state"] == "submitted" else None


class Qualification(Base, Timestamps, Versioned):
    """One that a person holds or held; a renewal is a new row that points at the old, of which one at most is live.

    `resume_rest` is what its JSON Resume entry said beyond these columns, as for an experience.
    """

    __tablename__ = "qualifications"
    __table_args__ = (
        Index(None, "user_id"),
        Index(None, "expires_on"),
        Index(None, "type_id"),
        Index(
            "uq_qualifications_renews_id",
            "renews_id",
            unique=True,
            postgresql_where=text(LIVE),
            info={"problem": "This was renewed already."},
        ),
        Index("ix_qualifications_submitted_at", "submitted_at", postgresql_where=text("review_state = 'submitted'")),
        CheckConstraint("kind IN ('certification', 'licence', 'degree', 'training', 'language')", name="kind"),
        CheckConstraint(
            "review_state IN ('draft', 'submitted', 'verified', 'rejected', 'revoked')", name="review_state"
        ),
        CheckConstraint("review_state <> 'submitted' OR submitted_at IS NOT NULL", name="submitted_whole"),
        CheckConstraint("(issued_first_on IS NULL) = (issued_precision IS NULL)", name="issued_whole"),
        CheckConstraint("issued_precision IN ('year', 'month', 'day')", name="issued_precision"),
    )

    id: Mapped[int] = mapped_column(primary_key=True)
    user_id: Mapped[int] = mapped_column(ForeignKey("users.id", ondelete="CASCADE"))
    type_id: Mapped[int | None] = mapped_column(ForeignKey("qualification_types.id"))
    title: Mapped[str] = mapped_column(String(200))
    issuer: Mapped[str | None] = mapped_column(String(200))
    kind: Mapped[str] = mapped_column(String(20), default="certification")
    credential_no: Mapped[str | None] = mapped_column(String(200))
    url: Mapped[str | None] = mapped_column(String(500))
    issued_first_on: Mapped[date | None]
    issued_precision: Mapped[str | None] = mapped_column(String(5))
    expires_on: Mapped[date | None]
    review_state: Mapped[str] = mapped_column(String(20), default="draft", server_default="draft")
    submitted_at: Mapped[datetime | None] = mapped_column(default=_submitted_at)
    reviewed_by_id: Mapped[int | None] = mapped_column(ForeignKey("users.id", ondelete="SET NULL"), index=True)
    reviewed_at: Mapped[datetime | None]
    review_note: Mapped[str | None] = mapped_column(Text)
    renews_id: Mapped[int | None] = mapped_column(ForeignKey("qualifications.id", ondelete="SET NULL"))
    resume_rest: Mapped[dict | None] = mapped_column(JSONB(none_as_null=True))

    issued_on: Mapped[PartialDate | None] = composite(
        lambda first, precision: None if first is None else PartialDate(first, precision),
        "issued_first_on",
        "issued_precision",
    )
    if TYPE_CHECKING:
        renewed_by_id: Mapped[int | None]  # added below, since it asks the table itself

    type: Mapped[QualificationType | None] = relationship()
    evidence_files: Mapped[list["EvidenceFile"]] = relationship(
        back_populates="qualification", cascade="all, delete-orphan", passive_deletes=True, order_by="EvidenceFile.id"
    )

    @property
    def status(self) -> str:
        """`status_on` today, in UTC."""
        return self.status_on(now().date())

    def status_on(self, day: date) -> str:
        """`valid`, `expiring` (within 90 days) or `expired`; `expires_on` is its last valid day."""
        if self.expires_on is None:
            return "valid"
        left = (self.expires_on - day).days
        return "expired" if left < 0 else "expiring" if left <= EXPIRING_DAYS else "valid"


_held = Qualification.__table__
_renewal = _held.alias("renewal")
Qualification.renewed_by_id = column_property(
    select(_renewal.c.id)
    .where(_renewal.c.renews_id == _held.c.id, _renewal.c.review_state.not_in(DEAD))
    .correlate_except(_renewal)
    .scalar_subquery()
)


class EvidenceFile(Base):
    """A file that shows a qualification. Its bytes lie below the instance folder, at `path`; the digest is SHA-256."""

    __tablename__ = "evidence_files"
    __table_args__ = (
        Index(None, "qualification_id"),
        CheckConstraint("media_type IN ('application/pdf', 'image/png', 'image/jpeg')", name="media_type"),
        CheckConstraint("size_bytes > 0", name="size_bytes"),
    )

    id: Mapped[int] = mapped_column(primary_key=True)
    qualification_id: Mapped[int] = mapped_column(ForeignKey("qualifications.id", ondelete="CASCADE"))
    file_name: Mapped[str] = mapped_column(String(120))
    media_type: Mapped[str] = mapped_column(String(40))
    size_bytes: Mapped[int]
    digest: Mapped[str] = mapped_column(String(64))
    created_at: Mapped[datetime] = mapped_column(default=now)

    qualification: Mapped[Qualification] = relationship(back_populates="evidence_files")

    @property
    def path(self) -> str:
        """Where it lies below `evidence/`. The id makes the file this row's alone, so that both may go together."""
        return f"{self.digest[:2]}/{self.digest}-{self.id}"
