"""Skills, categories, and who has a skill."""

from typing import Any

from marshmallow import fields, validate

from smartskill.kit.schemas import Boolean, Float, Id, Integer, ListQuery, Schema, Sort, String, UtcDateTime

STATUSES = ("proposed", "active", "retired")
MOST_ALIASES = 200
URI = r"^[a-zA-Z][a-zA-Z0-9+.-]*:[!-~]+$"
STATUS_HELP = "Proposed by anyone, active once HR agrees, retired when no longer to be rated."


class SimilarSkillSchema(Schema):
    """Another skill that may be the same."""

    id = Id(required=True)
    name = String(200, required=True)
    reason = String(300, required=True, metadata={"example": "Its name is nearly the same."})


class SkillFields(Schema):
    """What can be written of a skill."""

    name = String(200, required=True, metadata={"example": "PostgreSQL"})
    description = String(5000, allow_none=True, load_default=None)
    category_id = Id(allow_none=True, load_default=None)
    status = String(20, validate=validate.OneOf(STATUSES), metadata={"description": STATUS_HELP})
    aliases = fields.List(
        String(200),
        load_default=list,
        validate=validate.Length(max=MOST_ALIASES),
        metadata={"example": ["postgres", "pg"], "description": "Other names it is found by."},
    )
    review_months = Integer(
        1, 120, load_default=12, metadata={"description": "After how many months a level wants confirming."}
    )
    critical = Boolean(load_default=False, metadata={"description": "Whether the organisation depends on it."})
    external_uri = String(
        300,
        trim=False,
        allow_none=True,
        load_default=None,
        validate=validate.Regexp(URI, error="Not a URI."),
        metadata={"pattern": URI, "example": "http://data.europa.eu/esco/skill/0a1b"},
    )
    scale_id = Id(
        allow_none=True, load_default=None, metadata={"description": "Names its levels; none: its category's scale."}
    )


class SkillSchema(SkillFields):
    """A skill of the catalogue."""

    id = Id(dump_only=True)
    level = Integer(1, 5, load_only=True, metadata={"description": "Also rates yourself.", "example": 3})
    proposed_by_id = Id(dump_only=True, allow_none=True)
    merged_into_id = Id(dump_only=True, allow_none=True)
    created_at = UtcDateTime(dump_only=True)
    updated_at = UtcDateTime(dump_only=True)
    similar = fields.List(
        fields.Nested(SimilarSkillSchema),
        dump_only=True,
        metadata={"description": "Only in the answer to its creation: what it may be a double of."},
    )


class SkillReplacementSchema(SkillFields):
    """The whole of a skill; what is left out gets its default, `status` stays."""


class SkillChangesSchema(SkillFields):
    """Some of a skill; what is left out stays."""

    def __init__(self, **more: Any) -> None:
        super().__init__(**{"partial": True, **more})


class SkillQuery(ListQuery):
    """Filters of the catalogue."""

    q = String(
        200, metadata={"description": "Words; typos and part words are forgiven, aliases known.", "example": "postgres"}
    )
    category_id = Id(metadata={"description": "This category and all below it."})
    status = fields.List(
        String(20, validate=validate.OneOf(STATUSES)),
        validate=validate.Length(max=3),
        metadata={"description": "Repeat it for several; active and proposed if not given."},
    )
    sort = Sort(
        "relevance",
        "name",
        "created_at",
        "updated_at",
        "holders",
        default="relevance",
        metadata={"description": "Relevance is the order of names where there is no `q`; holders are who has a level."},
    )


class PersonQuery(ListQuery):
    """Who has it, from which level on."""

    min_level = Integer(1, 5, metadata={"example": 3})


class SkillPersonSchema(Schema):
    """Someone who has a skill."""

    user_id = Id(required=True)
    full_name = String(200, required=True)
    level = Integer(1, 5, required=True)
    confidence = Float(0, 1, required=True)


class SkillCategorySchema(Schema):
    """A category of the tree."""

    id = Id(dump_only=True)
    name = String(200, required=True, metadata={"example": "Databases"})
    parent_id = Id(allow_none=True, load_default=None, metadata={"description": "None: at the top."})
    external_uri = String(
        300,
        trim=False,
        allow_none=True,
        load_default=None,
        validate=validate.Regexp(URI, error="Not a URI."),
        metadata={"pattern": URI},
    )
    scale_id = Id(
        allow_none=True, load_default=None, metadata={"description": "Names the levels of skills that choose no scale."}
    )


class SkillCategoryChangesSchema(SkillCategorySchema):
    """Some of a category."""

    def __init__(self, **more: Any) -> None:
        super().__init__(**{"partial": True, **more})


class SkillCategoryRowSchema(SkillCategorySchema):
    """A category with its place in the tree."""

    path = String(2000, dump_only=True, metadata={"example": "Data > Databases"})
    depth = Integer(0, 100, dump_only=True)
    skills = Integer(0, dump_only=True, metadata={"description": "Skills directly in it, retired ones not counted."})


class CategoryQuery(ListQuery):
    """Filters of the categories."""

    q = String(200)
    parent_id = Id(metadata={"description": "Only those directly below it."})


class SkillSourceSchema(Schema):
    """A taxonomy in the catalogue; show its attribution beside its data."""

    key = String(20, required=True, metadata={"example": "esco"})
    name = String(200, required=True)
    attribution = String(5000, required=True, allow_none=True)
    url = String(300, required=True, allow_none=True)
    imported_at = UtcDateTime(required=True)
    skills = Integer(0, required=True)
