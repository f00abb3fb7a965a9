"""What may wait a second: kept in the memory of the process and written by a thread of its own, many at once.

For what a request must not wait for and what may be lost with a killed process. What must not be lost is written in
the transaction that it belongs to.
"""

import atexit
import logging
import os
import threading
from collections import deque
from collections.abc import Callable
from typing import Any

from flask import Flask, current_app

from smartskill.kit.transaction import commit_now, roll_back

log = logging.getLogger(__name__)
MOST = 10_000  # that wait in a process
AT_ONCE = 1_000
SECONDS = 1.0
Write = Callable[[list[Any]], None]


class Later:
    """What waits in this process, and how it is written."""

    def __init__(self, app: Flask, name: str, write: Write, seconds: float) -> None:
        self.app, self.name, self._write, self.seconds = app, name, write, seconds
        self.waiting: deque[Any] = deque()
        self.dropped = 0
        self.process: int | None = None  # whose thread writes
        self._over = threading.Event()

    def add(self, thing: Any) -> None:
        """Let a thing wait; one too many is dropped."""
        if len(self.waiting) >= MOST:
            self.dropped += 1
            return
        self.waiting.append(thing)
        if self.seconds and self.process != os.getpid():  # a forked process has no thread of its own yet
            self.process = os.getpid()
            threading.Thread(target=self._run, name=self.name, daemon=True).start()
            atexit.register(self.close)

    def write(self) -> int:
        """Write what waits, in the caller's transaction; returns how much there was."""
        things = [self.waiting.popleft() for _ in range(min(len(self.waiting), AT_ONCE))]
        if things:
            self._write(things)
        if self.dropped:
            log.warning("%d %s were dropped: too many at once", self.dropped, self.name)
            self.dropped = 0
        return len(things)

    def write_all(self) -> None:
        """Write everything that waits, each thousand in a transaction of its own; a fault costs what it was about."""
        with self.app.app_context():
            try:
                while self.write():
                    commit_now()
            except Exception:  # the database is away, or its schema is another
                roll_back()
                log.warning("%s were not written", self.name, exc_info=True)

    def close(self) -> None:
        """Write the last and let the thread end."""
        self._over.set()
        self.write_all()

    def _run(self) -> None:
        while not self._over.wait(self.seconds):
            self.write_all()


def attach_later(app: Flask, name: str, write: Write) -> None:
    """Let things of a name wait in an application; in tests they are written when a test asks."""
    app.extensions.setdefault("later", {})[name] = Later(app, name, write, 0 if app.testing else SECONDS)


def later(name: str) -> Later:
    """What waits under a name in the running application."""
    return current_app.extensions["later"][name]
