"""The whole product, started as a user starts it, and driven from outside: HTTP, the mail page, commands."""

import contextlib
import http.client
import json
import os
import signal
import socket
import subprocess
import sys
import time
from collections.abc import Callable
from pathlib import Path
from typing import Any
from urllib.parse import urlsplit

ROOT = Path(__file__).parent.parent.parent


def free_port() -> int:
    with socket.socket() as probe:
        probe.bind(("127.0.0.1", 0))
        return probe.getsockname()[1]


class Product:
    """`flask up` in an instance folder of its own."""

    def __init__(self, instance: Path, *options: str) -> None:
        self.instance, self.port, self.mail_port = instance, free_port(), free_port()
        self.environment = {
            name: value for name, value in os.environ.items() if name not in ("DATABASE_URL", "REDIS_URL", "CACHE_URL")
        }
        self.environment |= {
            "SMARTSKILL_INSTANCE": str(instance),
            "PORT": str(self.port),
            "PYTHONUNBUFFERED": "1",
            "SMARTSKILL_MAIL_PAGE_PORT": str(self.mail_port),
            "SMARTSKILL_MAIL_CATCHER_PORT": str(free_port()),
        }
        self.output = instance.parent / "up.log"
        self.process = subprocess.Popen(
            self._flask("up", *options),
            cwd=ROOT,
            env=self.environment,
            stdout=self.output.open("ab"),
            stderr=subprocess.STDOUT,
            start_new_session=True,
        )

    def _flask(self, *words: str) -> list[str]:
        return [sys.executable, "-m", "flask", "--app", "wsgi", *words]

    def wait_until_ready(self, seconds: float = 120) -> None:
        """Wait for the line that says so; show what it said instead, if it gave up."""

        def is_ready() -> bool:
            assert self.process.poll() is None, self.output.read_text()
            return "is running" in self.output.read_text()

        wait_until(is_ready, seconds, lambda: self.output.read_text())

    def flask(self, *words: str) -> subprocess.CompletedProcess:
        """Run a command beside it."""
        mail = {"MAIL_SERVER": "127.0.0.1", "MAIL_PORT": self.environment["SMARTSKILL_MAIL_CATCHER_PORT"]}
        return subprocess.run(
            self._flask(*words),
            cwd=ROOT,
            env=self.environment | mail,
            capture_output=True,
            text=True,
            timeout=180,
            check=False,
        )

    def python(self, script: str) -> str:
        """Run some lines in the application's context: what only the clock would bring about."""
        lines = "\n".join(f"    {line}" for line in script.strip().splitlines())
        whole = f"from smartskill import create_app\nwith create_app().app_context():\n{lines}\n"
        run = subprocess.run(
            [sys.executable, "-c", whole], cwd=ROOT, env=self.environment, capture_output=True, text=True, check=False
        )
        assert run.returncode == 0, run.stdout + run.stderr
        return run.stdout

    def ask(
        self, method: str, path: str, body: Any = None, token: str | None = None, **headers: str
    ) -> tuple[int, dict, Any]:
        """One request to the API; what is neither text nor bytes is sent as JSON, and JSON comes back parsed."""
        return ask(self.port, method, path, body, token, **headers)

    def mails_to(self, address: str) -> list[dict]:
        """The mails caught for an address, newest first, each whole."""
        _, _, found = ask(self.mail_port, "GET", f"/api/messages?to={address}&page_size=100")
        return [ask(self.mail_port, "GET", f"/api/messages/{one['id']}")[2] for one in found]

    def end(self, how: signal.Signals = signal.SIGTERM) -> int:
        """End it as a terminal or an init system would."""
        if self.process.poll() is None:
            self.process.send_signal(how)
        with contextlib.suppress(subprocess.TimeoutExpired):
            return self.process.wait(40)
        self.process.kill()
        raise AssertionError("it did not end within 40 s")


def ask(
    port: int, method: str, path: str, body: Any = None, token: str | None = None, **headers: str
) -> tuple[int, dict, Any]:
    sent = {name.replace("_", "-"): value for name, value in headers.items()}
    if token:
        sent["Authorization"] = f"Bearer {token}"
    if body is not None and not isinstance(body, str | bytes):
        body, sent = json.dumps(body), {"Content-Type": "application/json", **sent}
    connection = http.client.HTTPConnection("127.0.0.1", port, timeout=60)
    with contextlib.closing(connection):
        connection.request(method, path, body, sent)
        response = connection.getresponse()
        text = response.read()
        is_json = "json" in response.headers.get("Content-Type", "")
        return (
            response.status,
            dict(response.headers),
            json.loads(text) if is_json and text else text.decode(errors="replace"),
        )


def wait_until(holds: Callable[[], bool], seconds: float, explain: Callable[[], str] = str) -> None:
    """Wait until something holds."""
    deadline = time.monotonic() + seconds
    while not holds():
        assert time.monotonic() < deadline, f"not within {seconds} s: {explain()}"
        time.sleep(0.25)


def path_of(url: str) -> str:
    """The path and query of an address."""
    parts = urlsplit(url)
    return parts.path + (f"?{parts.query}" if parts.query else "")
