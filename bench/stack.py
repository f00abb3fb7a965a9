"""A private Smart-Skill to measure: its own servers in a temporary folder, on loopback, gone afterwards."""

import contextlib
import os
import socket
import subprocess
import sys
import tempfile
import time
import urllib.error
import urllib.request
from collections.abc import Iterator
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

ROOT = Path(__file__).parent.parent


def free_port() -> int:
    """A port that nobody listens on."""
    with socket.socket() as probe:
        probe.bind(("127.0.0.1", 0))
        return probe.getsockname()[1]


@dataclass
class Stack:
    """The processes of one run; each can be started and killed by the benchmark."""

    instance: Path
    environment: dict[str, str]
    processes: list[subprocess.Popen] = field(default_factory=list)

    def start(self, *command: str, **more: str) -> subprocess.Popen:
        """Start a command in a process group of its own, its output going to the instance's log."""
        with (self.instance / "bench.log").open("ab") as log:
            process = subprocess.Popen(command, cwd=ROOT, env={**self.environment, **more}, stdout=log, stderr=log,
                                       start_new_session=True)  # fmt: skip
        self.processes.append(process)
        return process

    def start_web(self, port: int, workers: int = 2) -> None:
        """Start gunicorn and wait until it is ready."""
        self.start(sys.executable, "-m", "gunicorn", "--config", "python:smartskill.commands.web", "wsgi:app",
                   SMARTSKILL_WEB_BIND=f"127.0.0.1:{port}", SMARTSKILL_WEB_WORKERS=str(workers))  # fmt: skip
        wait_for(f"http://127.0.0.1:{port}/health/ready")

    def end(self) -> None:
        """End every process that was started here."""
        for process in self.processes:
            if process.poll() is None:
                process.terminate()
        for process in self.processes:
            with contextlib.suppress(subprocess.TimeoutExpired):
                process.wait(20)
            if process.poll() is None:
                process.kill()


@contextlib.contextmanager
def stack(kept: Path | None = None, **settings: str) -> Iterator[Stack]:
    """A stack with these environment settings, in a folder that is removed afterwards, or in one that is `kept`."""
    with contextlib.nullcontext(kept) if kept else tempfile.TemporaryDirectory(prefix="smart-skill-bench-") as folder:
        environment = {
            name: value for name, value in os.environ.items() if name not in ("DATABASE_URL", "REDIS_URL", "CACHE_URL")
        }
        environment |= {"SMARTSKILL_INSTANCE": str(folder), "PYTHONPATH": str(ROOT), "SMARTSKILL_RATE_LIMITS": "false",
                        "SMARTSKILL_LOG_LEVEL": "WARNING", **settings}  # fmt: skip
        os.environ |= {"SMARTSKILL_INSTANCE": str(folder), "SMARTSKILL_RATE_LIMITS": "false", **settings}
        made = Stack(Path(folder), environment)
        try:
            yield made
        finally:
            made.end()


def wait_for(url: str, seconds: float = 60) -> None:
    """Wait until an address answers 200."""
    deadline = time.monotonic() + seconds
    while time.monotonic() < deadline:
        with contextlib.suppress(urllib.error.URLError, OSError):
            if urllib.request.urlopen(url, timeout=2).status == 200:
                return
        time.sleep(0.2)
    raise SystemExit(f"{url} did not answer within {seconds:.0f} s")


def print_table(rows: list[dict[str, Any]]) -> None:
    """Print rows of equal keys in columns."""
    columns = list(rows[0])
    width = {name: max(len(name), *(len(str(row[name])) for row in rows)) for name in columns}
    print("  ".join(name.ljust(width[name]) for name in columns))
    for row in rows:
        print("  ".join(str(row[name]).ljust(width[name]) for name in columns))
