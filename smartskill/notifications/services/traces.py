"""How far a worker has come with a window of mails, told to PostgreSQL after each answer and before each last dot.

A window is marked `sending` with one commit that is flushed to disk. Its trace is a row of an unlogged table: moving it
on is one round trip without a flush, so that each mail can afford two. What a dead worker leaves is then known for all
mails of its window but one, and for that one only if it died between the dot and the answer. PostgreSQL empties the
table when it crashes itself; a window without a trace is in doubt as a whole.
"""

from collections.abc import Iterable
from types import TracebackType
from typing import Self, cast

from sqlalchemy import Connection, Engine, delete, insert, select

from smartskill.extensions import db
from smartskill.notifications.models import WireTrace

REACH = "UPDATE wire_traces SET step = %s WHERE id = %s"


class TraceLost(Exception):
    """The lease ran out, and somebody else has settled the window."""


class Trace:
    """The trace of one window; its own connection, since each step is a transaction of its own."""

    def __init__(self, trace_id: int) -> None:
        self.id = trace_id
        bind: Engine | Connection = db.engine
        # A session that is bound to one connection, as tests do, is traced on that one.
        self._owned = None if isinstance(bind, Connection) else bind.connect()
        if self._owned is not None:
            bind = self._owned.execution_options(isolation_level="AUTOCOMMIT")
        self._cursor = cast(Connection, bind).connection.cursor()

    def __enter__(self) -> Self:
        return self

    def __exit__(self, kind: type | None, error: BaseException | None, trace: TracebackType | None) -> None:
        if self._owned is not None:
            self._owned.close()

    def reach(self, step: int) -> None:
        """Move the trace on.

        Raises:
            TraceLost: the window is no longer this worker's.
        """
        self._cursor.execute(REACH, (step, self.id))
        if self._cursor.rowcount != 1:
            raise TraceLost()


def begin_trace(delivery_ids: list[int]) -> int:
    """Write the trace of a new window, in the transaction that marks it `sending`."""
    return db.session.scalars(insert(WireTrace).values(delivery_ids=delivery_ids).returning(WireTrace.id)).one()


def end_trace(trace_id: int) -> None:
    """Forget a trace, in the transaction that settles its window."""
    db.session.execute(delete(WireTrace).where(WireTrace.id == trace_id))


def take_traces(delivery_ids: Iterable[int]) -> dict[int, str]:
    """End the traces of these mails, so that a worker that comes back stops; returns what they said.

    Returns:
        for each mail that a trace names: `sent`, `waiting` (its dot was never sent) or `doubtful`.
    """
    wanted = set(delivery_ids)
    found = select(WireTrace).where(WireTrace.delivery_ids.overlap(sorted(wanted))).order_by(WireTrace.id)
    known: dict[int, str] = {}
    for trace in db.session.scalars(found.with_for_update()):  # a later trace of the same mail has the last word
        known |= {number: _say(place, trace.step) for place, number in enumerate(trace.delivery_ids)}
        db.session.delete(trace)
    return {number: said for number, said in known.items() if number in wanted}


def _say(place: int, step: int) -> str:
    answered, is_dot_out = divmod(step, 2)
    if place < answered:
        return "sent"
    return "doubtful" if place == answered and is_dot_out else "waiting"
