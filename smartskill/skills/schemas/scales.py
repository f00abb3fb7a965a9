"""Level scales, and the levels of one skill."""

from typing import Any

from marshmallow import ValidationError, fields, validate, validates_schema

from smartskill.kit.schemas import Boolean, Id, Integer, ListQuery, Schema, String, UtcDateTime

NAMES = ("Beginner", "Elementary", "Intermediate", "Advanced", "Expert")
FIVE = [{"level": level, "name": name, "wording": None} for level, name in enumerate(NAMES, 1)]


class ScaleLevelSchema(Schema):
    """A level as a scale calls it."""

    level = Integer(1, 5, required=True)
    name = String(60, required=True, metadata={"example": "Expert"})
    wording = String(2000, allow_none=True, load_default=None, metadata={"example": "Solves hard cases alone."})


class LevelScaleSchema(Schema):
    """What the levels 1 to 5 are called."""

    id = Id(dump_only=True)
    name = String(100, required=True, metadata={"example": "Beginner to expert"})
    levels = fields.List(
        fields.Nested(ScaleLevelSchema),
        required=True,
        validate=validate.Length(equal=5),
        metadata={"description": "All five, each once.", "example": FIVE},
    )
    is_default = Boolean(load_default=False, metadata={"description": "Whether it serves where none is chosen."})
    created_at = UtcDateTime(dump_only=True)
    updated_at = UtcDateTime(dump_only=True)

    @validates_schema
    def _check_levels(self, data: dict[str, Any], **_: Any) -> None:
        if "levels" in data and sorted(entry["level"] for entry in data["levels"]) != [1, 2, 3, 4, 5]:
            raise ValidationError("Name each of the levels 1 to 5 once.", "levels")


class LevelScaleReplacementSchema(LevelScaleSchema):
    """The whole of a scale; that it is the default stays so unless it is said."""

    is_default = Boolean(metadata={"description": "Whether it serves where none is chosen."})


class LevelScaleChangesSchema(LevelScaleReplacementSchema):
    """Some of a scale."""

    def __init__(self, **more: Any) -> None:
        super().__init__(**{"partial": True, **more})


class LevelScaleQuery(ListQuery):
    """Pages of the scales."""


class SkillLevelSchema(Schema):
    """What a level of a skill is called and means."""

    level = Integer(1, 5, required=True)
    name = String(60, dump_only=True, metadata={"description": "As its scale calls it."})
    wording = String(2000, allow_none=True, load_default=None, metadata={"example": "Tunes queries and replication."})
    is_own = Boolean(dump_only=True, metadata={"description": "Whether the wording is the skill's, not the scale's."})


class SkillLevelsSchema(Schema):
    """How a skill words its levels; what is left out has the scale's wording."""

    levels = fields.List(
        fields.Nested(SkillLevelSchema),
        required=True,
        validate=validate.Length(max=5),
        metadata={"example": [{"level": 3, "wording": "Tunes queries and replication."}]},
    )

    @validates_schema
    def _check_levels(self, data: dict[str, Any], **_: Any) -> None:
        levels = [entry["level"] for entry in data.get("levels", ())]
        if len(set(levels)) < len(levels):
            raise ValidationError("Name each level once.", "levels")
