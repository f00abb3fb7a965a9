"""flask-smorest's blueprint, made strict: every operation says who may call it, and what it can answer.

Decorators in this order: route, `login_required` or `public`, `arguments`, `response` or `listing`.
"""

from collections.abc import Callable
from functools import wraps
from http import HTTPStatus
from typing import Any

import flask_smorest
from flask import Response, current_app, request
from flask_smorest.utils import deepupdate, resolve_schema_instance, unpack_tuple_response

from smartskill.kit.access import ROLES, admit
from smartskill.kit.errors import NotAcceptable
from smartskill.kit.etag import etag_of, is_unchanged
from smartskill.kit.idempotency import once
from smartskill.kit.pagination import HEADER as PAGE_HEADER
from smartskill.kit.parser import Parser, refuse_query_keys

ETAG_HEADER = {"ETag": {"description": "The version of the item.", "schema": {"type": "string"}}}
LOCATION_HEADER = {"Location": {"description": "The address of the new item.", "schema": {"type": "string"}}}
IF_MATCH = {
    "in": "header",
    "name": "If-Match",
    "schema": {"type": "string"},
    "example": '"12-3"',
    "description": "Refuse the write (412) unless the item still has this ETag.",
}
IF_NONE_MATCH = {
    "in": "header",
    "name": "If-None-Match",
    "schema": {"type": "string"},
    "example": '"12-3"',
    "description": "Answer 304 while the item still has this ETag.",
}
IDEMPOTENCY_KEY = {
    "in": "header",
    "name": "Idempotency-Key",
    "schema": {"type": "string", "minLength": 1, "maxLength": 255, "pattern": "^[!-~]([ -~]*[!-~])?$"},
    "description": "A repeat with the same key and body is answered the same and not done again.",
}


class Blueprint(flask_smorest.Blueprint):
    """A feature's part of the API."""

    ARGUMENTS_PARSER = Parser()

    def __init__(self, *args: Any, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        self._prepare_doc_cbks.append(self._prepare_rules_doc)

    def login_required(self, role: str = "employee", *, produces: str = "application/json") -> Callable:
        """Admit callers with at least this role (401, 403)."""
        if role not in ROLES:
            raise ValueError(role)
        return self._admit(role, True, produces)

    def public(self, *, is_idempotent: bool = False, produces: str = "application/json") -> Callable:
        """Admit anybody. `is_idempotent` lets a `POST` take an `Idempotency-Key`."""
        return self._admit(None, is_idempotent, produces)

    def _admit(self, role: str | None, is_idempotent: bool, produces: str) -> Callable:
        def decorator(view: Callable) -> Callable:
            takes_query = any(part["in"] == "query" for part in _documented(view, "arguments", "parameters"))

            @wraps(view)
            def wrapper(*args: Any, **kwargs: Any) -> Any:
                user = admit(role) if role else None
                _check_accept(produces)
                if not takes_query:
                    refuse_query_keys()
                if request.method == "POST" and is_idempotent:
                    return once(user.id if user else 0, lambda: current_app.make_response(view(*args, **kwargs)))
                return view(*args, **kwargs)

            wrapper._apidoc = dict(getattr(view, "_apidoc", {}))  # type: ignore[attr-defined]
            wrapper._apidoc["access"] = {"role": role, "is_idempotent": is_idempotent, "produces": produces}  # type: ignore[attr-defined]
            return wrapper

        return decorator

    def arguments(self, schema: Any, *, location: str = "json", **more: Any) -> Callable:
        """As flask-smorest's; a body whose fields may all be left out may be left out itself."""
        if location == "json":
            more.setdefault("required", _must_be_sent(resolve_schema_instance(schema)))
        return super().arguments(schema, location=location, **more)

    def response(
        self, status_code: int = 200, schema: Any = None, *, etag: bool = False, created: bool = False, **more: Any
    ) -> Callable:
        """As flask-smorest's; `etag` sends (and honours) the row's version, `created` documents `Location`."""
        headers = {
            **(ETAG_HEADER if etag else {}),
            **(LOCATION_HEADER if created else {}),
            **(more.pop("headers", None) or {}),
        }
        more.setdefault("description", HTTPStatus(status_code).phrase)
        plain = super().response(status_code, schema, headers=headers or None, **more)

        def decorator(view: Callable) -> Callable:
            answered = plain(_tagged(view) if etag else view)
            answered._apidoc["rules"] = {"etag": etag, "created": created}
            return answered

        return decorator

    def listing(self, schema: Any, **more: Any) -> Callable:
        """A page of a list: the view returns what `page_of` gives it."""
        return self.response(200, schema(many=True), headers=PAGE_HEADER, **more)

    def _store_endpoint_docs(self, endpoint: str, obj: Any, parameters: Any, tags: Any, **options: Any) -> None:
        super()._store_endpoint_docs(endpoint, obj, parameters, tags, **options)
        for method, info in self._docs[endpoint].items():
            if method != "parameters" and "access" not in info:
                raise RuntimeError(f"{self.name}.{endpoint} {method.upper()} says neither login_required nor public.")

    def _prepare_rules_doc(self, doc: dict, info: dict, *, method: str, **kwargs: Any) -> dict:
        access, rules = info["access"], info.get("rules", {})
        etag = rules.get("etag", False)
        is_held = etag and method != "get" and not rules["created"]  # what is just made has no version to hold to
        parameters = doc.setdefault("parameters", [])
        if access["role"] is None:
            doc["security"] = []
        else:
            doc["x-role"] = access["role"]
        if method == "post" and access["is_idempotent"]:
            parameters.append(IDEMPOTENCY_KEY)
        if is_held:
            parameters.append(IF_MATCH)
        if etag and method == "get":
            parameters.append(IF_NONE_MATCH)
        if not parameters:
            doc.pop("parameters")
        codes = _error_codes(method, doc, access, is_held)
        responses = {code: HTTPStatus(code).name for code in codes}
        if etag and method == "get":
            responses[304] = "NOT_MODIFIED"
        return deepupdate({"responses": responses}, doc)


def _must_be_sent(schema: Any) -> bool:
    return schema.many or (not schema.partial and any(field.required for field in schema.load_fields.values()))


def _error_codes(method: str, doc: dict, access: dict, is_held: bool) -> list[int]:
    codes = [400, 406, 429, 503]
    if access["role"]:
        codes += [401, 403]
    if method in ("post", "put", "patch", "delete"):
        codes += [404, 409]
    if "requestBody" in doc:
        codes += [413, 415]
    if is_held:
        codes.append(412)
    return sorted({*codes, 404})


def _documented(view: Callable, *path: str) -> list:
    found: Any = getattr(view, "_apidoc", {})
    for part in path:
        found = found.get(part, {})
    return found or []


def _check_accept(produces: str) -> None:
    if request.headers.get("Accept") and not request.accept_mimetypes.quality(produces):
        raise NotAcceptable(f"This address answers {produces}.")


def _tagged(view: Callable) -> Callable:
    @wraps(view)
    def wrapper(*args: Any, **kwargs: Any) -> Any:
        result, status, headers = unpack_tuple_response(view(*args, **kwargs))
        if isinstance(result, Response):
            return result
        if request.method in ("GET", "HEAD") and is_unchanged(result):
            return current_app.response_class(status=304, headers={"ETag": f'"{etag_of(result)}"'})
        return result, status, {**(headers or {}), "ETag": f'"{etag_of(result)}"'}

    return wrapper
