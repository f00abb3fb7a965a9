"""One line per event, as JSON in production, carrying the request's, the user's and the job's id through to the worker.

Each request leaves a line too: its route and not its address, whose parts may be tokens.
"""

import logging
import re
import sys
import time
import uuid
from contextvars import ContextVar
from typing import TextIO

from flask import Flask, Response, g, has_request_context, request
from pythonjsonlogger.json import JsonFormatter

access = logging.getLogger("smartskill.access")
ID = re.compile(r"[A-Za-z0-9._-]{8,64}")
current_request: ContextVar[str | None] = ContextVar("request_id", default=None)
current_job: ContextVar[str | None] = ContextVar("job_id", default=None)


def request_id() -> str | None:
    """The id of the request being served, or of the request that enqueued the job being run."""
    if has_request_context():
        return g.get("request_id")
    return current_request.get()


class Context(logging.Filter):
    """Adds the ids to each record."""

    def filter(self, record: logging.LogRecord) -> bool:
        record.request_id = request_id()
        record.job_id = current_job.get()
        record.user_id = g.get("user_id") if has_request_context() else None
        return True


def make_handler(form: str, stream: TextIO) -> logging.Handler:
    """A handler that writes `json` or `text` to a stream."""
    handler = logging.StreamHandler(stream)
    handler.addFilter(Context())
    if form == "json":
        fields = "%(asctime)s %(levelname)s %(name)s %(message)s %(request_id)s %(user_id)s %(job_id)s"
        handler.setFormatter(JsonFormatter(fields, rename_fields={"asctime": "at", "levelname": "level"}))
    else:
        handler.setFormatter(logging.Formatter("%(asctime)s %(levelname)-7s %(name)s: %(message)s"))
    return handler


def configure_logs(app: Flask) -> None:
    """Send everything to standard error in the form of `LOG_FORMAT`, and give each request an id."""
    if not app.testing:
        root = logging.getLogger()
        root.handlers[:] = [make_handler(app.config["LOG_FORMAT"], sys.stderr)]
        root.setLevel(app.config["LOG_LEVEL"])
        logging.getLogger("alembic").setLevel("WARNING")
    app.before_request(_name_request)
    app.after_request(_show_request_id)


def _name_request() -> None:
    given = request.headers.get("X-Request-ID", "")
    g.request_id = given if ID.fullmatch(given) else uuid.uuid4().hex
    g.began = time.perf_counter()


def _show_request_id(response: Response) -> Response:
    response.headers["X-Request-ID"] = g.get("request_id", "")
    route = request.url_rule.rule if request.url_rule else "-"
    if route.startswith("/health"):
        return response  # asked every few seconds
    facts = {
        "method": request.method,
        "route": route,
        "status": response.status_code,
        "duration_ms": round((time.perf_counter() - g.began) * 1000, 1) if "began" in g else None,
    }
    access.info("%(method)s %(route)s %(status)s %(duration_ms)s ms", facts, extra=facts)
    return response
