"""One line per event, as JSON in production, carrying the request's, the user's and the job's id through to the worker."""

import logging
import re
import sys
import uuid
from contextvars import ContextVar

from flask import Flask, Response, g, has_request_context, request
from pythonjsonlogger.json import JsonFormatter

ID = re.compile(r"^[A-Za-z0-9._-]{8,64}$")
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


def configure_logs(app: Flask) -> None:
    """Send everything to standard error in the form of `LOG_FORMAT`, and give each request an id."""
    handler = logging.StreamHandler(sys.stderr)
    handler.addFilter(Context())
    if app.config["LOG_FORMAT"] == "json":
        fields = "%(asctime)s %(levelname)s %(name)s %(message)s %(request_id)s %(user_id)s %(job_id)s"
        handler.setFormatter(JsonFormatter(fields, rename_fields={"asctime": "at", "levelname": "level"}))
    else:
        handler.setFormatter(logging.Formatter("%(asctime)s %(levelname)-7s %(name)s: %(message)s"))
    if not app.testing:
        root = logging.getLogger()
        root.handlers[:] = [handler]
        root.setLevel(app.config["LOG_LEVEL"])
        logging.getLogger("alembic").setLevel("WARNING")
    app.before_request(_name_request)
    app.after_request(_show_request_id)


def _name_request() -> None:
    given = request.headers.get("X-Request-ID", "")
    g.request_id = given if ID.match(given) else uuid.uuid4().hex


def _show_request_id(response: Response) -> Response:
    response.headers["X-Request-ID"] = g.get("request_id", "")
    return response
