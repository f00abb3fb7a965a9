"""Fields and schemas every feature uses: strict in what they take, exact in what OpenAPI says of it.

JSON values must have their JSON type; query strings, which are all text, are read leniently.
"""

import re
from datetime import date, datetime
from typing import Any

import marshmallow as ma
from marshmallow import fields, validate

from smartskill.kit.partial_date import PartialDate

INT_MAX = 2_147_483_647
TEXT = r"^[^\u0000]*$"
UNSTORABLE = re.compile("[\x00\ud800-\udfff]")
SORT_KEY = re.compile(r"^-?[a-z_]+$")


class Schema(ma.Schema):
    """A JSON object; unknown keys are refused on the way in."""

    class Meta:
        unknown = ma.RAISE


class QuerySchema(Schema):
    """The keys of a query string; `page`, `page_size` and `sort` are in `ListQuery`."""


def _is_query(field: fields.Field) -> bool:
    return isinstance(field.root, QuerySchema)


class String(fields.String):
    """Text that PostgreSQL can hold: no NUL, no lone surrogates; trimmed; `length` characters at most, 1 at least unless `blank`."""

    def __init__(self, length: int = 200, *, blank: bool = False, trim: bool = True, **more: Any) -> None:
        checks = [validate.Length(min=0 if blank else 1, max=length)]
        given = more.pop("validate", None)
        more["validate"] = [*checks, *([given] if callable(given) else given or [])]
        pattern = TEXT if blank or not trim else r"^(?=[\s\S]*\S)[^\u0000]*$"
        more.setdefault("metadata", {}).setdefault("pattern", pattern)
        self.trim = trim
        super().__init__(**more)

    def _deserialize(self, value: Any, attr: str | None, data: Any, **kwargs: Any) -> str:
        text = super()._deserialize(value, attr, data, **kwargs)
        if UNSTORABLE.search(text):
            raise ma.ValidationError("Holds a character that text cannot hold.")
        return text.strip() if self.trim else text


class Integer(fields.Integer):
    """A whole number between `least` and `most`; 3 and 3.0 are one, 3.5, "3" (in JSON) and true are none."""

    def __init__(self, least: int = -INT_MAX, most: int = INT_MAX, **more: Any) -> None:
        given = more.pop("validate", None)
        more["validate"] = [validate.Range(min=least, max=most), *([given] if given else [])]
        super().__init__(**more)

    def _validated(self, value: Any) -> int | None:
        if isinstance(value, str) and _is_query(self):
            if not re.fullmatch(r"-?\d{1,20}", value):
                raise self.make_error("invalid", input=value)
            return int(value)
        if isinstance(value, bool) or not isinstance(value, int | float) or value != int(value):
            raise self.make_error("invalid", input=value)
        return int(value)


class Id(Integer):
    """The id of something."""

    def __init__(self, **more: Any) -> None:
        super().__init__(1, INT_MAX, **more)


class Float(fields.Float):
    """A number (not NaN, not a text) between two bounds."""

    def __init__(self, least: float, most: float, **more: Any) -> None:
        super().__init__(validate=validate.Range(min=least, max=most), allow_nan=False, **more)

    def _validated(self, value: Any) -> float | None:
        if isinstance(value, bool) or (isinstance(value, str) and not _is_query(self)):
            raise self.make_error("invalid", input=value)
        return super()._validated(value)


class Boolean(fields.Boolean):
    """true or false; in a query string also their words."""

    def _deserialize(self, value: Any, attr: str | None, data: Any, **kwargs: Any) -> bool:
        if isinstance(value, bool):
            return value
        if _is_query(self) and value in ("true", "false"):
            return value == "true"
        raise self.make_error("invalid", input=value)


class Date(fields.Date):
    """An ISO 8601 date, YYYY-MM-DD, from 1900 to 2200."""

    def _deserialize(self, value: Any, attr: str | None, data: Any, **kwargs: Any) -> date:
        if not isinstance(value, str) or not re.fullmatch(r"\d{4}-\d{2}-\d{2}", value):
            raise self.make_error("invalid", input=value, obj_type="date")
        day = super()._deserialize(value, attr, data, **kwargs)
        if not 1900 <= day.year <= 2200:
            raise ma.ValidationError("Must be between 1900 and 2200.")
        return day


class UtcDateTime(fields.AwareDateTime):
    """An instant, answered in UTC with a `Z`."""

    def __init__(self, **more: Any) -> None:
        super().__init__(format="iso", default_timezone=None, **more)

    def _serialize(self, value: datetime | None, attr: str | None, obj: Any, **kwargs: Any) -> Any:
        return value  # the JSON encoder writes UTC with Z


class PartialDateField(fields.Field):
    """`YYYY`, `YYYY-MM` or `YYYY-MM-DD`; a `PartialDate` inside."""

    def __init__(self, **more: Any) -> None:
        more.setdefault("metadata", {}).setdefault(
            "pattern", r"^(19|20|21)\d{2}(-(0[1-9]|1[0-2])(-(0[1-9]|[12]\d|3[01]))?)?$"
        )
        super().__init__(**more)

    def _deserialize(self, value: Any, attr: str | None, data: Any, **kwargs: Any) -> PartialDate:
        if not isinstance(value, str):
            raise ma.ValidationError("Not a date: give YYYY, YYYY-MM or YYYY-MM-DD.")
        try:
            found = PartialDate.parse(value)
        except ValueError as error:
            raise ma.ValidationError(str(error)) from error
        if not 1900 <= found.first.year <= 2199:
            raise ma.ValidationError("Must be between 1900 and 2199.")
        return found

    def _serialize(self, value: PartialDate | None, attr: str | None, obj: Any, **kwargs: Any) -> str | None:
        return None if value is None else str(value)


class Sort(fields.Field):
    """`name` or `-name`: one of the given keys, `-` for descending; gives `(key, is_descending)`."""

    def __init__(self, *keys: str, default: str, **more: Any) -> None:
        self.keys = keys
        choices = [sign + key for key in keys for sign in ("", "-")]
        more.setdefault("metadata", {}).setdefault("enum", choices)
        start = (default.lstrip("-"), default.startswith("-"))
        super().__init__(load_default=start, **more)
        self.metadata.setdefault("default", default)

    def _deserialize(self, value: Any, attr: str | None, data: Any, **kwargs: Any) -> tuple[str, bool]:
        key = str(value).removeprefix("-")
        if not SORT_KEY.match(str(value)) or key not in self.keys:
            raise ma.ValidationError(f"Sort by one of {', '.join(self.keys)}; put - before it for descending.")
        return key, str(value).startswith("-")


class ListQuery(QuerySchema):
    """Paging of a list; subclasses add filters and `sort`."""

    page = Integer(1, 100_000, load_default=1, metadata={"description": "Which page, from 1."})
    page_size = Integer(1, 100, load_default=20, metadata={"description": "Items per page."})


class ProblemSchema(Schema):
    """RFC 9457 problem details."""

    type = fields.String(required=True)
    title = fields.String(required=True)
    status = fields.Integer(required=True)
    detail = fields.String(required=True)
    errors = fields.Dict(keys=fields.String(), values=fields.List(fields.String()))
    request_id = fields.String(required=True, allow_none=True)
