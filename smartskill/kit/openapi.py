"""OpenAPI 3.1 at /api/openapi.json, made from the views themselves: what it says is what they check."""

import re
import threading
from http import HTTPStatus
from typing import Any

import flask_smorest
from apispec.ext.marshmallow import MarshmallowPlugin
from flask import Flask, current_app, request
from flask_smorest.utils import prepare_response
from marshmallow import fields
from werkzeug.routing import BaseConverter, IntegerConverter, ValidationError
from werkzeug.wrappers import Response

from smartskill.kit import problems
from smartskill.kit.schemas import INT_MAX, PartialDateField, ProblemSchema, Sort, UtcDateTime

DESCRIPTION = """What an organisation's people can do, what is missing, and who should hear about it.

Sign in with `POST /api/users/login` and send the access token as `Authorization: Bearer …`. Lists are arrays with an
`X-Pagination` header. Items carry an `ETag`; send it back as `If-Match` and no update is lost. Every error is
`application/problem+json` and names each field at fault."""
SPEC_OPTIONS = {
    "info": {
        "description": DESCRIPTION,
        "license": {"name": "Proprietary", "identifier": "LicenseRef-Proprietary"},
    },
    "servers": [{"url": "/", "description": "This server"}],
    "components": {"securitySchemes": {"bearer": {"type": "http", "scheme": "bearer", "bearerFormat": "JWT"}}},
    "security": [{"bearer": []}],
}
ID = {"type": "integer", "minimum": 1, "maximum": INT_MAX}
RETRY_AFTER = {"Retry-After": {"description": "Seconds to wait.", "schema": {"type": "integer", "minimum": 0}}}
CHALLENGE = {"WWW-Authenticate": {"description": "The scheme to use: Bearer.", "schema": {"type": "string"}}}
HEADERS = {401: CHALLENGE, 429: RETRY_AFTER, 503: RETRY_AFTER}


class IdConverter(IntegerConverter):
    """An id in a path: what the database's integer holds, else there is no such item (404)."""

    def __init__(self, url_map: Any) -> None:
        super().__init__(url_map, min=1, max=INT_MAX)


class UserConverter(BaseConverter):
    """A person in a path: an id, or `me`."""

    regex = "me|[0-9]+"

    def to_python(self, value: str) -> int | str:
        if value == "me":
            return value
        if not 1 <= int(value[:11]) <= INT_MAX:
            raise ValidationError()
        return int(value)


class Api(flask_smorest.Api):
    """flask-smorest's API object with our errors in the specification, which is made when it is first asked for.

    Describing a hundred operations takes longer than mounting them, and most processes are never asked.
    """

    ERROR_SCHEMA = ProblemSchema

    def __init__(self, *args: Any, **kwargs: Any) -> None:
        self.lock, self.undescribed = threading.Lock(), list[tuple[flask_smorest.Blueprint, str]]()
        self.written: bytes | None = None
        super().__init__(*args, **kwargs)

    def init_app(self, app: Flask, **kwargs: Any) -> None:
        super().init_app(app, **kwargs)
        write = self.spec.to_dict

        def describe_and_write() -> dict:
            self._describe()
            return write()

        self.spec.to_dict = describe_and_write  # `flask openapi write` asks the spec itself

    def register_blueprint(self, blp: flask_smorest.Blueprint, **options: Any) -> None:
        """Mount a feature's part; its description waits."""
        name = options.get("name", blp.name)
        self._app.extensions["flask-smorest"]["blp_name_to_api"][name] = self
        self._app.register_blueprint(blp, **options)
        self.undescribed.append((blp, name))

    def _describe(self) -> None:
        with self.lock:
            for blp, name in self.undescribed:
                blp.register_views_in_doc(self, self._app, self.spec, name=name, parameters=None)
                self.spec.tag({"name": name, "description": blp.description})
            self.undescribed.clear()

    def _register_error_handlers(self) -> None:
        problems.register_problem_handlers(self._app)

    def _register_responses(self) -> None:
        # The media type of errors has no public hook in flask-smorest 0.47.
        for status in HTTPStatus:
            response: dict[str, Any] = {"description": status.phrase}
            if status >= 400:
                response["schema"] = self.ERROR_SCHEMA
            if status in HEADERS:
                response["headers"] = HEADERS[status]
            prepare_response(response, self.spec, "application/problem+json")
            self.spec.components.response(status.name, response, lazy=True)
        anything = {"description": "Any other error", "schema": self.ERROR_SCHEMA}
        prepare_response(anything, self.spec, "application/problem+json")
        self.spec.components.response(self.DEFAULT_ERROR_RESPONSE_NAME, anything, lazy=True)

    def _register_pagination_header(self) -> None:
        """The header is a text, and documented where it is sent (`kit.pagination`)."""

    def _openapi_json(self) -> Response:
        """The document; written once, since routes do not change while the process lives."""
        self.written = self.written or current_app.json.dumps(self.spec.to_dict(), indent=2).encode()
        response = current_app.response_class(self.written, mimetype="application/json")
        response.add_etag()
        return response.make_conditional(request)


def make_api(app: Flask) -> Api:
    """The API object of one application, with our converters and fields known to the specification."""
    app.url_map.converters |= {"id": IdConverter, "user": UserConverter}
    plugin = MarshmallowPlugin(schema_name_resolver=_schema_name)
    api = Api(spec_kwargs={"marshmallow_plugin": plugin, **SPEC_OPTIONS})
    api.register_converter(IdConverter, lambda converter: ID)
    api.register_converter(UserConverter, lambda converter: {"anyOf": [ID, {"type": "string", "const": "me"}]})
    api.init_app(app)
    api.register_field(PartialDateField, "string", None)
    api.register_field(Sort, "string", None)
    api.register_field(UtcDateTime, "string", "date-time")
    assert plugin.converter is not None  # made by init_app
    plugin.converter.add_attribute_function(_document_default)
    return api


def _schema_name(schema: Any) -> str:
    """`SkillSchema` → `Skill`; a variant (partial, only, exclude) gets its own name from apispec."""
    cls = schema if isinstance(schema, type) else type(schema)
    return re.sub(r"Schema$", "", cls.__name__)


def _document_default(self: Any, field: fields.Field, **kwargs: Any) -> dict:
    """A sort key's default is a pair inside and a text outside."""
    return {"default": field.metadata["default"]} if isinstance(field, Sort) else {}
