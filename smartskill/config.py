"""Every setting, its default and its unit.

Read in this order, the later winning: the defaults here, `instance/config.py`, the environment (`.env` included), the
mapping given to `create_app`. Standard names (`DATABASE_URL`, `PORT`, …) carry no prefix in the environment, all
others are `SMARTSKILL_<NAME>`. Any setting may be given as `<NAME>_FILE`, naming a file that holds it.
"""

import json
import os
import re
import secrets
from collections.abc import Mapping
from datetime import timedelta
from pathlib import Path
from typing import Any
from urllib.parse import urlsplit

from click import ClickException
from dotenv import dotenv_values

DEFAULTS: dict[str, Any] = {
    "ENV": "development",  # development | production
    "SECRET_KEY": None,
    "JWT_SECRET_KEY": None,
    "DATABASE_URL": None,  # none: the embedded PostgreSQL under the instance folder
    "REDIS_URL": None,  # the queue's; none: the embedded Valkey
    "CACHE_URL": None,  # none: the queue's server, database 1
    "PORT": 5000,
    "PUBLIC_URL": None,  # the address in links of mails; none: http://127.0.0.1:<PORT>
    "CORS_ORIGINS": None,  # comma-separated; none: nobody in production, localhost 3000 and 5173 in development
    "TRUSTED_PROXIES": 0,  # how many reverse proxies stand in front and set X-Forwarded-*
    "LOG_FORMAT": None,  # json | text; none: json in production
    "LOG_LEVEL": "INFO",
    # Database: sizes in connections, times in seconds
    "DATABASE_POOL_SIZE": 5,
    "DATABASE_POOL_OVERFLOW": 10,
    "DATABASE_POOL_TIMEOUT": 3,
    "DATABASE_CONNECT_TIMEOUT": 3,
    "DATABASE_STATEMENT_TIMEOUT": 30,
    # Redis: seconds
    "REDIS_TIMEOUT": 5,
    "CACHE_TIMEOUT": 0.2,
    "CACHE_SECONDS": 60,
    "CACHE_BREAKER_SECONDS": 5,
    # Accounts
    "REGISTRATION": "open",  # open | invitation | closed
    "PASSWORD_MIN_SCORE": 2,  # zxcvbn, 0 - 4
    "ACCESS_TOKEN_SECONDS": 600,
    "REFRESH_TOKEN_DAYS": 14,
    "REFRESH_GRACE_SECONDS": 10,
    "INVITATION_DAYS": 14,
    "VERIFICATION_DAYS": 7,
    "PASSWORD_RESET_MINUTES": 60,
    "HASHING_SLOTS": 4,  # passwords hashed at once in a process, 64 MiB each
    # Rate limits
    "RATE_LIMITS": True,
    "LOGIN_FAILURES_PER_ACCOUNT": "30 per hour",
    "LOGIN_FAILURES_PER_ADDRESS": "100 per hour",
    "REGISTRATIONS_PER_ADDRESS": "60 per hour",
    "MAIL_REQUESTS_PER_ADDRESS": "20 per hour",
    # Bodies
    "MAX_BODY_BYTES": 1_048_576,
    "MAX_UPLOAD_BYTES": 10_485_760,
    "IMPORT_FILE_DAYS": 7,  # how long a file that was handed in, and its refused rows, are kept
    # Mail
    "MAIL_SERVER": None,  # none: mail lands as .eml in instance/mail/
    "MAIL_PORT": 25,
    "MAIL_USE_TLS": False,
    "MAIL_USE_SSL": False,
    "MAIL_USERNAME": None,
    "MAIL_PASSWORD": None,
    "MAIL_TIMEOUT": 10,  # seconds
    "MAIL_PER_DOMAIN": "600",  # mails a minute to one receiving domain, with exceptions: "600, gmail.com=100, a.org=0"
    "MAIL_BOUNCES": None,  # a Maildir whose bounces and complaints are read every five minutes
    "MAIL_DOMAIN": None,  # of Message-ID and List-ID; none: the host of PUBLIC_URL
    "MAIL_SENDER_SERVICE": None,  # none: service@<MAIL_DOMAIN>
    "MAIL_SENDER_SUBSCRIPTION": None,  # none: hello@<MAIL_DOMAIN>
    # Learning and notices
    "TRACKING_DEFAULT": False,  # may acts be recorded where the person has not said
    "PREDICTION_DEFAULT": False,
    "EVENT_RETENTION_MONTHS": 25,
    "HOLDOUT_SHARE": 0.10,
    "MAIL_BUDGET_PER_WEEK": 0.3,  # subscription mails per person
    "QUIET_HOURS": "20-8",  # local hours without mail
    "DELIVERY_LEASE_SECONDS": 30,
    # Docs
    "API_DOCS": True,
    "DEBUG_TOOLBAR": True,  # in development with --debug only
}

STANDARD = {
    "SECRET_KEY",
    "JWT_SECRET_KEY",
    "DATABASE_URL",
    "REDIS_URL",
    "CACHE_URL",
    "PORT",
    "PUBLIC_URL",
    "CORS_ORIGINS",
} | {name for name in DEFAULTS if name.startswith("MAIL_") and name != "MAIL_BUDGET_PER_WEEK"}
SECRETS = ("SECRET_KEY", "JWT_SECRET_KEY")
LOOPBACK = {"localhost", "127.0.0.1", "::1"}
LIMITS = re.compile(r"\d{1,6}(\s*,\s*[\w.-]+\s*=\s*\d{1,6})*")
CHOICES = {
    "ENV": ("development", "production"),
    "REGISTRATION": ("open", "invitation", "closed"),
    "LOG_FORMAT": (None, "json", "text"),
    "LOG_LEVEL": ("DEBUG", "INFO", "WARNING", "ERROR", "CRITICAL"),
}
TESTING = {
    "TESTING": True,
    "RATE_LIMITS": False,
    "MAIL_SERVER": None,
    "TRACKING_DEFAULT": True,
    "PREDICTION_DEFAULT": True,
}


class BadSetting(ClickException):  # so that any `flask` command says it in one line and exits with 1
    """A setting that stops the start; its text is one sentence that names the setting."""


def load_settings(instance: Path, given: Mapping[str, Any] | type | str | None) -> dict[str, Any]:
    """Return all settings, checked and completed.

    Args:
        instance: the instance folder; holds `config.py` and, in development, the generated `secrets.json`.
        given: a mapping, a class with upper-case attributes, `"testing"`, or None.
    Raises:
        BadSetting: a value is missing or unusable.
    """
    settings = DEFAULTS | _from_file(instance / "config.py") | _from_environment() | _from_argument(given)
    _check(settings)
    _complete_secrets(settings, instance)
    return settings | _derived(settings)


def _from_file(path: Path) -> dict[str, Any]:
    if not path.is_file():
        return {}
    values: dict[str, Any] = {}
    exec(compile(path.read_text(encoding="utf-8"), str(path), "exec"), values)  # noqa: S102 - the operator's own file
    return {name: value for name, value in values.items() if name.isupper()}


def _from_environment() -> dict[str, Any]:
    environment = {**dotenv_values(os.environ.get("SMARTSKILL_DOTENV", ".env")), **os.environ}
    found = {}
    for name, default in DEFAULTS.items():
        key = name if name in STANDARD else f"SMARTSKILL_{name}"
        text = _text_of(environment, key)
        if text not in (None, ""):
            found[name] = _parse(key, str(text), default)
    return found


def _text_of(environment: Mapping[str, str | None], key: str) -> str | None:
    path = environment.get(f"{key}_FILE")
    if not path:
        return environment.get(key)
    try:
        return Path(path).read_text(encoding="utf-8").strip()
    except OSError as error:
        raise BadSetting(f"{key}_FILE names {path}, which cannot be read: {error.strerror}.") from error


def _parse(key: str, text: str, default: Any) -> Any:
    if isinstance(default, bool):
        if text.lower() in ("1", "true", "yes", "on"):
            return True
        if text.lower() in ("0", "false", "no", "off"):
            return False
        raise BadSetting(f"{key} must be true or false, not “{text}”.")
    if isinstance(default, int | float):
        try:
            return type(default)(text)
        except ValueError as error:
            raise BadSetting(f"{key} must be a number, not “{text}”.") from error
    return text


def _from_argument(given: Mapping[str, Any] | type | str | None) -> dict[str, Any]:
    if given is None:
        return {}
    if given == "testing":
        return dict(TESTING)
    if isinstance(given, str):
        raise BadSetting(f"create_app knows the settings “testing”, not “{given}”.")
    if isinstance(given, Mapping):
        return dict(given)
    return {name: getattr(given, name) for name in dir(given) if name.isupper()}


def _check(settings: dict[str, Any]) -> None:
    for name, allowed in CHOICES.items():
        if settings[name] not in allowed:
            wanted = ", ".join(str(value) for value in allowed if value)
            raise BadSetting(f"{_key(name)} must be one of {wanted}, not “{settings[name]}”.")
    if not 0 < int(settings["PORT"]) < 65536:
        raise BadSetting(f"PORT must be between 1 and 65535, not {settings['PORT']}.")
    if not 0 <= settings["PASSWORD_MIN_SCORE"] <= 4:
        raise BadSetting("SMARTSKILL_PASSWORD_MIN_SCORE must be between 0 and 4.")
    if not LIMITS.fullmatch(str(settings["MAIL_PER_DOMAIN"])):
        raise BadSetting("MAIL_PER_DOMAIN must be mails a minute, such as 600 or “600, gmail.com=100”; 0 is no limit.")
    for name, schemes in {
        "DATABASE_URL": ("postgres", "postgresql"),
        "REDIS_URL": ("redis", "rediss", "unix"),
        "CACHE_URL": ("redis", "rediss", "unix"),
    }.items():
        value = settings[name]
        if value and urlsplit(value).scheme.split("+")[0] not in schemes:
            raise BadSetting(f"{name} must start with {' or '.join(f'{scheme}://' for scheme in schemes)}.")
    public = settings["PUBLIC_URL"]
    if public and (urlsplit(public).scheme not in ("http", "https") or not urlsplit(public).hostname):
        raise BadSetting(f"PUBLIC_URL must be a full address such as https://skills.example.org, not “{public}”.")
    if public and urlsplit(public).scheme == "http" and urlsplit(public).hostname not in LOOPBACK:
        raise BadSetting(
            "PUBLIC_URL must start with https:// unless it is on this machine: its links sign people out and in."
        )


def _key(name: str) -> str:
    return name if name in STANDARD else f"SMARTSKILL_{name}"


def _complete_secrets(settings: dict[str, Any], instance: Path) -> None:
    missing = [name for name in SECRETS if not settings[name]]
    if missing and settings["ENV"] == "production":
        raise BadSetting(f"{missing[0]} must be set in production (32 bytes or more); nothing stands in for it.")
    if missing:
        stored = _stored_secrets(instance / "secrets.json")
        settings.update({name: stored[name] for name in missing})
    for name in SECRETS:
        if len(str(settings[name]).encode()) < 32:
            raise BadSetting(f"{name} must be at least 32 bytes long.")
    if settings["ENV"] == "production":
        for name in ("DATABASE_URL", "REDIS_URL", "PUBLIC_URL", "MAIL_SERVER"):
            if not settings[name]:
                raise BadSetting(f"{name} must be set in production.")


def _stored_secrets(path: Path) -> dict[str, str]:
    path.parent.mkdir(parents=True, exist_ok=True)
    try:
        descriptor = os.open(path, os.O_WRONLY | os.O_CREAT | os.O_EXCL, 0o600)
    except FileExistsError:
        return _read_secrets(path)
    made = {name: secrets.token_hex(32) for name in SECRETS}
    with os.fdopen(descriptor, "w", encoding="utf-8") as file:
        json.dump(made, file)
    return made


def _read_secrets(path: Path) -> dict[str, str]:
    try:
        return json.loads(path.read_text(encoding="utf-8"))
    except (OSError, ValueError) as error:
        raise BadSetting(f"{path} cannot be read as JSON; delete it to have new secrets made.") from error


def _derived(settings: dict[str, Any]) -> dict[str, Any]:
    public = (settings["PUBLIC_URL"] or f"http://127.0.0.1:{settings['PORT']}").rstrip("/")
    domain = settings["MAIL_DOMAIN"] or _domain_of(public)
    production = settings["ENV"] == "production"
    origins = settings["CORS_ORIGINS"]
    if origins is None:
        origins = "" if production else "http://localhost:3000,http://localhost:5173,http://127.0.0.1:5173"
    return {
        "PUBLIC_URL": public,
        "MAIL_DOMAIN": domain,
        "MAIL_SENDER_SERVICE": settings["MAIL_SENDER_SERVICE"] or f"service@{domain}",
        "MAIL_SENDER_SUBSCRIPTION": settings["MAIL_SENDER_SUBSCRIPTION"] or f"hello@{domain}",
        "CORS_ORIGINS": [origin.strip() for origin in origins.split(",") if origin.strip()],
        "LOG_FORMAT": settings["LOG_FORMAT"] or ("json" if production else "text"),
        "MAX_CONTENT_LENGTH": settings["MAX_UPLOAD_BYTES"],
        **_library_settings(settings, production),
    }


def _domain_of(public: str) -> str:
    host = urlsplit(public).hostname or "localhost"
    return "smart-skill.localhost" if host in LOOPBACK else host


def _library_settings(settings: dict[str, Any], production: bool) -> dict[str, Any]:
    """The names that Flask's extensions read; set here so that nothing else has to know them."""
    return {
        "API_TITLE": "Smart-Skill",
        "API_VERSION": "v1",
        "OPENAPI_VERSION": "3.1.0",
        "OPENAPI_URL_PREFIX": "/api",
        "OPENAPI_JSON_PATH": "openapi.json",
        "SQLALCHEMY_ENGINE_OPTIONS": {},
        "JWT_ALGORITHM": "HS256",
        "JWT_DECODE_ALGORITHMS": ["HS256"],
        "JWT_TOKEN_LOCATION": ["headers"],
        "JWT_DECODE_LEEWAY": 5,
        "JWT_ACCESS_TOKEN_EXPIRES": timedelta(seconds=settings["ACCESS_TOKEN_SECONDS"]),
        "JWT_REFRESH_TOKEN_EXPIRES": timedelta(days=settings["REFRESH_TOKEN_DAYS"]),
        "JWT_COOKIE_SECURE": production,
        "JWT_COOKIE_SAMESITE": "Strict",
        "JWT_REFRESH_COOKIE_PATH": "/api/users",
        "JWT_REFRESH_CSRF_COOKIE_PATH": "/",
        "JWT_COOKIE_CSRF_PROTECT": True,
        "JSON_SORT_KEYS": False,
    }
