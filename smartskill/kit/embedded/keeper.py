"""Keep one embedded server alive for as long as any process uses it; run as a script of its own.

Who uses the server is told by the kernel, not by a list of pids: every user holds a shared `flock` on `users.lock`, and
the keeper waits for the exclusive one. It gets it exactly when the last user has gone, however that one went (exit,
`kill -9`, a worker that forked and died), and then stops the server. One that dies under its users is started again.

    python keeper.py FOLDER STOP_SIGNAL USER COMMAND...      USER is "-" for one's own

A keeper that was killed leaves its server running; the next one adopts it by the pid and start time in `server.json`.
"""

import contextlib
import fcntl
import json
import os
import signal
import subprocess
import sys
import threading
import time
from pathlib import Path
from typing import Any

import psutil

STOP_TIMEOUT_S = 20
SHORT_LIFE_S = 2.0
MAX_SHORT_LIVES = 4


def daemonise() -> None:
    """Leave the starter's session, so that Ctrl-C in its terminal doesn't reach the server."""
    if os.fork():
        os._exit(0)
    os.setsid()
    if os.fork():
        os._exit(0)


def find_server(record: Path) -> psutil.Process | None:
    """The server an earlier keeper left running, or None: a pid alone may have been given to somebody else."""
    try:
        known = json.loads(record.read_text())
        process = psutil.Process(known["pid"])
        return process if abs(process.create_time() - known["created_at"]) < 2 and process.is_running() else None
    except (OSError, ValueError, KeyError, psutil.Error):
        return None


def start_server(folder: Path, user: str, command: list[str]) -> psutil.Process:
    """Start the server with its output in `log`, and remember it in `server.json`."""
    identity: dict[str, Any] = {} if user == "-" else {"user": user, "group": user, "extra_groups": []}
    log_path = folder / "log"
    with log_path.open("ab") as log:
        process = psutil.Popen(
            command, cwd=folder / "data", stdin=subprocess.DEVNULL, stdout=log, stderr=log, umask=0o077, **identity
        )
    record = {"pid": process.pid, "created_at": process.create_time()}
    (folder / "server.json").write_text(json.dumps(record))
    return process


def stop_server(process: psutil.Process, stop_signal: int) -> None:
    """Ask once, wait, then insist."""
    with contextlib.suppress(psutil.NoSuchProcess):
        process.send_signal(stop_signal)
        try:
            process.wait(STOP_TIMEOUT_S)
        except psutil.TimeoutExpired:
            process.kill()
            process.wait(STOP_TIMEOUT_S)


class Keeper:
    """One server, started again when it dies, until nobody uses it any more."""

    def __init__(self, folder: Path, stop_signal: int, user: str, command: list[str]) -> None:
        self.folder, self.stop_signal, self.user, self.command = folder, stop_signal, user, command
        self.lock = threading.Lock()
        self.stopping = False
        self.process = find_server(folder / "server.json") or start_server(folder, user, command)

    def stop(self, *_: object) -> None:
        with self.lock:
            self.stopping = True
            stop_server(self.process, self.stop_signal)

    def wait_for_the_last_user(self, users: int) -> None:
        fcntl.flock(users, fcntl.LOCK_EX)
        self.stop()

    def keep(self) -> None:
        short_lives = 0
        while not self.stopping and short_lives < MAX_SHORT_LIVES:
            started = time.monotonic()
            self.process.wait()
            short_lives = short_lives + 1 if time.monotonic() - started < SHORT_LIFE_S else 0
            with self.lock:
                if not self.stopping and short_lives < MAX_SHORT_LIVES:
                    time.sleep(0.1 * 2**short_lives)
                    self.process = start_server(self.folder, self.user, self.command)
        (self.folder / "server.json").unlink(missing_ok=True)


def main(folder: Path, stop_signal: int, user: str, command: list[str]) -> None:
    """Take the keeper's place, unless another holds it, and keep the server."""
    place = os.open(folder / "keeper.lock", os.O_RDWR | os.O_CREAT, 0o600)
    try:
        fcntl.flock(place, fcntl.LOCK_EX | fcntl.LOCK_NB)
    except BlockingIOError:
        return
    daemonise()
    users = os.open(folder / "users.lock", os.O_RDWR | os.O_CREAT, 0o600)
    keeper = Keeper(folder, stop_signal, user, command)
    # In a thread: the main one must stay free to take signals.
    for number in (signal.SIGTERM, signal.SIGINT, signal.SIGHUP):
        signal.signal(number, lambda *_: threading.Thread(target=keeper.stop).start())
    threading.Thread(target=keeper.wait_for_the_last_user, args=(users,), daemon=True).start()
    keeper.keep()


if __name__ == "__main__":
    main(Path(sys.argv[1]), int(sys.argv[2]), sys.argv[3], sys.argv[4:])
