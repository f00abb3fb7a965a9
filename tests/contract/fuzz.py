"""`make fuzz`: Schemathesis with every check against gunicorn and real servers, signed in as whoever may.

    python -m tests.contract.fuzz [--log FILE] [any option of `st run`]

Starts its own database and Valkey in a temporary folder, and ends them. The exit code is Schemathesis' own.
"""

import argparse
import contextlib
import os
import signal
import socket
import subprocess
import sys
import tempfile
import time
from collections.abc import Iterator
from pathlib import Path
from urllib.error import URLError
from urllib.request import urlopen

from tests.architecture.sources import ROOT

BIN = Path(sys.executable).parent
READY_SECONDS = 180


def main(arguments: list[str]) -> int:
    """Serve, attack, stop."""
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--log", type=Path, default=os.devnull, help="where the web processes write")
    chosen, options = parser.parse_known_args(arguments)
    with tempfile.TemporaryDirectory(prefix="fuzz-") as folder, serving(folder, chosen.log) as base:
        command = [BIN / "st", "run", f"{base}/api/openapi.json", "--report-dir", f"{folder}/report", *options]
        return subprocess.run(command, cwd=ROOT, env=environment(folder), check=False).returncode


def environment(folder: str, port: int = 0) -> dict[str, str]:
    """Servers of our own, no limits on how often one may ask, and the project's modules within reach."""
    settings = {
        "SMARTSKILL_INSTANCE": folder,
        "SMARTSKILL_DOTENV": "",
        "SMARTSKILL_RATE_LIMITS": "false",
        "SMARTSKILL_LOG_LEVEL": "WARNING",
        "PORT": str(port or 5000),
        "PYTHONPATH": str(ROOT),
    }
    return {**os.environ, **settings}


@contextlib.contextmanager
def serving(folder: str, log: Path) -> Iterator[str]:
    """gunicorn on a free port, until the block ends; gives its address."""
    port = _free_port()
    command = [BIN / "gunicorn", "-c", "python:smartskill.commands.web", "wsgi:app"]
    with open(log, "w") as output:
        web = subprocess.Popen(
            command, cwd=ROOT, env=environment(folder, port), stdout=output, stderr=subprocess.STDOUT
        )
        try:
            _wait_for(f"http://127.0.0.1:{port}/health/ready")
            yield f"http://127.0.0.1:{port}"
        finally:
            web.send_signal(signal.SIGTERM)
            web.wait(30)


def _free_port() -> int:
    with socket.socket() as listener:
        listener.bind(("127.0.0.1", 0))
        return listener.getsockname()[1]


def _wait_for(address: str) -> None:
    ends_at = time.monotonic() + READY_SECONDS
    while time.monotonic() < ends_at:
        try:
            with urlopen(address, timeout=5):
                return
        except (URLError, OSError):
            time.sleep(0.2)
    raise SystemExit(f"{address} did not answer within {READY_SECONDS} s")


if __name__ == "__main__":
    raise SystemExit(main(sys.argv[1:]))
