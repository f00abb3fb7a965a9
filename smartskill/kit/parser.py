"""How a request's input is read: strictly. What is wrong in itself is answered 400 with every field named.

Stricter than webargs on purpose: unknown and repeated keys are refused, a body must be JSON and say so, and numbers,
depth and text are bounded before anything else looks at them.
"""

import json
from collections import Counter
from difflib import get_close_matches
from typing import Any, NoReturn

import marshmallow as ma
import orjson
from flask import current_app, request
from webargs.flaskparser import FlaskParser
from webargs.multidictproxy import MultiDictProxy

from smartskill.kit.errors import Invalid, TooLarge, UnsupportedMedia

MAX_DEPTH = 64
MAX_NAMED = 100  # fields named in one answer
MAX_NAME = 100  # characters of a field's name, as it is echoed


class Parser(FlaskParser):
    """webargs for Flask with the rules above; used by every blueprint."""

    DEFAULT_VALIDATION_STATUS = 400
    DEFAULT_UNKNOWN_BY_LOCATION = {
        **dict.fromkeys(("json", "query", "form", "files", "query_and_form", "json_or_form"), ma.RAISE),
        **dict.fromkeys(("headers", "cookies"), ma.EXCLUDE),
    }

    def load_json(self, req, schema) -> Any:
        """The body as Python values; an absent body is `{}`, so that required fields are named one by one."""
        is_json = req.mimetype == "application/json" or req.mimetype.endswith("+json")
        if req.mimetype and not is_json:
            raise UnsupportedMedia()
        raw = _bounded_body(req)
        if not raw:
            return ma.missing if schema.many else {}
        if not is_json:
            raise UnsupportedMedia()
        return read_json(raw)

    def load_querystring(self, req, schema) -> Any:
        _refuse_repeated(req.args, schema)
        return MultiDictProxy(req.args, schema)

    def load_form(self, req, schema) -> Any:
        _refuse_repeated(req.form, schema)
        return MultiDictProxy(req.form, schema)

    def handle_error(self, error: ma.ValidationError, req, schema, *, error_status_code, error_headers) -> NoReturn:
        """Raise the 400 that names each field, with the likely name of a misspelt one."""
        messages = error.messages if isinstance(error.messages, dict) else {"json": error.messages}
        errors: dict[str, list[str]] = {}
        for located in messages.values():
            _flatten(located, (), schema, errors)
        raise Invalid(errors=errors) from error


def _bounded_body(req) -> bytes:
    most = current_app.config["MAX_BODY_BYTES"]
    if (req.content_length or 0) > most or len(req.get_data()) > most:  # the latter for one sent in chunks
        raise TooLarge(f"The body is larger than {most} bytes.")
    return req.get_data()


def read_json(raw: bytes) -> Any:
    """Parse JSON strictly: UTF-8, no NaN, no lone surrogates, no repeated keys, at most 64 levels deep.

    Raises:
        Invalid: it is none of that; the detail says where.
    """
    try:
        value = orjson.loads(raw)
    except orjson.JSONDecodeError as error:
        raise Invalid(f"The body is not valid JSON: {error}.", errors={"_body": [str(error)]}) from error
    if _depth(value) > MAX_DEPTH:
        raise Invalid(errors={"_body": [f"The JSON is nested more than {MAX_DEPTH} levels deep."]})
    json.loads(raw, object_pairs_hook=_refuse_duplicates)
    return value


def _depth(value: Any) -> int:
    """How deeply lists and objects are nested; walked level by level, so that no input exhausts the stack."""
    level, depth = [value], 0
    while level:
        level = [
            inner
            for outer in level
            if isinstance(outer, dict | list)
            for inner in (outer.values() if isinstance(outer, dict) else outer)
        ]
        depth += 1
    return depth


def _refuse_duplicates(pairs: list[tuple[str, Any]]) -> dict[str, Any]:
    found = dict(pairs)
    if len(found) != len(pairs):
        counts = Counter(name for name, _ in pairs)
        repeated = [name for name, count in counts.items() if count > 1][:MAX_NAMED]
        raise Invalid(errors={name[:MAX_NAME]: ["This key is given more than once."] for name in repeated})
    return found


def _refuse_repeated(args, schema: ma.Schema) -> None:
    many = {
        field.data_key or name
        for name, field in schema.fields.items()
        if getattr(field, "is_multiple", False) or isinstance(field, ma.fields.List)
    }
    errors = {name: ["Give this only once."] for name, values in args.lists() if len(values) > 1 and name not in many}
    if errors:
        raise Invalid(errors=errors)


def _flatten(messages: Any, path: tuple[str, ...], schema: ma.Schema | None, into: dict[str, list[str]]) -> None:
    if len(into) >= MAX_NAMED:
        return
    if isinstance(messages, dict):
        for key, below in messages.items():
            _flatten(below, path if key == "_schema" else (*path, str(key)[:MAX_NAME]), schema, into)
        return
    texts = [str(message) for message in (messages if isinstance(messages, list) else [messages])]
    name = ".".join(path) or "_body"
    into.setdefault(name, []).extend(_explain(text, path, schema) for text in texts)


def _explain(text: str, path: tuple[str, ...], schema: ma.Schema | None) -> str:
    if text != "Unknown field." or schema is None or not path:
        return text
    owner = _schema_at(schema, path[:-1])
    if owner is None:
        return text
    if path[-1] in owner.dump_fields and path[-1] not in owner.load_fields:
        return "This field is read-only."
    near = get_close_matches(path[-1], list(owner.load_fields), n=1, cutoff=0.6)
    return f"Unknown field: did you mean `{near[0]}`?" if near else "Unknown field."


def _schema_at(schema: ma.Schema, path: tuple[str, ...]) -> ma.Schema | None:
    for part in path:
        if part.isdigit():
            continue
        field = schema.load_fields.get(part)
        inner = field.inner if isinstance(field, ma.fields.List) else field
        if not isinstance(inner, ma.fields.Nested):
            return None
        schema = inner.schema
    return schema


def refuse_query_keys() -> None:
    """For operations that take no query parameter: any key is unknown."""
    if request.args:
        raise Invalid(errors={name[:MAX_NAME]: ["Unknown field."] for name in list(request.args)[:MAX_NAMED]})
