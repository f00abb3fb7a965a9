"""Settings: complete in `.env.example`, checked at start, and named where they are wrong."""

import re
from pathlib import Path

import pytest

from smartskill.config import DEFAULTS, STANDARD, BadSetting, load_settings

EXAMPLE = Path(__file__).parent.parent / ".env.example"
SECRET = "x" * 32
PRODUCTION = {
    "ENV": "production", "SECRET_KEY": SECRET, "JWT_SECRET_KEY": SECRET, "DATABASE_URL": "postgresql://u@h/d",
    "REDIS_URL": "redis://h", "PUBLIC_URL": "https://skills.example.org", "MAIL_SERVER": "mail.example.org",
}  # fmt: skip


def test_env_example_is_complete():
    named = set(re.findall(r"^#([A-Z_]+)=", EXAMPLE.read_text(), re.MULTILINE))
    assert named == {name if name in STANDARD else f"SMARTSKILL_{name}" for name in DEFAULTS}


@pytest.mark.parametrize(
    "name", ["SECRET_KEY", "JWT_SECRET_KEY", "DATABASE_URL", "REDIS_URL", "PUBLIC_URL", "MAIL_SERVER"]
)
def test_production_stops_without_and_names_it(tmp_path, name):
    with pytest.raises(BadSetting, match=f"^{name} must be set in production"):
        load_settings(tmp_path, {**PRODUCTION, name: None})


@pytest.mark.parametrize(
    ("given", "words"),
    [
        ({"PORT": 99999}, "PORT must be between"),
        ({"LOG_LEVEL": "LOUD"}, "SMARTSKILL_LOG_LEVEL must be one of DEBUG, INFO"),
        ({"REGISTRATION": "maybe"}, "SMARTSKILL_REGISTRATION must be one of open, invitation, closed"),
        ({"DATABASE_URL": "mysql://x"}, "DATABASE_URL must start with"),
        ({"PUBLIC_URL": "http://skills.example.org"}, "PUBLIC_URL must start with https"),
        ({"PUBLIC_URL": "skills"}, "PUBLIC_URL must be a full address"),
        ({"SECRET_KEY": "short"}, "SECRET_KEY must be at least 32 bytes"),
        ({"PASSWORD_MIN_SCORE": 5}, "SMARTSKILL_PASSWORD_MIN_SCORE"),
    ],
)
def test_a_broken_setting_is_named(tmp_path, given, words):
    with pytest.raises(BadSetting, match=words):
        load_settings(tmp_path, given)


def test_a_secret_may_come_from_a_file(tmp_path, monkeypatch):
    file = tmp_path / "key"
    file.write_text("k" * 40 + "\n")
    monkeypatch.setenv("SECRET_KEY_FILE", str(file))
    assert load_settings(tmp_path, None)["SECRET_KEY"] == "k" * 40


def test_development_makes_its_secrets_once_and_keeps_them_private(tmp_path, monkeypatch):
    monkeypatch.delenv("SECRET_KEY", raising=False)
    first, second = load_settings(tmp_path, None), load_settings(tmp_path, None)
    assert first["SECRET_KEY"] == second["SECRET_KEY"]
    assert (tmp_path / "secrets.json").stat().st_mode & 0o777 == 0o600


def test_a_number_that_is_none_is_named(tmp_path, monkeypatch):
    monkeypatch.setenv("PORT", "five")
    with pytest.raises(BadSetting, match="PORT must be a number, not “five”"):
        load_settings(tmp_path, None)
