"""Fields and schemas every feature uses: strict in what they take, exact in what OpenAPI says of it.

JSON values must have their JSON type; query strings, which are all text, are read leniently.
"""

import re
from datetime import UTC, date, datetime
from typing import Any

import marshmallow as ma
from marshmallow import fields, validate

from smartskill.kit.partial_date import PartialDate

INT_MAX = 2_147_483_647
TEXT = r"^[^\u0000]*$"
UNSTORABLE = re.compile("[\x00\ud800-\udfff]")
FIRST_YEAR, LAST_YEAR = 1900, 2199
YEAR = r"(19|20|21)[0-9]{2}"
MONTH, DAY = r"-(0[1-9]|1[0-2])", r"-(0[1-9]|[12][0-9]|3[01])"


class Schema(ma.Schema):
    """A JSON object; unknown keys are refused on the way in."""

    class Meta:
        unknown = ma.RAISE


class QuerySchema(Schema):
    """The keys of a query string; `page`, `page_size` and `sort` are in `ListQuery`."""


def _is_query(field: fields.Field) -> bool:
    return isinstance(field.root, QuerySchema)


def _as_list(checks: Any) -> list:
    """marshmallow takes one check, several or none."""
    return [checks] if callable(checks) else list(checks or [])


class String(fields.String):
    """Text that PostgreSQL can hold (no NUL, no lone surrogates), trimmed, 1 to `length` characters; 0 if `blank`."""

    def __init__(self, length: int = 200, *, blank: bool = False, trim: bool = True, **more: Any) -> None:
        checks = [validate.Length(min=0 if blank else 1, max=length)]
        given = more.pop("validate", None)
        more["validate"] = [*checks, *_as_list(given)]
        pattern = TEXT if blank or not trim else r"^(?=[\s\S]*\S)[^\u0000]*$"
        more["metadata"] = {"pattern": pattern, **more.get("metadata", {})}
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
        more["validate"] = [validate.Range(min=least, max=most), *_as_list(given)]
        super().__init__(**more)

    def _validated(self, value: Any) -> int:
        if isinstance(value, str) and _is_query(self):
            if not re.fullmatch(r"-?[0-9]{1,20}", value):
                raise self.make_error("invalid", input=value)
            return int(value)
        if isinstance(value, bool) or not isinstance(value, int | float):
            raise self.make_error("invalid", input=value)
        if isinstance(value, float) and not value.is_integer():  # nor are the infinities
            raise self.make_error("invalid", input=value)
        return int(value)


class Id(Integer):
    """The id of something."""

    def __init__(self, **more: Any) -> None:
        super().__init__(1, INT_MAX, **more)


class Float(fields.Float):
    """A number (not NaN, not a text) between two bounds."""

    def __init__(self, least: float, most: float, **more: Any) -> None:
        given = more.pop("validate", None)
        more["validate"] = [validate.Range(min=least, max=most), *_as_list(given)]
        super().__init__(allow_nan=False, **more)

    def _validated(self, value: Any) -> float:
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


def _check_year(year: int) -> None:
    if not FIRST_YEAR <= year <= LAST_YEAR:
        raise ma.ValidationError(f"Must be between {FIRST_YEAR} and {LAST_YEAR}.")


class Date(fields.Date):
    """An ISO 8601 date, YYYY-MM-DD, from 1900 to 2199."""

    def __init__(self, **more: Any) -> None:
        more["metadata"] = {"pattern": f"^{YEAR}{MONTH}{DAY}$", **more.get("metadata", {})}
        super().__init__(**more)

    def _deserialize(self, value: Any, attr: str | None, data: Any, **kwargs: Any) -> date:
        if not isinstance(value, str) or not re.fullmatch(r"[0-9]{4}-[0-9]{2}-[0-9]{2}", value):
            raise self.make_error("invalid", input=value, obj_type="date")
        day = super()._deserialize(value, attr, data, **kwargs)
        _check_year(day.year)
        return day


class UtcDateTime(fields.AwareDateTime):
    """An instant with its zone, from 1900 to 2199, answered in UTC with a `Z`."""

    def __init__(self, **more: Any) -> None:
        more["metadata"] = {"pattern": f"^{YEAR}-", **more.get("metadata", {})}
        super().__init__(format="iso", default_timezone=None, **more)

    def _deserialize(self, value: Any, attr: str | None, data: Any, **kwargs: Any) -> datetime:
        instant = super()._deserialize(value, attr, data, **kwargs)
        _check_year(instant.year)
        return instant.astimezone(UTC)

    def _serialize(self, value: datetime | None, attr: str | None, obj: Any, **kwargs: Any) -> Any:
        return value  # the JSON encoder writes UTC with Z


class Nested(fields.Nested):
    """An object inside another; what a `PATCH` leaves out is left out at the top only, never inside."""

    def _deserialize(self, value: Any, attr: str | None, data: Any, partial: Any = None, **kwargs: Any) -> Any:
        return super()._deserialize(value, attr, data, partial=None, **kwargs)


class PartialDateField(fields.Field):
    """`YYYY`, `YYYY-MM` or `YYYY-MM-DD`; a `PartialDate` inside."""

    def __init__(self, **more: Any) -> None:
        more["metadata"] = {"pattern": f"^{YEAR}({MONTH}({DAY})?)?$", **more.get("metadata", {})}
        super().__init__(**more)

    def _deserialize(self, value: Any, attr: str | None, data: Any, **kwargs: Any) -> PartialDate:
        if not isinstance(value, str):
            raise ma.ValidationError("Not a date: give YYYY, YYYY-MM or YYYY-MM-DD.")
        try:
            found = PartialDate.parse(value)
        except ValueError as error:
            raise ma.ValidationError(str(error)) from error
        _check_year(found.first.year)
        return found

    def _serialize(self, value: PartialDate | None, attr: str | None, obj: Any, **kwargs: Any) -> str | None:
        return None if value is None else str(value)


class Sort(fields.Field):
    """`name` or `-name`: one of the given keys, `-` for descending; gives `(key, is_descending)`."""

    def __init__(self, *keys: str, default: str, **more: Any) -> None:
        self.keys = keys
        choices = [sign + key for key in keys for sign in ("", "-")]
        more["metadata"] = {"enum": choices, "default": default, **more.get("metadata", {})}
        super().__init__(load_default=(default.removeprefix("-"), default.startswith("-")), **more)

    def _deserialize(self, value: Any, attr: str | None, data: Any, **kwargs: Any) -> tuple[str, bool]:
        key = str(value).removeprefix("-")
        if key not in self.keys:
            raise ma.ValidationError(f"Sort by one of {', '.join(self.keys)}; put - before it for descending.")
        return key, str(value).startswith("-")


class ListQuery(QuerySchema):
    """Paging of a list; subclasses add filters and `sort`."""

    page = Integer(1, 100_000, load_default=1, metadata={"description": "Which page, from 1."})
    page_size = Integer(1, 100, load_default=20, metadata={"description": "Items per page."})


class ProblemSchema(Schema):
    """RFC 9457 problem details; some problems carry more members, such as the `existing` item that is in the way."""

    class Meta:
        unknown = ma.INCLUDE

    type = fields.String(required=True)
    title = fields.String(required=True)
    status = fields.Integer(required=True)
    detail = fields.String(required=True)
    errors = fields.Dict(keys=fields.String(), values=fields.List(fields.String()))
    request_id = fields.String(required=True, allow_none=True)
