"""A process's share in an embedded server: taken once, given back by the kernel when the process is gone.

Three files in the server's folder decide everything. `start.lock` is held while starting, so one process starts and the
others find it running. `users.lock` is held shared by everyone who uses the server (a forked child inherits its
parent's share; a share never outlives its processes). `keeper.lock` is held by the keeper (`keeper.py`) while it lives.
"""

import contextlib
import os
import subprocess
import sys
import threading
import time
from collections.abc import Callable, Iterator
from dataclasses import dataclass
from pathlib import Path

try:
    import fcntl
except ImportError:  # Windows: refused with the variable to set, when a server is first asked for
    fcntl = None  # type: ignore[assignment]

START_TIMEOUT_S = 60  # crash recovery of a large database is slow; a plain start takes about a second
POLL_S = 0.02
LOG_LIMIT_BYTES = 10_000_000

_shares: dict[Path, int] = {}
_guard = threading.Lock()


class EmbeddedServerUnavailable(RuntimeError):
    """The server can't run here; the message names the variable that takes one from elsewhere."""


@dataclass(frozen=True)
class Server:
    """What is needed to run one server: where, how to prepare and start it, how to know it answers."""

    name: str
    variable: str
    folder: Path
    command: list[str]
    prepare: Callable[[], None]
    answers: Callable[[], bool]
    stop_signal: int
    user: str = "-"

    def refuse(self, reason: str) -> EmbeddedServerUnavailable:
        return EmbeddedServerUnavailable(
            f"{self.name} can't be run here: {reason} Set {self.variable} to a server of your own."
        )


def join(server: Server) -> None:
    """Use the server from this process on, starting it where it isn't running; the second call costs nothing.

    Raises EmbeddedServerUnavailable.
    """
    if server.folder in _shares:
        return
    if fcntl is None:
        raise server.refuse("this system has no file locks of the needed kind.")
    with _guard:
        if server.folder not in _shares:
            server.folder.mkdir(
                mode=0o711, parents=True, exist_ok=True
            )  # passable: under root the server is another user
            with _locked(server.folder / "start.lock"):
                share = _open(server.folder / "users.lock")
                fcntl.flock(share, fcntl.LOCK_SH)  # waits for a keeper that is just stopping
                try:
                    _ensure_running(server)
                except BaseException:
                    os.close(share)
                    raise
            _shares[server.folder] = share


def leave(folder: Path, timeout_s: float = 20) -> bool:
    """Give this process's share back; True when the server has stopped, False when others still use it.

    Only needed by who wants to see the server gone: a process that ends has left.
    """
    with _guard:
        share = _shares.pop(folder, None)
    if share is not None:
        os.close(share)
    deadline = time.monotonic() + timeout_s
    while time.monotonic() < deadline:
        if not _is_held(folder / "keeper.lock"):
            return True
        if _is_shared(folder / "users.lock"):
            return False
        time.sleep(POLL_S)
    return False


def _ensure_running(server: Server) -> None:
    if not _is_held(server.folder / "keeper.lock"):
        server.prepare()
        _launch_keeper(server)  # it adopts a server that an earlier run left behind
    deadline = time.monotonic() + START_TIMEOUT_S
    while not server.answers():
        if not _is_held(server.folder / "keeper.lock") or time.monotonic() > deadline:
            raise server.refuse(f"it doesn't start. Its last words in {server.folder / 'log'}: {_last_words(server)}")
        time.sleep(POLL_S)


def _launch_keeper(server: Server) -> None:
    log_path = server.folder / "log"
    if log_path.exists() and log_path.stat().st_size > LOG_LIMIT_BYTES:
        log_path.replace(log_path.with_suffix(".old"))
    keeper = Path(__file__).with_name("keeper.py")
    with os.fdopen(_open(log_path, os.O_APPEND), "ab") as log:
        # -P: the neighbours of the script must not hide packages of the same name.
        subprocess.run(
            [sys.executable, "-P", keeper, server.folder, str(int(server.stop_signal)), server.user, *server.command],
            stdin=subprocess.DEVNULL,
            stdout=log,
            stderr=log,
            cwd=server.folder,
            check=True,
            timeout=START_TIMEOUT_S,
        )


def _last_words(server: Server) -> str:
    lines = (server.folder / "log").read_text(errors="replace").splitlines()
    return " | ".join(line.strip() for line in lines[-4:]) or "none."


def _open(path: Path, flags: int = 0) -> int:
    return os.open(path, os.O_RDWR | os.O_CREAT | flags, 0o600)


@contextlib.contextmanager
def _locked(path: Path) -> Iterator[None]:
    descriptor = _open(path)
    try:
        fcntl.flock(descriptor, fcntl.LOCK_EX)
        yield
    finally:
        fcntl.flock(descriptor, fcntl.LOCK_UN)  # closing is not enough where another thread has just forked
        os.close(descriptor)


def _try_lock(path: Path, kind: int) -> bool:
    descriptor = _open(path)
    try:
        fcntl.flock(descriptor, kind | fcntl.LOCK_NB)
    except BlockingIOError:
        return False
    else:
        return True
    finally:
        os.close(descriptor)


def _is_held(path: Path) -> bool:
    return not _try_lock(path, fcntl.LOCK_EX)


def _is_shared(path: Path) -> bool:
    """Held by users (the exclusive lock is refused, a shared one granted), not by a keeper that is stopping."""
    return _try_lock(path, fcntl.LOCK_SH) and _is_held(path)
