"""`flask up` for real: everything starts, everything ends, and a killed run is recovered from."""

import contextlib
import json
import os
import shutil
import signal
import smtplib
import socket
import stat
import subprocess
import sys
import tempfile
import time
import urllib.error
import urllib.request
from collections.abc import Callable, Iterator
from pathlib import Path
from typing import Any

import psutil
import pytest

ROOT = Path(__file__).parents[2]
READY_WITHIN_S = 60
SERVERS = ("DATABASE_URL", "REDIS_URL", "CACHE_URL", "MAIL_SERVER", "PUBLIC_URL")


def free_ports(count: int) -> list[int]:
    probes = [socket.socket() for _ in range(count)]
    for probe in probes:
        probe.bind(("127.0.0.1", 0))
    ports = [int(probe.getsockname()[1]) for probe in probes]
    for probe in probes:
        probe.close()
    return ports


class Up:
    """`flask up` in an instance folder of its own."""

    def __init__(self, instance: Path) -> None:
        self.instance = instance
        self.web, self.page, self.smtp = free_ports(3)
        self.processes: list[subprocess.Popen[str]] = []

    def environment(self, **more: str) -> dict[str, str]:
        inherited = {name: value for name, value in os.environ.items() if name not in SERVERS}
        return inherited | {
            "SMARTSKILL_INSTANCE": str(self.instance),
            "PORT": str(self.web),
            "SMARTSKILL_MAIL_PAGE_PORT": str(self.page),
            "SMARTSKILL_MAIL_CATCHER_PORT": str(self.smtp),
            "SMARTSKILL_DOTENV": os.devnull,
        } | more  # fmt: skip

    def flask(self, *arguments: str, **more: str) -> subprocess.CompletedProcess[str]:
        """Run a command to its end."""
        command = [sys.executable, "-m", "flask", "--app", "wsgi", *arguments]
        return subprocess.run(
            command, cwd=ROOT, env=self.environment(**more), capture_output=True, text=True, timeout=60, check=False
        )

    def start(self) -> subprocess.Popen[str]:
        command = [sys.executable, "-m", "flask", "--app", "wsgi", "up", "--no-demo"]
        process = subprocess.Popen(
            command, cwd=ROOT, env=self.environment(), text=True, stdout=subprocess.PIPE, stderr=subprocess.STDOUT,
            start_new_session=True,
        )  # fmt: skip
        self.processes.append(process)
        return process

    def start_and_wait(self) -> subprocess.Popen[str]:
        announcement = self.instance / "demo.json"
        announcement.unlink(missing_ok=True)
        process = self.start()
        wait_until(lambda: announcement.exists() or process.poll() is not None, READY_WITHIN_S)
        assert process.poll() is None, process.communicate()[0]
        assert self.status("/health/ready") == 200
        return process

    def status(self, path: str) -> int:
        try:
            with urllib.request.urlopen(f"http://127.0.0.1:{self.web}{path}", timeout=5) as answer:
                return int(answer.status)
        except urllib.error.HTTPError as error:
            return error.code
        except OSError:
            return 0

    def mails(self) -> Any:
        with urllib.request.urlopen(f"http://127.0.0.1:{self.page}/api/messages", timeout=5) as answer:
            return json.load(answer)

    def everyone(self) -> dict[int, str]:
        """Every process that belongs to this instance: known by its environment, or by a path in its command."""
        found = {process.pid: self._command_if_ours(process) for process in psutil.process_iter()}
        return {pid: command for pid, command in found.items() if command and pid != os.getpid()}

    def _command_if_ours(self, process: psutil.Process) -> str | None:
        try:
            command = " ".join(process.cmdline())
            known = process.environ().get("SMARTSKILL_INSTANCE") == str(self.instance)
            return command if known or str(self.instance) in command else None
        except psutil.Error:  # gone, or a zombie
            return None

    def end(self, number: signal.Signals) -> str:
        """As a terminal does: the signal goes to the whole foreground group."""
        process = self.processes[-1]
        os.killpg(process.pid, number)
        return process.communicate(timeout=30)[0]


def wait_until(condition: Callable[[], object], seconds: float) -> bool:
    deadline = time.monotonic() + seconds
    while time.monotonic() < deadline:
        if condition():
            return True
        time.sleep(0.1)
    return bool(condition())


@pytest.fixture
def up() -> Iterator[Up]:
    # Not in pytest's own folder: each pytest that starts closes it to others, and root's database runs as another user.
    folder = tempfile.mkdtemp(prefix="up-", dir="/tmp")
    one = Up(Path(folder) / "instance")
    yield one
    for process in one.processes:
        if process.poll() is None:
            process.kill()
            process.communicate()
    for pid in one.everyone():
        with contextlib.suppress(ProcessLookupError):
            os.kill(pid, signal.SIGKILL)
    shutil.rmtree(folder, ignore_errors=True)


def test_everything_starts_and_ends_survives_a_kill_and_keeps_its_data(up: Up) -> None:
    up.start_and_wait()
    _the_api_the_mail_and_the_workers_are_there(up)
    _a_second_one_is_refused(up)
    with smtplib.SMTP("127.0.0.1", up.smtp, timeout=5) as client:
        client.sendmail("a@example.org", ["b@example.org"], b"Subject: kept\r\n\r\nHello\r\n")

    up.processes[-1].kill()
    up.processes[-1].communicate()
    assert wait_until(lambda: up.everyone() == {}, 20), up.everyone()

    up.start_and_wait()
    assert [mail["subject"] for mail in up.mails()] == ["kept"]
    said = up.end(signal.SIGINT)
    assert up.processes[-1].returncode == 0
    assert "Smart-Skill is running" in said
    assert f"http://127.0.0.1:{up.web}/" in said
    assert up.everyone() == {}
    assert not (up.instance / "up.json").exists()


def _the_api_the_mail_and_the_workers_are_there(up: Up) -> None:
    known = json.loads((up.instance / "demo.json").read_text())
    assert known == {"url": f"http://127.0.0.1:{up.web}/", "mail_url": f"http://127.0.0.1:{up.page}/", "accounts": {}}
    assert stat.S_IMODE((up.instance / "demo.json").stat().st_mode) == 0o600
    assert up.status("/api/openapi.json") == 200
    assert wait_until(lambda: up.flask("doctor").stdout.count("1 at work") == 3, 20)
    found = up.flask("doctor", MAIL_SERVER="127.0.0.1", MAIL_PORT=str(up.smtp))
    assert found.returncode == 0, found.stdout
    assert {line.split()[0] for line in found.stdout.splitlines()} == {"ok"}, found.stdout


def _a_second_one_is_refused(up: Up) -> None:
    second = up.flask("up", "--no-demo")
    assert second.returncode == 1
    assert second.stderr == f"Error: Smart-Skill already runs from {up.instance}; end that one first.\n"


def test_sigterm_ends_everything_and_a_dead_program_is_replaced_meanwhile(up: Up) -> None:
    up.start_and_wait()
    children = psutil.Process(up.processes[-1].pid).children()
    web = next(child for child in children if "gunicorn" in " ".join(child.cmdline()))
    web.kill()
    web.wait(5)
    assert wait_until(lambda: up.status("/health/ready") == 200, 20)
    up.processes[-1].terminate()
    up.processes[-1].communicate(timeout=30)
    assert up.processes[-1].returncode == 0
    assert up.everyone() == {}


@pytest.mark.parametrize("which", ["web", "page", "smtp"])
def test_a_port_in_use_is_one_clear_sentence(up: Up, which: str) -> None:
    with socket.socket() as other:
        other.bind(("127.0.0.1", getattr(up, which)))
        other.listen()
        refused = up.flask("up", "--no-demo")
    assert refused.returncode == 1
    variable = {"web": "PORT", "page": "SMARTSKILL_MAIL_PAGE_PORT", "smtp": "SMARTSKILL_MAIL_CATCHER_PORT"}[which]
    port = getattr(up, which)
    assert refused.stderr == (
        f"Error: Port {port} on 127.0.0.1 can't be used (address already in use): "
        f"set {variable} to another one, for example {variable}={port + 1}.\n"
    )
    assert wait_until(lambda: up.everyone() == {}, 10)


@pytest.mark.parametrize(
    ("setting", "value", "sentence"),
    [
        ("PORT", "0", "PORT must be between 1 and 65535, not 0."),
        ("SMARTSKILL_RATE_LIMITS", "maybe", "SMARTSKILL_RATE_LIMITS must be true or false, not “maybe”."),
        ("DATABASE_URL", "mysql://x", "DATABASE_URL must start with postgres:// or postgresql://."),
    ],
)
def test_a_broken_setting_is_one_clear_sentence(up: Up, setting: str, value: str, sentence: str) -> None:
    refused = up.flask("up", "--no-demo", **{setting: value})
    assert (refused.returncode, refused.stderr) == (1, f"Error: {sentence}\n")


def test_a_given_server_that_is_away_is_one_clear_sentence(up: Up) -> None:
    (port,) = free_ports(1)
    refused = up.flask("up", "--no-demo", DATABASE_URL=f"postgresql://x@127.0.0.1:{port}/x")
    assert refused.returncode == 1
    assert refused.stderr.splitlines()[-1].startswith("Error: The database can't be reached (DATABASE_URL): ")
    assert "Traceback" not in refused.stderr
    refused = up.flask("up", "--no-demo", REDIS_URL=f"redis://127.0.0.1:{port}")
    assert refused.returncode == 1
    assert refused.stderr.splitlines()[-1].startswith("Error: Redis can't be reached (REDIS_URL): ")
    assert "Traceback" not in refused.stderr
