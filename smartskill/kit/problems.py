"""Every error as RFC 9457 problem+json: ours, the framework's, the database's. Never HTML, never a stack trace."""

import logging
from http import HTTPStatus
from typing import Any

from flask import Flask, Response, current_app, request
from sqlalchemy.exc import DataError, DBAPIError, IntegrityError, InterfaceError, OperationalError
from sqlalchemy.exc import TimeoutError as PoolTimeout
from sqlalchemy.orm.exc import StaleDataError
from werkzeug.exceptions import HTTPException
from werkzeug.wrappers import Response as BaseResponse

from smartskill.database import Base
from smartskill.kit.embedded.lease import EmbeddedServerUnavailable
from smartskill.kit.errors import Conflict, Invalid, NotFound, Problem, Stale, TooMany, Unavailable
from smartskill.kit.limits import seconds_to_wait
from smartskill.kit.logs import request_id
from smartskill.kit.pages import missing_page
from smartskill.kit.transaction import roll_back

log = logging.getLogger(__name__)
KEPT_HEADERS = ("Allow", "WWW-Authenticate", "Retry-After")
WORDS = {404: NotFound.__doc__, 405: "This address does not take that method; the header Allow names those it takes."}


def answer(problem: Problem) -> Response:
    """The response for a problem, its open transaction rolled back."""
    roll_back()
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
    for kind in (OperationalError, InterfaceError, PoolTimeout, EmbeddedServerUnavailable):
        app.register_error_handler(kind, answer_away)
    app.register_error_handler(DBAPIError, answer_database_error)
    app.register_error_handler(Exception, answer_unexpected)


def _is_browser() -> bool:
    """Whether a person followed a link to a place that the API does not own."""
    return (
        request.method == "GET"
        and not request.path.startswith("/api")
        and "text/html" in request.headers.get("Accept", "")
    )


def answer_http(error: HTTPException) -> BaseResponse:
    """A problem for what Werkzeug or Flask refused, with the headers that belong to it."""
    if error.code is None or error.code < 400:
        return error.get_response()  # a redirect is no error
    if error.code == 404 and _is_browser():
        return missing_page()
    kept = error.get_response(request.environ).headers
    headers = {name: kept[name] for name in KEPT_HEADERS if name in kept}
    if error.code == 429:
        return answer(TooMany(headers={"Retry-After": str(seconds_to_wait()), **headers}))
    problem = Problem(WORDS.get(error.code) or error.description, headers=headers)
    problem.status, problem.title = error.code, HTTPStatus(error.code).phrase  # type: ignore[misc]
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
    if kind == "ForeignKeyViolation" and _is_delete(error):
        return Conflict("Something else still refers to this.")
    if kind == "ForeignKeyViolation":
        columns = [column.name for column in rule.columns] if rule is not None else []
        return Invalid(errors={column: ["There is no such item."] for column in columns} or None)
    return Conflict(words)


def _is_delete(error: IntegrityError) -> bool:
    # The constraint is the same both ways, and the server's words may be in any language.
    return (error.statement or "").lstrip().upper().startswith("DELETE")


def _rule(name: str) -> Any:
    """The constraint or unique index of that name."""
    for table in Base.metadata.tables.values():
        for rule in [*table.constraints, *table.indexes]:
            if getattr(rule, "name", None) == name:
                return rule
    return None


def answer_data_error(error: DataError) -> Response:
    """A value that passed the schema and not the column: our schema is too lenient, and the log says so."""
    log.warning("a value passed its schema and was refused by the database: %s", error.orig)
    return answer(Invalid("A value is outside what can be stored."))


def answer_away(error: Exception) -> Response:
    """503 while the database cannot be reached, is full, or gave up on a statement (deadlock, time-out)."""
    log.error("database unavailable: %s", getattr(error, "orig", error))
    return answer(Unavailable("The database cannot serve this just now; try again in a moment."))


def answer_database_error(error: DBAPIError) -> Response:
    """503 where the connection broke meanwhile; else it is our mistake."""
    return answer_away(error) if error.connection_invalidated else answer_unexpected(error)


def answer_unexpected(error: Exception) -> Response:
    """The last resort: logged whole, told to nobody."""
    log.exception("unexpected error")
    problem = Problem("Something went wrong here; it has been recorded under this request id.")
    problem.status, problem.title = 500, "Internal error"  # type: ignore[misc]
    return answer(problem)
