"""Child processes: made by fork, ended with their parent, started again when they die.

A supervisor blocks the signals it lives by and waits for them one at a time, so nothing races and nothing polls.
Every child leads a session of its own: Ctrl-C in a terminal reaches the supervisor alone, which then ends its children
in order, and a child that doesn't end is killed together with whatever it started.
"""

import contextlib
import ctypes
import logging
import os
import signal
import sys
import time
from collections.abc import Callable, Iterable
from dataclasses import dataclass, field
from pathlib import Path

log = logging.getLogger(__name__)

PR_SET_PDEATHSIG = 1  # <linux/prctl.h>
WATCHED = (signal.SIGCHLD, signal.SIGTERM, signal.SIGINT, signal.SIGHUP)
LONGEST_PAUSE_S = 30.0
STEADY_AFTER_S = 30.0


def die_with_parent(parent: int, number: signal.Signals = signal.SIGTERM) -> None:
    """Have the kernel send this process a signal when its parent is gone, `kill -9` included (Linux only)."""
    if sys.platform == "linux":
        ctypes.CDLL(None, use_errno=True).prctl(PR_SET_PDEATHSIG, number)
        if os.getppid() != parent:  # it went before we asked
            os._exit(1)


def fork(run: Callable[[], object], log_path: Path | None = None) -> int:
    """Run a function in a child with a session of its own, return its pid; its output goes to `log_path` if given."""
    parent = os.getpid()
    sys.stdout.flush()
    sys.stderr.flush()
    pid = os.fork()
    if pid:
        return pid
    code = 1
    try:
        os.setsid()
        for number in WATCHED:
            signal.signal(number, signal.SIG_DFL)
        signal.pthread_sigmask(signal.SIG_UNBLOCK, WATCHED)
        die_with_parent(parent)
        if log_path:
            _redirect(log_path)
        run()
        code = 0
    except SystemExit as end:
        code = end.code if isinstance(end.code, int) else int(end.code is not None)
    except BaseException:
        log.exception("child process failed")
    finally:
        with contextlib.suppress(Exception):
            sys.stdout.flush()
            sys.stderr.flush()
        os._exit(code)


def _redirect(log_path: Path) -> None:
    descriptor = os.open(log_path, os.O_WRONLY | os.O_CREAT | os.O_APPEND, 0o600)
    os.dup2(descriptor, 1)
    os.dup2(descriptor, 2)
    nothing = os.open(os.devnull, os.O_RDONLY)
    os.dup2(nothing, 0)


@dataclass
class Child:
    """A process that should be running: what it runs, and how it has fared."""

    name: str
    run: Callable[[], object]
    log_path: Path | None = None
    pid: int | None = None
    exit_code: int | None = None
    deaths: int = 0
    started_at: float = 0.0
    start_after: float = field(default=0.0)

    def start(self) -> None:
        self.pid, self.started_at, self.exit_code = fork(self.run, self.log_path), time.monotonic(), None

    def bury(self, status: int) -> None:
        """Note its death, and when it may live again: at once the first time, later and later if it dies young."""
        assert self.pid
        with contextlib.suppress(ProcessLookupError):
            os.killpg(self.pid, signal.SIGKILL)  # what it started itself would hold its port against its successor
        lifetime = time.monotonic() - self.started_at
        self.deaths = 1 if lifetime > STEADY_AFTER_S else self.deaths + 1
        pause = 0.0 if self.deaths == 1 else min(0.5 * 2**self.deaths, LONGEST_PAUSE_S)
        self.pid, self.exit_code = None, os.waitstatus_to_exitcode(status)
        self.start_after = time.monotonic() + pause


class Supervisor:
    """Keeps children running until it is told to stop.

    Use it as a context manager: inside, the signals are blocked and only `step` sees them; at its end every child ends.
    """

    def __init__(
        self, children: Iterable[Child], grace_s: float = 10.0, on_start: Callable[[], object] = lambda: None
    ) -> None:
        self.children, self.grace_s, self.on_start, self.is_stopping = list(children), grace_s, on_start, False

    def __enter__(self) -> "Supervisor":
        self.mask = signal.pthread_sigmask(signal.SIG_BLOCK, WATCHED)
        self._start_due()
        return self

    def __exit__(self, *_: object) -> None:
        self.stop()
        signal.pthread_sigmask(signal.SIG_SETMASK, self.mask)

    def run(self) -> None:
        """Keep the children running until SIGTERM, SIGINT or SIGHUP."""
        while self.step(None):
            pass

    def step(self, timeout_s: float | None) -> bool:
        """Wait for something to happen, restart what is due; False once told to stop."""
        received = self._wait(timeout_s)
        for child in self._reap():
            log.warning("%s ended with code %s; starting it again", child.name, child.exit_code)
        self.is_stopping = self.is_stopping or received not in (None, signal.SIGCHLD)
        if self.is_stopping:
            return False
        self._start_due()
        return True

    def stop(self) -> None:
        """Ask every child to end, then insist; returns when none is left."""
        for child in self.children:
            self._send(child, signal.SIGTERM)
        deadline = time.monotonic() + self.grace_s
        while any(child.pid for child in self.children) and time.monotonic() < deadline:
            self._wait(0.2, also=(signal.SIGCHLD,))
            self._reap()
        for child in self.children:
            if child.pid:
                log.warning("%s did not end within %.0f s: killed", child.name, self.grace_s)
                self._kill(child)

    def _start_due(self) -> None:
        due = [child for child in self.children if child.pid is None and child.start_after <= time.monotonic()]
        for child in due:
            child.start()
        if due:
            self.on_start()

    def _wait(self, timeout_s: float | None, also: Iterable[int] = WATCHED) -> int | None:
        due = [child.start_after for child in self.children if child.pid is None]
        pauses = [max(moment - time.monotonic(), 0.0) for moment in due] + ([] if timeout_s is None else [timeout_s])
        if not pauses:
            return signal.sigwait(also)
        found = signal.sigtimedwait(also, min(pauses))
        return found.si_signo if found else None

    def _reap(self) -> list[Child]:
        """The children that have died since; several deaths may share one signal."""
        dead = []
        for child in self.children:
            if child.pid is None:
                continue
            pid, status = os.waitpid(child.pid, os.WNOHANG)
            if pid:
                child.bury(status)
                dead.append(child)
        return dead

    def _send(self, child: Child, number: signal.Signals) -> None:
        if child.pid:
            with contextlib.suppress(ProcessLookupError):
                os.kill(child.pid, number)

    def _kill(self, child: Child) -> None:
        assert child.pid
        self._send(child, signal.SIGKILL)
        _, status = os.waitpid(child.pid, 0)
        child.bury(status)
