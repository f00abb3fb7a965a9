"""Many new rows by COPY, in the caller's transaction."""

import csv
import io
from collections.abc import Callable, Iterable, Sequence
from itertools import islice
from typing import Any

from smartskill.extensions import db

CHUNK = 5_000  # rows
Tell = Callable[[str, int, int], Any]  # what is being written, rows done, rows in all


def copy_rows(table: str, columns: Sequence[str], rows: Iterable[Sequence], total: int, tell: Tell) -> None:
    """Write rows, of which None is NULL and so is an empty text."""
    cursor = db.session.connection().connection.cursor()
    statement = f"COPY {table} ({', '.join(columns)}) FROM STDIN WITH (FORMAT csv)"
    remaining, done = iter(rows), 0
    while done < total:
        buffer = io.StringIO()
        csv.writer(buffer, lineterminator="\n").writerows(islice(remaining, CHUNK))
        buffer.seek(0)
        cursor.copy_expert(statement, buffer)
        done = min(done + CHUNK, total)
        tell(table, done, total)
