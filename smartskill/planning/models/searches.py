"""Searches for experts that people keep, and whom each has found already."""

from datetime import date

from sqlalchemy import ForeignKey, Index, String, func, text
from sqlalchemy.dialects.postgresql import JSONB
from sqlalchemy.orm import Mapped, mapped_column

from smartskill.database import Base, Timestamps, Versioned


class SavedSearch(Base, Timestamps, Versioned):
    """A search for experts under a name of its owner's; a watched one tells them when somebody new matches.

    `query` holds what the address takes (`need`, `not`, `match`, `team_id`, `text`), so that it can be sent as it is.
    `checked_on` is the day on which it was last compared; None before that.
    """

    __tablename__ = "saved_searches"
    __table_args__ = (
        Index(
            "uq_saved_searches_name",
            "user_id",
            func.lower(text("name")),
            unique=True,
            info={"problem": "You have a search of this name."},
        ),
        Index("ix_saved_searches_watched", "user_id", "id", postgresql_where=text("is_watched")),
    )

    id: Mapped[int] = mapped_column(primary_key=True)
    user_id: Mapped[int] = mapped_column(ForeignKey("users.id", ondelete="CASCADE"))
    name: Mapped[str] = mapped_column(String(120))
    query: Mapped[dict] = mapped_column(JSONB)
    is_watched: Mapped[bool] = mapped_column(default=False, server_default=text("false"))
    checked_on: Mapped[date | None]


class SearchMatch(Base):
    """That a watched search found a person: on the day that `found_on` names, or when it began to be watched (None).

    Nobody is told of twice for one search, not even somebody who stopped matching in between.
    """

    __tablename__ = "search_matches"
    __table_args__ = (Index(None, "user_id"),)

    search_id: Mapped[int] = mapped_column(ForeignKey("saved_searches.id", ondelete="CASCADE"), primary_key=True)
    user_id: Mapped[int] = mapped_column(ForeignKey("users.id", ondelete="CASCADE"), primary_key=True)
    found_on: Mapped[date | None]
