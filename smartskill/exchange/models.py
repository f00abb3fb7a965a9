"""What files brought that has no home of its own, kept so that it comes back out."""

from sqlalchemy import ForeignKey
from sqlalchemy.dialects.postgresql import JSONB
from sqlalchemy.orm import Mapped, mapped_column

from smartskill.database import Base, Timestamps


class ResumeRemainder(Base, Timestamps):
    """The sections of a person's JSON Resume that Smart-Skill has no table for, verbatim."""

    __tablename__ = "resume_remainders"

    user_id: Mapped[int] = mapped_column(ForeignKey("users.id", ondelete="CASCADE"), primary_key=True)
    sections: Mapped[dict] = mapped_column(JSONB)
