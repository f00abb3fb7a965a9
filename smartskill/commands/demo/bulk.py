"""Many rows at once: ids reserved first, so that rows can point at each other, then `COPY`."""

import io
from collections.abc import Iterable
from datetime import date, datetime
from typing import Any

import orjson
from sqlalchemy import text
from sqlalchemy.dialects.postgresql import Range

from smartskill.database import Base
from smartskill.extensions import db

ESCAPES = str.maketrans({"\\": "\\\\", "\t": "\\t", "\n": "\\n", "\r": "\\r"})


def reserve_ids(model: type[Base], count: int) -> list[int]:
    """Ids for rows to come, taken from the table's own sequence."""
    statement = text("SELECT nextval(pg_get_serial_sequence(:name, 'id')) FROM generate_series(1, :count)")
    return list(db.session.scalars(statement, {"name": model.__tablename__, "count": count}))


def copy_rows(model: type[Base], rows: Iterable[dict[str, Any]]) -> int:
    """Write rows into a table, within the session's transaction; returns how many.

    Args:
        rows: by names of columns, the same in all; what they leave out gets its default in the database, not in Python.
    """
    given = list(rows)
    if not given:
        return 0
    names = list(given[0])
    lines = ("\t".join(_as_text(row[name]) for name in names) + "\n" for row in given)
    columns = ", ".join(model.__table__.columns[name].name for name in names)
    cursor = db.session.connection().connection.cursor()
    cursor.copy_expert(f"COPY {model.__tablename__} ({columns}) FROM STDIN", io.StringIO("".join(lines)))
    return len(given)


def _as_text(value: Any) -> str:
    """A value in the text format of `COPY`."""
    if value is None:
        return "\\N"
    if isinstance(value, bool):
        return "t" if value else "f"
    if isinstance(value, dict | list):
        return orjson.dumps(value).decode().translate(ESCAPES)
    if isinstance(value, date | datetime):
        return value.isoformat()
    if isinstance(value, Range):
        return f"[{value.lower or ''},{value.upper or ''})"
    return str(value).translate(ESCAPES)
