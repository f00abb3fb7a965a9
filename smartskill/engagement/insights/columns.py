"""Events as columns, straight from the database: one binary `COPY`, read by numpy without a loop.

Only people who allow tracking and prediction are ever read. What was mailed comes from the outbox; an event
`email_sent` that names a delivery repeats it and is left out.
"""

import io
from datetime import datetime
from typing import Any

import numpy as np
from sqlalchemy import (
    BigInteger,
    Integer,
    SmallInteger,
    and_,
    case,
    cast,
    column,
    func,
    literal,
    select,
    table,
    union_all,
)
from sqlalchemy.dialects import postgresql
from sqlalchemy.dialects.postgresql import ARRAY
from sqlalchemy.types import Text

from ml.events import KINDS, EventLog
from smartskill.activity.models import InteractionEvent
from smartskill.engagement.services.people import IdRange, who_allows
from smartskill.extensions import db
from smartskill.notifications.models import Delivery
from smartskill.user.models import User

SIGNATURE = b"PGCOPY\n\xff\r\n\0"
HEADER_BYTES = 19  # signature, flags and the length of an extension that is never there
# Each row: the number of fields, then each field's length before it. Nothing is ever NULL, so every row is as long.
ROW = np.dtype(
    [
        ("fields", ">i2"),
        ("user_id_length", ">i4"), ("user_id", ">i8"),
        ("at_length", ">i4"), ("at", ">i8"),
        ("kind_length", ">i4"), ("kind", ">i2"),
        ("automated_length", ">i4"), ("automated", ">i2"),
        ("offset_length", ">i4"), ("offset", ">i4"),
    ]
)  # fmt: skip
LENGTHS = {
    "fields": 5,
    "user_id_length": 8,
    "at_length": 8,
    "kind_length": 2,
    "automated_length": 2,
    "offset_length": 4,
}
LONG_STATEMENT = "SET LOCAL statement_timeout = '30min'"


class CopyMalformed(ValueError):
    """What the database sent is not the binary format that was asked for."""


def load_events(people: IdRange | None, until: datetime) -> EventLog:
    """Everything before a moment that people who allow it did, and what was mailed to them.

    Args:
        people: everybody if None.
        until: exclusive.
    """
    statement = union_all(_acts(people, until), _mails(people, until))
    rows = read_rows(copy_binary(statement))
    return EventLog(
        rows["user_id"].astype(np.int64),
        rows["at"].astype(np.int64),
        rows["kind"].astype(np.int16),
        rows["automated"] != 0,
        rows["offset"].astype(np.int32),
    )


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


def read_rows(content: bytes) -> np.ndarray:
    """The rows as a structured array.

    Raises:
        CopyMalformed: another format, or a row that is not as long as all others.
    """
    body = content[HEADER_BYTES:-2]
    if not content.startswith(SIGNATURE) or len(body) % ROW.itemsize or content[-2:] != b"\xff\xff":
        raise CopyMalformed("not the binary format of COPY, or a row with a NULL")
    rows = np.frombuffer(body, dtype=ROW)
    if any((rows[name] != length).any() for name, length in LENGTHS.items()):
        raise CopyMalformed("a row of COPY with fields of another type")
    return rows


def _acts(people: IdRange | None, until: datetime) -> Any:
    event = InteractionEvent
    is_repeated = and_(event.kind == "email_sent", func.coalesce(event.props.has_key("delivery_id"), False))
    found = select(*_columns(event.user_id, event.occurred_at, event.kind, cast(event.is_automated, Integer))).join(
        User, User.id == event.user_id
    )
    known = event.kind.in_(KINDS)
    return _limited(found.where(event.occurred_at < until, known, ~is_repeated), people, event.user_id)


def _mails(people: IdRange | None, until: datetime) -> Any:
    found = select(*_columns(Delivery.user_id, Delivery.sent_at, literal("email_sent"), literal(1))).join(
        User, User.id == Delivery.user_id
    )
    went_out = and_(Delivery.state.in_(("sent", "unknown")), Delivery.mail_class != "account")
    return _limited(found.where(Delivery.sent_at < until, went_out), people, Delivery.user_id)


def _limited(found: Any, people: IdRange | None, column: Any) -> Any:
    found = found.where(who_allows(column))
    return found if people is None else found.where(people.holds(column))


def _columns(user_id: Any, at: Any, kind: Any, automated: Any) -> tuple[Any, ...]:
    """The five fields of `ROW`. The offset is the person's at that moment; 0 for zones that are not known."""
    names = table("pg_timezone_names", column("name"))
    zone = case((User.timezone.in_(select(names.c.name)), User.timezone), else_="UTC")
    offset = func.timezone(zone, at) - func.timezone("UTC", at)
    codes = cast(list(KINDS), ARRAY(Text))
    return (
        cast(user_id, BigInteger),
        cast(func.floor(func.extract("epoch", at)), BigInteger),
        cast(func.array_position(codes, cast(kind, Text)) - 1, SmallInteger),
        cast(automated, SmallInteger),
        cast(func.extract("epoch", offset), Integer),
    )
