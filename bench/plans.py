"""What PostgreSQL does for a request: its statements as they were sent, their plans, the processor time of its backends."""

import contextlib
import os
import re
from collections import Counter
from collections.abc import Iterator
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

import psycopg2.extensions
from sqlalchemy import event, text


class _NotingCursor(psycopg2.extensions.cursor):
    """Keeps every query that goes through it, COPY's inner one too."""

    noted: list[bytes] | None = None
    prepared: dict[bytes, bytes] = {}  # name → how it is made

    def execute(self, query: Any, vars: Any = None) -> None:  # noqa: A002 — psycopg calls it so
        if (written := os.fsencode(query)).startswith(b"PREPARE "):
            _NotingCursor.prepared[written.split()[1]] = written
        elif _NotingCursor.noted is not None:
            self._note(self.mogrify(query, vars))
        super().execute(query, vars)

    def copy_expert(self, sql: Any, file: Any, size: int = 8192) -> None:
        if _NotingCursor.noted is not None:
            self._note(bytes(sql).removeprefix(b"COPY (").removesuffix(b") TO STDOUT"))
        super().copy_expert(sql, file, size)

    def _note(self, query: bytes) -> None:
        if query.lstrip().upper().startswith((b"SELECT", b"WITH", b"EXECUTE")):
            _NotingCursor.noted.append(query)


@dataclass
class Plan:
    """What the statements of a request do in the database."""

    statements: int = 0
    ms: float = 0.0  # execution, the best of several
    indexes: Counter[str] = field(default_factory=Counter)
    read_whole: dict[str, int] = field(default_factory=dict)  # table → its rows
    workers: int = 0


def note_statements(engine: Any) -> None:
    """From now on every connection of the engine can keep what is sent through it."""

    def use(connection: Any, record: Any) -> None:
        connection.cursor_factory = _NotingCursor

    event.listen(engine, "connect", use)
    engine.dispose()


@contextlib.contextmanager
def noted() -> Iterator[list[bytes]]:
    """The SELECTs that are sent meanwhile."""
    _NotingCursor.noted = found = []
    try:
        yield found
    finally:
        _NotingCursor.noted = None


def explain(db: Any, statements: list[bytes], rounds: int) -> Plan:
    """Run each statement under EXPLAIN ANALYZE, some rounds, and say what its plan reads."""
    sizes = dict(
        db.session.execute(text("SELECT relname, reltuples::int FROM pg_class WHERE relkind IN ('r', 'p')")).all()
    )
    found = Plan(statements=len(statements))
    connection = db.engine.raw_connection()
    try:
        cursor = connection.cursor()
        for statement in statements:
            runs = [_explained(cursor, statement) for _ in range(rounds)]
            found.ms += min(run["Execution Time"] for run in runs)
            _look(runs[0]["Plan"], found, sizes)
    finally:
        connection.rollback()
        connection.close()
    return found


def _explained(cursor: Any, statement: bytes) -> Any:
    with _prepared(cursor, statement):
        cursor.execute(b"EXPLAIN (ANALYZE, BUFFERS, FORMAT JSON) " + statement)
        return cursor.fetchone()[0][0]


@contextlib.contextmanager
def _prepared(cursor: Any, statement: bytes) -> Iterator[None]:
    """What is run by its name is there meanwhile, and again not there for the application if it was not."""
    name = re.split(rb"[ (]", statement)[1] if statement.startswith(b"EXECUTE ") else b""
    cursor.execute("SELECT FROM pg_prepared_statements WHERE name = %s", [name.decode()])
    is_missing = name and not cursor.rowcount
    if is_missing:
        cursor.execute(_NotingCursor.prepared[name])
    yield
    if is_missing:
        cursor.execute(b"DEALLOCATE " + name)


def _look(node: dict[str, Any], found: Plan, sizes: dict[str, int]) -> None:
    if "Index Name" in node:
        found.indexes[node["Index Name"]] += 1
    if node["Node Type"] == "Seq Scan" and node["Actual Loops"]:
        found.read_whole[node["Relation Name"]] = sizes.get(node["Relation Name"], 0)
    found.workers = max(found.workers, node.get("Workers Launched", 0))
    for below in node.get("Plans", []):
        _look(below, found, sizes)


def backend_seconds(pids: list[int]) -> float:
    """Processor time that backends have used; a parallel worker's is not in it, `Plan.workers` tells whether there was one."""
    return sum(int(Path(f"/proc/{pid}/schedstat").read_text().split()[0]) for pid in pids) / 1e9


def backends(db: Any) -> list[int]:
    """The process ids of this application's backends."""
    found = text(
        "SELECT pid FROM pg_stat_activity WHERE application_name = 'smart-skill' AND datname = current_database()"
    )
    return list(db.session.scalars(found))
