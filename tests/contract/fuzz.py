"""`make fuzz`: Schemathesis with every check against gunicorn and real servers, signed in as whoever may.

    python -m tests.contract.fuzz [--max-examples 50] [any option of `st run`]

Starts its own database and Valkey in a temporary folder, and ends them. The exit code is Schemathesis' own.
"""

import os
import signal
import socket
import subprocess
import sys
import tempfile
import time
from pathlib import Path
from urllib.error import URLError
from urllib.request import urlopen

from tests.architecture.sources import ROOT

BIN = Path(sys.executable).parent
READY_SECONDS = 60


def main(options: list[str]) -> int:
    """Serve, attack, stop."""
    with tempfile.TemporaryDirectory(prefix="fuzz-", ignore_cleanup_errors=True) as folder:
        port = _free_port()
        settings = {
            "SMARTSKILL_INSTANCE": folder,
            "SMARTSKILL_DOTENV": "",
            "SMARTSKILL_RATE_LIMITS": "false",
            "SMARTSKILL_LOG_LEVEL": "WARNING",
            "PORT": str(port),
            "PYTHONPATH": str(ROOT),
        }
        environment = {**os.environ, **settings}
        log = Path(options.pop(0).removeprefix("--log=") if options[:1] and options[0].startswith("--log=") else folder + "/web.log")
        with log.open("w") as output:
            command = [BIN / "gunicorn", "-c", "python:smartskill.commands.web", "wsgi:app"]
            web = subprocess.Popen(command, cwd=ROOT, env=environment, stdout=output, stderr=subprocess.STDOUT)
            try:
                base = f"http://127.0.0.1:{port}"
                _wait_for(f"{base}/health/ready")
                run = [BIN / "st", "run", f"{base}/api/openapi.json", "--report-dir", f"{folder}/report", *options]
                return subprocess.run(run, cwd=ROOT, env=environment, check=False).returncode
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
