"""Head-count targets, and how they are met: what they take and answer."""

from typing import Any

from marshmallow import fields, validate

from smartskill.kit.schemas import Boolean, Date, Float, Id, Integer, ListQuery, Schema, Sort, String, UtcDateTime

MOST_HEADS = 100_000
MOST_WITHOUT = 100


class CoverageTargetFields(Schema):
    """How many people a team wants with a skill at a level, or with a qualification: one of the two."""

    team_id = Id(
        allow_none=True,
        load_default=None,
        metadata={"example": None, "description": "With all teams below it. Null: the whole organisation."},
    )
    skill_id = Id(allow_none=True, load_default=None, metadata={"description": "This or `qualification_type_id`."})
    qualification_type_id = Id(allow_none=True, load_default=None, metadata={"example": None})
    level = Integer(
        1, 5, load_default=1, metadata={"example": 3, "description": "At least this; 1 of a qualification."}
    )
    heads = Integer(1, MOST_HEADS, required=True, metadata={"example": 2})


class CoverageTargetSchema(CoverageTargetFields):
    """A head-count target."""

    id = Id(dump_only=True)
    team_name = String(dump_only=True, allow_none=True)
    skill_name = String(dump_only=True, allow_none=True)
    qualification_name = String(dump_only=True, allow_none=True)
    created_at = UtcDateTime(dump_only=True)
    updated_at = UtcDateTime(dump_only=True)


class CoverageTargetPatchSchema(CoverageTargetSchema):
    """Some fields of a target."""

    def __init__(self, **more: Any) -> None:
        super().__init__(**{"partial": True, **more})


class TargetQuery(ListQuery):
    """Filters of the targets."""

    team_id = Id(metadata={"description": "Only of this team itself."})
    skill_id = Id()
    qualification_type_id = Id()
    is_organisation = Boolean(metadata={"description": "Only those of the whole organisation, or only the others."})
    sort = Sort("id", "heads", "level", "created_at", default="id")


class CoverageQuery(ListQuery):
    """What is covered, when, and what if somebody leaves."""

    page_size = Integer(1, 100, load_default=100, metadata={"description": "Items per page."})
    team_id = Id(metadata={"description": "Only the targets of this team and of the teams below it."})
    as_of = Date(metadata={"description": "The day; today if not given."})
    without = fields.List(
        Id(),
        load_default=list,
        validate=validate.Length(max=MOST_WITHOUT),
        metadata={"description": "What if this person leaves? Repeat it for several."},
    )


class NamedPersonSchema(Schema):
    """Somebody."""

    user_id = Id(required=True)
    full_name = String(required=True)


class LossSchema(NamedPersonSchema):
    """Somebody who counts on the day and not 90 days on, and why."""

    leaving_on = Date(required=True, allow_none=True, metadata={"description": "Their last day."})
    expiring_on = Date(required=True, allow_none=True, metadata={"description": "Its last valid day."})
    level_then = Integer(
        1,
        5,
        required=True,
        allow_none=True,
        metadata={"description": "The level that counts then, if nobody says anything new."},
    )
    text = String(500, required=True, metadata={"example": "Anna Schmidt leaves; the last day is 2026-12-31."})


class FallSchema(Schema):
    """A target that was met and is not without those who leave."""

    before = Integer(0, required=True, metadata={"example": 2})
    after = Integer(0, required=True, metadata={"example": 1})
    short = Integer(1, required=True, metadata={"example": 1, "description": "How many are missing then."})
    lost = fields.List(fields.Nested(NamedPersonSchema), required=True)


class NearestPersonSchema(NamedPersonSchema):
    """Somebody who could close the gap, and what they lack."""

    level = Integer(
        1, 5, required=True, allow_none=True, metadata={"description": "Null: not rated, which is not zero."}
    )
    confidence = Float(0, 1, required=True, allow_none=True)
    interest = Integer(0, 5, required=True, allow_none=True)
    target_level = Integer(1, 5, required=True, allow_none=True)
    missing = String(300, required=True, metadata={"example": "one level: has 2, needs 3"})


class CoverageSchema(Schema):
    """How a target is met. `left_out` people of the team are not the caller's to plan for and count nowhere here."""

    target_id = Id(required=True)
    team_id = Id(required=True, allow_none=True)
    team_name = String(required=True, allow_none=True)
    skill_id = Id(required=True, allow_none=True)
    skill_name = String(required=True, allow_none=True)
    qualification_type_id = Id(required=True, allow_none=True)
    qualification_name = String(required=True, allow_none=True)
    level = Integer(1, 5, required=True)
    required = Integer(1, required=True, metadata={"example": 2})
    held = Integer(0, required=True, metadata={"example": 2, "description": "Who has it on the day."})
    held_in_90_days = Integer(0, required=True, metadata={"example": 1})
    held_without = Integer(0, required=True, metadata={"description": "`held` but for those in `without`."})
    held_in_90_days_without = Integer(0, required=True)
    losses = fields.List(fields.Nested(LossSchema), required=True)
    gains = fields.List(
        fields.Nested(LossSchema),
        required=True,
        metadata={"description": "Who counts 90 days on and not yet: an older, lower statement stops to count."},
    )
    sole_holder = fields.Nested(
        NamedPersonSchema, required=True, allow_none=True, metadata={"description": "The only one at the level, fresh."}
    )
    falls_below = fields.Nested(FallSchema, required=True, allow_none=True)
    nearest = fields.List(fields.Nested(NearestPersonSchema), required=True)
    left_out = Integer(0, required=True, metadata={"example": 0})
