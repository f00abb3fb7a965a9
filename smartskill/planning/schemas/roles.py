"""Role profiles, who has which, exemptions."""

from typing import Any

from marshmallow import ValidationError, fields, validate, validates_schema

from smartskill.kit.schemas import (
    Boolean,
    Date,
    Float,
    Id,
    Integer,
    ListQuery,
    Nested,
    QuerySchema,
    Schema,
    Sort,
    String,
    UtcDateTime,
)

STATUSES = ("active", "template", "retired")
OWN_STATUSES = ("active", "retired")
MOST_REQUIREMENTS = 500  # ESCO's richest occupation has 340
REQUIREMENTS = [{"skill_id": 12, "level": 3, "weight": 2, "must": True}, {"qualification_type_id": 4, "must": True}]
AS_OF_HELP = "As it was (or, as far as is known, will be) on this day; today if not given."


class TargetSchema(Schema):
    """A skill or a kind of qualification; the other one is null."""

    skill_id = Id(required=True, allow_none=True, metadata={"example": 12})
    qualification_type_id = Id(required=True, allow_none=True)
    name = String(200, required=True, metadata={"example": "Soldering"})


class RequirementSchema(Schema):
    """One thing that a role asks for: a skill at a level, or a qualification."""

    skill_id = Id(allow_none=True, load_default=None, metadata={"example": 12})
    qualification_type_id = Id(allow_none=True, load_default=None)
    name = String(200, dump_only=True, metadata={"description": "Of the skill or the kind of qualification."})
    level = Integer(1, 5, metadata={"description": "Of a skill; a qualification's is always 1.", "example": 3})
    weight = Float(0.01, 100, load_default=1.0, metadata={"description": "How much it counts.", "example": 2})
    must = Boolean(load_default=False, metadata={"description": "Whether nothing makes up for its lack."})

    @validates_schema
    def _names_one_target(self, data: dict[str, Any], **more: Any) -> None:
        named = [name for name in ("skill_id", "qualification_type_id") if data.get(name) is not None]
        if len(named) != 1:
            raise ValidationError("Give skill_id or qualification_type_id, one of the two.", "skill_id")
        if named == ["skill_id"] and "level" not in data:
            raise ValidationError("Say which level of the skill is required.", "level")
        if named == ["qualification_type_id"] and data.get("level", 1) != 1:
            raise ValidationError("A qualification is held or not: its level is 1.", "level")


class RoleFields(Schema):
    """What can be written of a role profile."""

    name = String(200, required=True, metadata={"example": "Calibration technician"})
    description = String(5000, allow_none=True, load_default=None)
    status = String(
        20,
        validate=validate.OneOf(OWN_STATUSES),
        metadata={"description": "A retired one is no longer given to people.", "example": "active"},
    )
    requirements = fields.List(
        Nested(RequirementSchema),
        load_default=list,
        validate=validate.Length(max=MOST_REQUIREMENTS),
        metadata={"example": REQUIREMENTS},
    )


class NewRoleSchema(RoleFields):
    """A role profile to be; from a template it takes what is not given here."""

    from_id = Id(metadata={"description": "Another profile, such as a template, to derive this one from."})
    description = String(5000, allow_none=True)
    requirements = fields.List(
        Nested(RequirementSchema),
        validate=validate.Length(max=MOST_REQUIREMENTS),
        metadata={"example": REQUIREMENTS},
    )


class RoleChangesSchema(RoleFields):
    """Some of a role profile; `requirements` replaces them all."""

    def __init__(self, **more: Any) -> None:
        super().__init__(**{"partial": True, **more})


class RoleRowSchema(Schema):
    """A role profile in a list."""

    id = Id(required=True)
    name = String(200, required=True, metadata={"example": "Calibration technician"})
    description = String(5000, required=True, allow_none=True)
    status = String(20, required=True, validate=validate.OneOf(STATUSES))
    external_uri = String(300, required=True, allow_none=True, metadata={"description": "The occupation it is from."})
    source = String(20, required=True, allow_none=True, metadata={"description": "The taxonomy it is from."})
    attribution = String(
        5000,
        required=True,
        allow_none=True,
        metadata={"description": "The sentence that the taxonomy's licence asks to be shown beside it."},
    )
    requirement_count = Integer(0, required=True)
    created_at = UtcDateTime(required=True)
    updated_at = UtcDateTime(required=True)


class RoleSchema(RoleRowSchema):
    """A role profile."""

    requirements = fields.List(Nested(RequirementSchema), required=True)


class RoleQuery(ListQuery):
    """Filters of the role profiles."""

    q = String(200, metadata={"description": "Words of the name; typos are forgiven.", "example": "technician"})
    status = fields.List(
        String(20, validate=validate.OneOf(STATUSES)),
        validate=validate.Length(max=3),
        metadata={"description": "Repeat it for several; active if not given. Templates come from taxonomies."},
    )
    source = String(20, metadata={"description": "Only those from this taxonomy."})
    sort = Sort(
        "relevance",
        "name",
        "created_at",
        "updated_at",
        default="relevance",
        metadata={"description": "Relevance is the order of names where there is no `q`."},
    )


class RoleAssignmentSchema(Schema):
    """That a person has a role, from a day to a day."""

    user_id = Id(required=True)
    role_id = Id(required=True)
    role_name = String(200, required=True)
    starts_on = Date(required=True)
    ends_on = Date(
        required=True, allow_none=True, metadata={"description": "Its last day; null: until further notice."}
    )


class AssignmentQuery(ListQuery):
    """Which day's roles."""

    as_of = Date(metadata={"description": AS_OF_HELP})


class AssigningSchema(Schema):
    """From when on."""

    effective_on = Date(metadata={"description": "Today if not given; not in the future.", "example": "2026-03-01"})


class EndingQuery(QuerySchema):
    """From when on no longer."""

    effective_on = Date(metadata={"description": "The first day without it: today if not given; not in the future."})


class ExemptionSchema(Schema):
    """That a person need not have something, why, and until when."""

    id = Id(dump_only=True)
    user_id = Id(dump_only=True)
    skill_id = Id(allow_none=True, load_default=None, metadata={"example": 12})
    qualification_type_id = Id(allow_none=True, load_default=None)
    name = String(200, dump_only=True, metadata={"description": "Of the skill or the kind of qualification."})
    reason = String(1000, required=True, metadata={"example": "On parental leave until the autumn."})
    starts_on = Date(metadata={"description": "Its first day, today if not given.", "example": "2026-03-01"})
    ends_on = Date(
        required=True, metadata={"description": "Its last day, at most two years ahead.", "example": "2026-10-31"}
    )
    granted_by_id = Id(dump_only=True, allow_none=True)
    withdrawn_at = UtcDateTime(dump_only=True, allow_none=True)
    is_current = Boolean(dump_only=True, metadata={"description": "Whether it holds today."})
    created_at = UtcDateTime(dump_only=True)

    @validates_schema
    def _names_one_target(self, data: dict[str, Any], **more: Any) -> None:
        if (data.get("skill_id") is None) == (data.get("qualification_type_id") is None):
            raise ValidationError("Give skill_id or qualification_type_id, one of the two.", "skill_id")


class ExemptionQuery(ListQuery):
    """Which of a person's exemptions."""

    as_of = Date(metadata={"description": "Only those that hold on this day; else all that were ever granted."})
