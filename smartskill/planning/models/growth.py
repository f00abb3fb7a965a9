"""What people do not want to be told to learn."""

from datetime import datetime

from sqlalchemy import ForeignKey, Index
from sqlalchemy.orm import Mapped, mapped_column

from smartskill.database import Base, now


class DismissedSkill(Base):
    """A skill that its person never wants suggested again as their next."""

    __tablename__ = "dismissed_skills"
    __table_args__ = (Index(None, "skill_id"),)

    user_id: Mapped[int] = mapped_column(ForeignKey("users.id", ondelete="CASCADE"), primary_key=True)
    skill_id: Mapped[int] = mapped_column(ForeignKey("skills.id", ondelete="CASCADE"), primary_key=True)
    created_at: Mapped[datetime] = mapped_column(default=now)
