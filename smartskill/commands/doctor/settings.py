"""The settings and what the instance folder keeps secret."""

import os
import stat
from collections.abc import Iterator
from pathlib import Path

from flask import current_app

from smartskill.commands.doctor.finding import Finding, fail, ok, warn

PRIVATE_FILES = ("secrets.json", "demo.json", "config.py")


def check_settings() -> Iterator[Finding]:
    """They could be read, or we would not be here; what is left is how they fit together."""
    settings = current_app.config
    yield ok("settings", f"{settings['ENV']}, links in mail lead to {settings['PUBLIC_URL']}")
    if settings["ENV"] == "production" and not settings["PUBLIC_URL"].startswith("https://"):
        yield warn("address", f"PUBLIC_URL is {settings['PUBLIC_URL']}", "use https")
    if (
        settings["MAIL_SERVER"]
        and settings["MAIL_USERNAME"]
        and not (settings["MAIL_USE_TLS"] or settings["MAIL_USE_SSL"])
    ):
        yield warn(
            "mail settings", "the mail server's password is sent in the clear", "set MAIL_USE_TLS or MAIL_USE_SSL"
        )


def check_secrets() -> Iterator[Finding]:
    """Nobody else on this machine can read them."""
    instance = Path(current_app.instance_path)
    if not os.access(instance, os.W_OK):
        yield fail("instance folder", f"{instance} can't be written to", "give it to the user that runs Smart-Skill")
        return
    open_files = [instance / name for name in PRIVATE_FILES if _is_open(instance / name)]
    if open_files:
        names = " ".join(str(path) for path in open_files)
        yield fail("secrets", f"others on this machine can read {names}", f"chmod 600 {names}")
    else:
        yield ok("secrets", f"private to their owner in {instance}")


def _is_open(path: Path) -> bool:
    return path.exists() and bool(path.stat().st_mode & (stat.S_IRWXG | stat.S_IRWXO))
