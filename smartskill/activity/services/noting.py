"""Acts that only look (a page opened, a search): written after the answer, so that recording never slows a request.

They wait in the memory of the process, for a second at most, and a thread of its own writes them, many in one
statement. A process that is killed loses what waits, and what does not fit is dropped and counted: losing that
somebody looked does no harm, a slow page does. What people *do* is recorded in the transaction that does it.
"""

import atexit
import logging
import os
import threading
from collections import deque
from typing import Any

import orjson
from flask import Flask, current_app
from sqlalchemy import Boolean, DateTime, Integer, Text, cast, column, func, insert, literal, select, table
from sqlalchemy.dialects.postgresql import JSONB

from smartskill.activity.services.consent import said
from smartskill.activity.services.recording import EVENTS, facts_of
from smartskill.database import now
from smartskill.extensions import db
from smartskill.kit.json import OPTIONS

log = logging.getLogger(__name__)
MOST = 10_000  # notes that wait in a process
AT_ONCE = 1_000  # in one statement
COLUMNS: dict[str, Any] = {
    "user_id": Integer, "kind": Text, "subject_type": Text, "subject_id": Integer, "source": Text,
    "occurred_at": DateTime(timezone=True), "props": JSONB, "is_automated": Boolean,
}  # fmt: skip


class Notebook:
    """What waits to be written in this process."""

    def __init__(self, app: Flask) -> None:
        self.app, self.seconds = app, float(app.config["NOTED_EVENTS_SECONDS"])
        self.waiting: deque[dict[str, Any]] = deque()
        self.dropped = 0
        self._process: int | None = None
        self._wake = threading.Event()

    def add(self, facts: dict[str, Any]) -> None:
        """Take a note; one too many is dropped."""
        if len(self.waiting) >= MOST:
            self.dropped += 1
            return
        self.waiting.append(facts)
        if self.seconds and self._process != os.getpid():  # a forked process has no thread of its own yet
            self._process = os.getpid()
            threading.Thread(target=self._run, name="noted-events", daemon=True).start()
            atexit.register(self._close)

    def write(self) -> int:
        """Write what waits, in the caller's transaction; returns how many notes there were."""
        notes = [self.waiting.popleft() for _ in range(min(len(self.waiting), AT_ONCE))]
        if notes:
            write_notes(notes)
        if self.dropped:
            log.warning("%d looks were not recorded: too many at once", self.dropped)
            self.dropped = 0
        return len(notes)

    def _run(self) -> None:
        while not self._wake.wait(self.seconds):
            self._write_all()

    def _write_all(self) -> None:
        with self.app.app_context():
            try:
                while self.write():
                    db.session.commit()
            except Exception:  # the database is away, or its schema is another: looks are not worth a fault
                db.session.rollback()
                log.warning("looks were not recorded", exc_info=True)

    def _close(self) -> None:
        self._wake.set()
        self._write_all()


def write_notes(notes: list[dict[str, Any]]) -> None:
    """Write notes of people who are still here and allowed it when they looked."""
    written = literal(orjson.dumps(notes, option=OPTIONS).decode(), Text)
    given = func.jsonb_to_recordset(cast(written, JSONB))
    note = given.table_valued(*(column(name, kind) for name, kind in COLUMNS.items()), name="note")
    note = note.render_derived(with_types=True)
    users = table("users", column("id"))
    found = select(*(note.c[name] for name in COLUMNS)).join(users, users.c.id == note.c.user_id)
    allowed = found.where(said(note.c.user_id, "tracking", since=note.c.occurred_at))
    db.session.execute(insert(EVENTS).from_select([EVENTS.c[name] for name in COLUMNS], allowed))


def attach_notebook(app: Flask) -> None:
    """Give an application its notebook."""
    app.extensions["notebook"] = Notebook(app)


def notebook() -> Notebook:
    """The running application's notebook."""
    return current_app.extensions["notebook"]


def note(
    user_id: int,
    kind: str,
    *,
    subject_type: str | None = None,
    subject_id: int | None = None,
    props: dict[str, Any] | None = None,
) -> None:
    """Note that somebody looked; it is written shortly, if they allow it, whatever becomes of this transaction."""
    facts = facts_of(kind, "api", props)
    if facts is not None:
        about = {"user_id": user_id, "subject_type": subject_type, "subject_id": subject_id, "occurred_at": now()}
        notebook().add(facts | about)
