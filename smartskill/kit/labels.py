"""What search knows of a name, kept by the database beside it: any writer, COPY included, keeps it right.

`search_key` is the name as it is compared: without accents, case and punctuation (`label_key`, migration 0011).
`search_words` holds its words, as they are and as English stems (`label_words`).
"""

from sqlalchemy import Computed, Index, Text, func, text
from sqlalchemy.dialects.postgresql import TSVECTOR
from sqlalchemy.orm import Mapped, mapped_column


class Labelled:
    """A row with a name that people search for; its table needs `label_indexes`."""

    search_key: Mapped[str] = mapped_column(Text, Computed("label_key(name)", persisted=True), deferred=True)
    search_words: Mapped[str] = mapped_column(TSVECTOR, Computed("label_words(name)", persisted=True), deferred=True)


def label_indexes(table: str) -> tuple[Index, Index, Index]:
    """Indexes for parts of the key, for its beginning whatever the spaces, and for words."""
    joined = func.replace(text("search_key"), text("' '"), text("''")).label("joined")
    trigrams = {"search_key": "gin_trgm_ops"}
    pending = {"gin_pending_list_limit": 64}  # kB; a query of many words is held against each entry that is pending
    return (
        Index(f"ix_{table}_name_trgm", "search_key", postgresql_using="gin", postgresql_ops=trigrams),
        Index(f"ix_{table}_name_joined", joined, postgresql_ops={"joined": "text_pattern_ops"}),
        Index(f"ix_{table}_name_words", "search_words", postgresql_using="gin", postgresql_with=pending),
    )
