"""Rows of a select as numpy columns: one binary `COPY`, read without a loop."""

import io
from collections.abc import Mapping
from typing import Any

import numpy as np
from sqlalchemy.dialects import postgresql

from smartskill.extensions import db

SIGNATURE = b"PGCOPY\n\xff\r\n\0"
HEADER_BYTES = 19  # signature, flags and the length of an extension that is never there
LONG_STATEMENT = "SET LOCAL statement_timeout = '30min'"
# PostgreSQL's types by how they are sent: int4, float8, bool, and timestamptz as microseconds since 2000
INTEGER, DOUBLE, FLAG, MOMENT = ">i4", ">f8", "u1", ">i8"
SECONDS_TO_2000 = 946_684_800
MICROSECONDS = 1_000_000


class CopyMalformed(ValueError):
    """What the database sent is not the binary format that was asked for."""


def copy_columns(statement: Any, fields: Mapping[str, str]) -> np.ndarray:
    """The rows of a select as a structured array.

    Args:
        fields: names in the order of the select's columns, each with its type; nothing is ever NULL.
    Raises:
        CopyMalformed: a column of another type, or a NULL.
    """
    return read_rows(copy_binary(statement), fields)


def copy_binary(statement: Any) -> bytes:
    """The rows of a select in PostgreSQL's binary `COPY` format."""
    connection = db.session.connection()
    compiled = statement.compile(dialect=postgresql.psycopg2.dialect(), compile_kwargs={"render_postcompile": True})
    cursor: Any = connection.connection.cursor()  # psycopg 2's: SQLAlchemy has no COPY
    with cursor:
        cursor.execute(LONG_STATEMENT)
        query = cursor.mogrify(str(compiled), compiled.params).decode()
        content = io.BytesIO()
        cursor.copy_expert(f"COPY ({query}) TO STDOUT (FORMAT binary)", content)
    return content.getvalue()


def read_rows(content: bytes, fields: Mapping[str, str]) -> np.ndarray:
    """The rows of a binary `COPY` whose rows are all of the same length.

    Raises:
        CopyMalformed
    """
    # Each row is the number of fields, then each field behind its length.
    pairs = [part for name, kind in fields.items() for part in ((f"{name}_length", ">i4"), (name, kind))]
    row = np.dtype([("count", ">i2"), *pairs])
    size = len(content) - HEADER_BYTES - 2
    if not content.startswith(SIGNATURE) or size < 0 or size % row.itemsize or content[-2:] != b"\xff\xff":
        raise CopyMalformed("not the binary format of COPY, or a row with a NULL")
    rows = np.frombuffer(content, dtype=row, count=size // row.itemsize, offset=HEADER_BYTES)
    lengths = {"count": len(fields)} | {f"{name}_length": row[name].itemsize for name in fields}
    if any((rows[name] != length).any() for name, length in lengths.items()):
        raise CopyMalformed("a row of COPY with fields of another type")
    return rows


def epoch_of(moments: np.ndarray) -> np.ndarray:
    """Whole seconds since 1970 of what a `MOMENT` holds."""
    return moments.astype(np.int64) // MICROSECONDS + SECONDS_TO_2000
