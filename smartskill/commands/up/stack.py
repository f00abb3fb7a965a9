"""What `flask up` runs: the web server, the workers, the schedule and the mail catcher, each as its own program."""

import os
import socket
import sys
from collections.abc import Callable
from dataclasses import dataclass
from pathlib import Path

from smartskill.commands.processes import Child

ROOT = Path(__file__).parents[3]
LOG_LIMIT_BYTES = 10_000_000


class PortTaken(Exception):
    """A port that something else listens on; the text is for people."""


@dataclass(frozen=True)
class Ports:
    """Where things listen, on loopback unless said otherwise."""

    host: str
    web: int
    mail_page: int
    smtp: int
    catches_mail: bool  # false where a mail server is configured

    @property
    def url(self) -> str:
        """Where a browser on this machine finds the API."""
        return f"http://127.0.0.1:{self.web}/"

    @property
    def mail_url(self) -> str | None:
        """Where caught mail is read, if it is caught."""
        return f"http://127.0.0.1:{self.mail_page}/" if self.catches_mail else None

    def check(self) -> None:
        """Raises PortTaken for the first port that can't be had."""
        _check_port(self.host, self.web, "PORT")
        if self.catches_mail:
            _check_port("127.0.0.1", self.mail_page, "SMARTSKILL_MAIL_PAGE_PORT")
            _check_port("127.0.0.1", self.smtp, "SMARTSKILL_MAIL_CATCHER_PORT")


def _check_port(host: str, port: int, variable: str) -> None:
    with socket.socket() as probe:
        probe.setsockopt(
            socket.SOL_SOCKET, socket.SO_REUSEADDR, 1
        )  # as the server does: a closing connection is no obstacle
        try:
            probe.bind((host, port))
        except OSError as error:
            reason = error.strerror.lower() if error.strerror else str(error)
            raise PortTaken(
                f"Port {port} on {host} can't be used ({reason}): "
                f"set {variable} to another one, for example {variable}={port + 1}."
            ) from error


def environment(ports: Ports, is_demo: bool) -> dict[str, str]:
    """What the children are told beyond what we were told. The demo learns from newcomers, unless they say no."""
    learning = {"SMARTSKILL_TRACKING_DEFAULT": "true", "SMARTSKILL_PREDICTION_DEFAULT": "true"} if is_demo else {}
    told = learning | dict(os.environ) | {"PORT": str(ports.web), "SMARTSKILL_WEB_BIND": f"{ports.host}:{ports.web}"}
    if ports.catches_mail:
        told |= {
            "MAIL_SERVER": "127.0.0.1",
            "MAIL_PORT": str(ports.smtp),
            "MAIL_USE_TLS": "false",
            "MAIL_USE_SSL": "false",
        }
    return told


def make_children(instance: Path, ports: Ports, is_demo: bool, show_logs: bool) -> list[Child]:
    """The programs to keep running; their output goes to `logs/` in the instance folder unless it is to be shown."""
    logs = instance / "logs"
    logs.mkdir(mode=0o700, exist_ok=True)
    told = environment(ports, is_demo)
    flask = ["-m", "flask", "--app", "wsgi"]
    programs = {
        "web": ["-m", "gunicorn", "-c", "python:smartskill.commands.web", "wsgi:app"],
        "worker": [*flask, "rq", "worker"],
        "cron": [*flask, "rq", "cron"],
    }
    if ports.catches_mail:
        catcher = ["-m", "smartskill.commands.mail_catcher.server", str(instance / "mailbox"), "127.0.0.1"]
        programs["mail"] = [*catcher, str(ports.smtp), str(ports.mail_page)]
    return [
        Child(name, _program(arguments, told), None if show_logs else _fresh_log(logs / f"{name}.log"))
        for name, arguments in programs.items()
    ]


def _program(arguments: list[str], told: dict[str, str]) -> Callable[[], object]:
    def run() -> None:
        os.chdir(ROOT)
        os.execve(sys.executable, [sys.executable, *arguments], told)  # noqa: S606 - no shell is the point

    return run


def _fresh_log(path: Path) -> Path:
    if path.exists() and path.stat().st_size > LOG_LIMIT_BYTES:
        path.replace(path.with_suffix(".log.old"))
    return path


def last_words(child: Child, lines: int = 8) -> str:
    """The end of a child's log."""
    if child.log_path is None or not child.log_path.exists():
        return ""
    return "\n".join(child.log_path.read_text(errors="replace").splitlines()[-lines:])
