"""What the addresses of suggestions take and answer."""

from marshmallow import fields, validate

from smartskill.kit.schemas import Boolean, Date, Float, Id, Integer, ListQuery, Schema, String, UtcDateTime

STATES = ("open", "later", "accepted", "rejected")


class SuggestionQuery(ListQuery):
    """A page of suggestions, best first."""


class SuggestionSchema(Schema):
    """A skill that my own words speak of."""

    id = Id(dump_only=True)
    skill_id = Id(dump_only=True)
    skill_name = String(dump_only=True, metadata={"example": "PostgreSQL"})
    state = String(dump_only=True, validate=validate.OneOf(STATES), metadata={"example": "open"})
    score = Float(0, 1, dump_only=True, metadata={"description": "0–1; how sure.", "example": 0.6})
    reasons = fields.List(String(), dump_only=True, metadata={"example": ["“Database engineer” mentions “postgres”."]})
    experience_id = Id(dump_only=True, allow_none=True)
    qualification_id = Id(dump_only=True, allow_none=True)
    later_until = Date(dump_only=True, allow_none=True)


class AcceptanceSchema(Schema):
    """My level in the skill."""

    level = Integer(1, 5, required=True, metadata={"example": 3})
    interest = Integer(0, 5, allow_none=True, load_default=None, metadata={"example": 4})
    link = Boolean(load_default=True, metadata={"description": "Also link it to the experience that names it."})


class ReadingSchema(Schema):
    """Whether my words were read since I asked."""

    state = String(dump_only=True, validate=validate.OneOf(("queued", "done")), metadata={"example": "queued"})
    asked_at = UtcDateTime(dump_only=True)
    read_at = UtcDateTime(dump_only=True, allow_none=True)
