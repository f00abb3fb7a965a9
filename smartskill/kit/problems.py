"""Every error as RFC 9457 problem+json: ours, the framework's, the database's. Never HTML, never a stack trace."""

import logging
from http import HTTPStatus

from flask import Flask, Response, current_app, request
from sqlalchemy.exc import DataError, DBAPIError, IntegrityError, OperationalError
from sqlalchemy.exc import TimeoutError as PoolTimeout
from sqlalchemy.orm.exc import StaleDataError
from werkzeug.exceptions import HTTPException

from smartskill.database import Base
from smartskill.extensions import db
from smartskill.kit.errors import Conflict, Invalid, NotFound, Problem, Stale, Unavailable
from smartskill.kit.logs import request_id

log = logging.getLogger(__name__)
KEPT_HEADERS = ("Allow", "WWW-Authenticate", "Retry-After")


def answer(problem: Problem) -> Response:
    """The response for a problem, its open transaction rolled back."""
    db.session.rollback()
    body = {"type": "about:blank", "title": problem.title, "status": problem.status, "detail": problem.detail}
    if problem.errors:
        body["errors"] = problem.errors
    body |= problem.extra
    body["request_id"] = request_id()
    response = current_app.response_class(current_app.json.dumps(body), status=problem.status)
    response.mimetype = "application/problem+json"
    response.headers.extend(problem.headers)
    return response


def register_problem_handlers(app: Flask) -> None:
    """Answer each kind of exception that can reach the edge."""
    app.register_error_handler(Problem, answer)
    app.register_error_handler(HTTPException, answer_http)
    app.register_error_handler(IntegrityError, lambda error: answer(from_integrity(error)))
    app.register_error_handler(StaleDataError, lambda error: answer(Stale()))
    app.register_error_handler(DataError, answer_data_error)
    app.register_error_handler(OperationalError, answer_away)
    app.register_error_handler(PoolTimeout, answer_away)
    app.register_error_handler(Exception, answer_unexpected)


def answer_http(error: HTTPException) -> Response:
    """A problem for what Werkzeug or Flask refused, with the headers that belong to it."""
    if error.code is None or error.code < 400:
        return error.get_response()  # a redirect is no error
    problem = Problem(NotFound.__doc__ if error.code == 404 else error.description)
    problem.status, problem.title = error.code, HTTPStatus(error.code).phrase  # type: ignore[misc]
    kept = error.get_response(request.environ).headers
    problem.headers = {name: kept[name] for name in KEPT_HEADERS if name in kept}
    return answer(problem)


def from_integrity(error: IntegrityError) -> Problem:
    """The problem a broken constraint means, in the words that the constraint itself carries in `info["problem"]`."""
    diagnosis = getattr(error.orig, "diag", None)
    name = getattr(diagnosis, "constraint_name", None) or ""
    rule = _rule(name)
    words = (rule.info.get("problem") if rule is not None else None) or "This clashes with what is stored."
    kind = type(error.orig).__name__
    if kind in ("NotNullViolation", "CheckViolation"):
        field = getattr(diagnosis, "column_name", None) or (rule.info.get("field") if rule is not None else None)
        return Invalid(words, errors={field: [words]} if field else None)
    if kind == "ForeignKeyViolation" and "is not present" in str(error.orig):
        columns = [column.name for column in rule.columns] if rule is not None else []
        return Invalid(errors={column: ["There is no such item."] for column in columns} or None)
    if kind == "ForeignKeyViolation":
        return Conflict("Something else still refers to this.")
    return Conflict(words)


def _rule(name: str):
    for table in Base.metadata.tables.values():
        for rule in [*table.constraints, *table.indexes]:
            if rule.name == name:
                return rule
    return None


def answer_data_error(error: DataError) -> Response:
    """A value that passed the schema and not the column: our schema is too lenient, and the log says so."""
    log.warning("a value passed its schema and was refused by the database: %s", error.orig)
    return answer(Invalid("A value is outside what can be stored."))


def answer_away(error: DBAPIError | PoolTimeout) -> Response:
    """503 while the database cannot be reached or is full."""
    log.error("database unavailable: %s", getattr(error, "orig", error))
    return answer(Unavailable("The database cannot be reached just now; try again in a moment."))


def answer_unexpected(error: Exception) -> Response:
    """The last resort: logged whole, told to nobody."""
    log.exception("unexpected error")
    problem = Problem("Something went wrong here; it has been recorded under this request id.")
    problem.status, problem.title = 500, "Internal error"  # type: ignore[misc]
    return answer(problem)
