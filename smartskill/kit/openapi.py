"""OpenAPI 3.1 at /api/openapi.json and Swagger UI at /api/docs, served from this machine under a strict CSP."""

import re
from http import HTTPStatus
from importlib.resources import files
from typing import Any

import flask_smorest
from apispec.ext.marshmallow import MarshmallowPlugin
from flask import Blueprint, Flask, jsonify, redirect, render_template, url_for
from flask_smorest.utils import prepare_response
from marshmallow import fields
from werkzeug.routing import BaseConverter, IntegerConverter, ValidationError

from smartskill.kit import problems
from smartskill.kit.schemas import INT_MAX, PartialDateField, ProblemSchema, Sort, UtcDateTime

DESCRIPTION = """What an organisation's people can do, what is missing, and who should hear about it.

Sign in with `POST /api/users/login` and send the access token as `Authorization: Bearer …`. Lists are arrays with an
`X-Pagination` header. Items carry an `ETag`; send it back as `If-Match` and no update is lost. Every error is
`application/problem+json` and names each field at fault."""
SPEC_OPTIONS = {
    "info": {
        "description": DESCRIPTION,
        "license": {"name": "Proprietary", "url": "https://smart-skill.invalid/licence"},
    },
    "servers": [{"url": "/", "description": "This server"}],
    "components": {"securitySchemes": {"bearer": {"type": "http", "scheme": "bearer", "bearerFormat": "JWT"}}},
    "security": [{"bearer": []}],
}


class IdConverter(IntegerConverter):
    """An id in a path: what the database's integer holds, else there is no such item (404)."""

    def __init__(self, url_map: Any) -> None:
        super().__init__(url_map, min=1, max=INT_MAX)


class UserConverter(BaseConverter):
    """A person in a path: an id, or `me`."""

    regex = r"me|\d+"

    def to_python(self, value: str) -> int | str:
        if value == "me":
            return value
        if not 1 <= int(value[:11]) <= INT_MAX:
            raise ValidationError()
        return int(value)


class Api(flask_smorest.Api):
    """flask-smorest's API object with our errors in the specification."""

    ERROR_SCHEMA = ProblemSchema

    def _register_error_handlers(self) -> None:
        problems.register_problem_handlers(self._app)

    def _register_responses(self) -> None:
        # The media type of errors has no public hook in flask-smorest 0.47.
        for status in HTTPStatus:
            response: dict[str, Any] = {"description": status.phrase}
            if status >= 400:
                response["schema"] = self.ERROR_SCHEMA
            if status in (429, 503):
                response["headers"] = {
                    "Retry-After": {"description": "Seconds to wait.", "schema": {"type": "integer"}}
                }
            prepare_response(response, self.spec, "application/problem+json")
            self.spec.components.response(status.name, response, lazy=True)


def make_api(app: Flask) -> Api:
    """The API object of one application, with our converters and fields known to the specification."""
    app.url_map.converters |= {"id": IdConverter, "user": UserConverter}
    plugin = MarshmallowPlugin(schema_name_resolver=_schema_name)
    api = Api(spec_kwargs={"marshmallow_plugin": plugin, **SPEC_OPTIONS})
    api.register_converter(IdConverter, lambda converter: {"type": "integer", "minimum": 1, "maximum": INT_MAX})
    api.register_converter(
        UserConverter,
        lambda converter: {
            "anyOf": [{"type": "integer", "minimum": 1, "maximum": INT_MAX}, {"type": "string", "const": "me"}]
        },
    )
    api.init_app(app)
    api.register_field(PartialDateField, "string", None)
    api.register_field(Sort, "string", None)
    api.register_field(UtcDateTime, "string", "date-time")
    plugin.converter.add_attribute_function(_not_null_metadata)
    return api


def _schema_name(schema: Any) -> str:
    """`SkillSchema` → `Skill`; a variant (partial, only, exclude) gets its own name from apispec."""
    cls = schema if isinstance(schema, type) else type(schema)
    return re.sub(r"Schema$", "", cls.__name__)


def _not_null_metadata(self: Any, field: fields.Field, **kwargs: Any) -> dict:
    """Defaults that are not JSON (a sort key's pair) are documented through `metadata` instead."""
    return {"default": field.metadata["default"]} if isinstance(field, Sort) else {}


def register_docs(app: Flask) -> None:
    """Swagger UI and the short addresses that lead to it."""
    docs = Blueprint(
        "docs",
        __name__,
        url_prefix="/api/docs",
        template_folder="templates",
        static_folder=str(files("flask_swagger_ui") / "dist"),
        static_url_path="/assets",
    )

    @docs.get("/", strict_slashes=False)
    def page():
        return render_template("docs.html", title=app.config["API_TITLE"])

    @docs.get("/start.js")
    def start():
        response = app.response_class(render_template("docs.js", spec=url_for("api-docs.openapi_json")))
        response.mimetype = "text/javascript"
        return response

    if app.config["API_DOCS"]:
        app.register_blueprint(docs)
        for short in ("/docs", "/swagger-ui", "/apidocs"):
            app.add_url_rule(
                short, f"docs{short.replace('/', '_')}", lambda: redirect(url_for("docs.page")), strict_slashes=False
            )
        app.add_url_rule("/openapi.json", "openapi_short", lambda: redirect(url_for("api-docs.openapi_json")))


def register_index(app: Flask) -> None:
    """`/api/` lists the collections."""
    app.add_url_rule(
        "/api/",
        "api_index",
        lambda: jsonify(
            {
                "title": app.config["API_TITLE"],
                "openapi": "/api/openapi.json",
                "docs": "/api/docs",
                "collections": sorted(
                    {
                        f"{rule.rule}"
                        for rule in app.url_map.iter_rules()
                        if rule.rule.startswith("/api/")
                        and rule.rule.count("/") == 3
                        and rule.rule.endswith("/")
                        and "<" not in rule.rule
                        and "docs" not in rule.rule
                    }
                ),
            }
        ),
    )


__all__ = ["make_api", "register_docs", "register_index"]
