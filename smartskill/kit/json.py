"""JSON through orjson: fast out, and UTC times with a `Z`."""

from decimal import Decimal
from typing import Any

import orjson
from flask import Response
from flask.json.provider import JSONProvider

from smartskill.kit.partial_date import PartialDate

OPTIONS = orjson.OPT_UTC_Z | orjson.OPT_NAIVE_UTC | orjson.OPT_NON_STR_KEYS | orjson.OPT_PASSTHROUGH_DATACLASS


class OrjsonProvider(JSONProvider):
    """Flask's JSON, encoded by orjson."""

    def dumps(self, obj: Any, **kwargs: Any) -> str:
        indent = orjson.OPT_INDENT_2 if kwargs.get("indent") else 0
        return orjson.dumps(obj, default=_encode, option=OPTIONS | indent).decode()

    def loads(self, s: str | bytes, **kwargs: Any) -> Any:
        return orjson.loads(s)

    def response(self, *args: Any, **kwargs: Any) -> Response:
        body = orjson.dumps(self._prepare_response_obj(args, kwargs), default=_encode, option=OPTIONS)
        return Response(body, mimetype="application/json")


def _encode(value: Any) -> Any:
    """What orjson does not know and we do; anything else in an answer is a mistake and must not pass as its `str`."""
    if isinstance(value, PartialDate):
        return str(value)
    if isinstance(value, Decimal):
        return float(value)
    raise TypeError(f"{type(value).__name__} has no JSON form")
