"""Whether this process lives, and whether it can serve: 503 only where the database is away or older than the code."""

import time
from collections.abc import Callable
from typing import Any

from flask import Flask, current_app, jsonify, request
from redis.exceptions import RedisError
from sqlalchemy import text
from sqlalchemy.exc import SQLAlchemyError

from smartskill.extensions import db, limiter
from smartskill.kit import schema_state
from smartskill.kit.broker import queue_redis
from smartskill.kit.errors import Unavailable

RECHECK_SECONDS = 5


def register_health(app: Flask, checks: dict[str, Callable[[], str]]) -> None:
    """`/health/live`, `/health/ready` and its short form `/health`; and 503 for the API while the schema is another.

    Args:
        checks: what else is told as degraded: a name, and a function that answers `ok` or what is wrong. They are
            asked only where the database is there.
    """
    app.extensions["health_checks"] = checks
    app.before_request(_refuse_while_behind)
    for path, view in (("/health/live", live), ("/health/ready", ready), ("/health", ready)):
        app.add_url_rule(path, path.strip("/").replace("/", "_"), limiter.exempt(view))


def _refuse_while_behind() -> None:
    needs_schema = request.blueprint is not None and request.path.startswith("/api/")
    if needs_schema and request.blueprint not in ("docs", "api-docs") and not is_current():
        raise Unavailable("The database's schema is not that of this program: run `flask db upgrade`.")


def live():
    """This process answers."""
    return jsonify(status="alive")


def ready():
    """What of the servers behind can be reached."""
    checks = {"database": _database(), "queue": _queue()}
    is_ready = checks["database"] == "ok"
    if is_ready:
        checks |= {name: ask() for name, ask in current_app.extensions["health_checks"].items()}
    status = "ready" if all(found == "ok" for found in checks.values()) else "degraded" if is_ready else "unavailable"
    response = jsonify(status=status, checks=checks)
    if not is_ready:
        response.status_code, response.headers["Retry-After"] = 503, "5"
    return response


def _database() -> str:
    try:
        db.session.execute(text("SELECT 1"))
        return "ok" if is_current() else "behind: run `flask db upgrade`"
    except SQLAlchemyError:
        db.session.rollback()
        return "unreachable"


def is_current() -> bool:
    """Whether the schema is the code's; once it is, it is not asked again."""
    known: dict[str, Any] = current_app.extensions.setdefault("schema_checked", {"is_current": False, "at": 0.0})
    if not known["is_current"] and time.monotonic() - known["at"] > RECHECK_SECONDS:
        known |= {"is_current": not schema_state.is_behind(db.session.connection()), "at": time.monotonic()}
    return known["is_current"]


def _queue() -> str:
    try:
        queue_redis().ping()
        return "ok"
    except (RedisError, OSError):
        return "unreachable: mail and jobs wait"
