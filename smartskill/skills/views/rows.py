"""Hot reads: rows, encoded once. Their response schema documents them, and a test holds them against it."""

from typing import Any

from flask import Response, current_app, jsonify


def answer_rows(items: list[dict[str, Any]], headers: dict[str, str]) -> Response:
    """A page of rows."""
    return _with(jsonify(items), headers)


def answer_text(body: str, headers: dict[str, str]) -> Response:
    """A page that is JSON already."""
    return _with(current_app.response_class(body, mimetype="application/json"), headers)


def _with(response: Response, headers: dict[str, str]) -> Response:
    response.headers.extend(headers)
    return response
