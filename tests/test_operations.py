"""docs/operations.md says what runs: its table of limits is held against the live configuration, row by row."""

import json
import os
import re
import subprocess
import sys
from pathlib import Path

import pytest

from smartskill.activity.models import PURPOSES
from smartskill.commands.cron import KEPT_DAYS
from smartskill.config import DEFAULTS
from smartskill.kit.broker import QUEUES
from smartskill.kit.idempotency import KEPT_FOR
from smartskill.notifications.models import STATES
from smartskill.notifications.services import tokens
from smartskill.user.services.sessions import KEPT_AFTER_END

ROOT = Path(__file__).parent.parent
OPERATIONS = (ROOT / "docs/operations.md").read_text(encoding="utf-8")
FOLDERS = ("", "smartskill", "docker")  # where the names of files in the table begin


def section(title: str) -> str:
    [found] = re.findall(rf"^#+ {title}$(.+?)(?=^#)", OPERATIONS, re.MULTILINE | re.DOTALL)
    return found


def rows(title: str) -> list[list[str]]:
    """The cells of the tables of a section, without their heads."""
    lines = [line.strip("| ").split(" | ") for line in section(title).splitlines() if line.startswith("| ")]
    return [line for place, line in enumerate(lines) if place and set(line[0]) != {"-"}]


@pytest.fixture(scope="module")
def live(tmp_path_factory) -> dict[str, dict[str, str]]:
    """The limits of an installation without settings of its own."""
    kept = {name: os.environ[name] for name in ("PATH", "HOME", "VIRTUAL_ENV") if name in os.environ}
    instance = tmp_path_factory.mktemp("operations") / "instance"
    environment = kept | {"SMARTSKILL_INSTANCE": str(instance), "SMARTSKILL_DOTENV": os.devnull}
    command = [sys.executable, "-m", "tests.live_limits"]
    run = subprocess.run(command, cwd=ROOT, env=environment, capture_output=True, text=True, timeout=60, check=False)
    assert run.returncode == 0, run.stderr
    return json.loads(run.stdout)


def test_the_table_of_limits_is_what_runs(live):
    written: dict[str, dict[str, str]] = {}
    for dependency, what, value, _ in rows("Limits and time-outs"):
        written.setdefault(dependency, {})[re.split(r", then | \(", what)[0]] = value
    assert written == live


def test_every_limit_names_a_setting_or_a_file_that_there_is():
    settings = {f"SMARTSKILL_{name}" for name in DEFAULTS} | set(DEFAULTS)
    settings |= set(re.findall(r'"(SMARTSKILL_\w+)"', (ROOT / "smartskill/commands/web.py").read_text()))
    places = {row[-1].strip("`") for row in rows("Limits and time-outs")}
    assert {place for place in places if place.isupper()} <= settings
    files = {place for place in places if not place.isupper()}
    assert files
    missing = {name for name in files if not any((ROOT / folder / name).is_file() for folder in FOLDERS)}
    assert not missing


def test_every_state_of_a_mail_is_explained():
    explained = set(re.findall(r"`([a-z]+)`", " ".join(row[0] for row in rows("What to watch"))))
    assert set(STATES) <= explained


def test_what_is_kept_is_kept_as_long_as_it_says():
    kept = {row[0]: row[1] for row in rows("Consents and how long things are kept")}
    assert f"{DEFAULTS['EVENT_RETENTION_MONTHS']} months" in kept["events (what people did)"]
    assert kept["sessions that ended"] == f"{KEPT_AFTER_END.days} days"
    assert kept["answers to an `Idempotency-Key`"] == f"{KEPT_FOR.days} day"
    assert kept["ticks of the schedule"] == f"{KEPT_DAYS} days"


def test_the_longest_public_url_is_what_leaves_room_for_the_unsubscribe_path():
    path = len("/u/") + 22
    assert f"`PUBLIC_URL`** at most {tokens.MOST - path} characters: with the {path} of" in OPERATIONS
    assert f"within the {tokens.MOST} that" in OPERATIONS


def test_queues_and_consents_are_named():
    assert all(f"`{name}`" in section("What runs") for name in QUEUES)
    assert all(f"*{purpose}*" in OPERATIONS for purpose in PURPOSES)
