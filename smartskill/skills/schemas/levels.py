"""People's levels, endorsements and what was said when."""

from typing import Any

from marshmallow import ValidationError, fields, validate, validates_schema

from smartskill.kit.schemas import Boolean, Date, Float, Id, Integer, ListQuery, Schema, Sort, String, UtcDateTime

MOST_AT_ONCE = 200
HIDDEN = "Null for colleagues."


class LevelFields(Schema):
    """What can be written of a level."""

    level = Integer(1, 5, allow_none=True, metadata={"example": 3, "description": "Null takes one's own rating back."})
    interest = Integer(0, 5, allow_none=True, metadata={"description": "The owner's wish to use it, 0 to 5."})
    target_level = Integer(1, 5, allow_none=True, metadata={"description": f"The level the owner wants. {HIDDEN}"})
    is_shown = Boolean(metadata={"description": "Whether colleagues see it."})
    note = String(
        2000, allow_none=True, metadata={"description": f"The owner's, or a manager's with the rating. {HIDDEN}"}
    )


class UserSkillSchema(LevelFields):
    """A person's level in a skill. A level that nobody stated is null, never 0."""

    user_id = Id(dump_only=True)
    skill_id = Id(dump_only=True)
    skill_name = String(200, dump_only=True)
    self_level = Integer(1, 5, dump_only=True, allow_none=True, metadata={"description": HIDDEN})
    manager_level = Integer(1, 5, dump_only=True, allow_none=True, metadata={"description": HIDDEN})
    confidence = Float(
        0, 1, dump_only=True, metadata={"description": "From who said it and how long ago; fresh from 0.5."}
    )
    is_stale = Boolean(dump_only=True, metadata={"description": "Whether it wants confirming."})
    last_confirmed_on = Date(dump_only=True, allow_none=True)
    effective_on = Date(load_only=True, metadata={"description": "From when the level holds; today if left out."})


class UserSkillChangesSchema(LevelFields):
    """Some of a level; what is left out stays."""

    effective_on = Date(load_only=True)


class UserSkillEntrySchema(LevelFields):
    """One of many levels written at once; what it leaves out stays."""

    skill_id = Id(required=True)
    effective_on = Date(load_only=True)

    @validates_schema(pass_collection=True)
    def _is_bounded(self, data: Any, many: bool, **more: Any) -> None:
        if many and len(data) > MOST_AT_ONCE:
            raise ValidationError(f"At most {MOST_AT_ONCE} at once.")


class LevelQuery(ListQuery):
    """Filters of a person's levels."""

    q = String(200, metadata={"description": "Words of the skill's name."})
    category_id = Id()
    min_level = Integer(1, 5)
    is_stale = Boolean()
    sort = Sort("name", "level", "interest", "confidence", "last_confirmed_on", default="name")


class SkillConfirmationSchema(Schema):
    """The skills whose levels still hold."""

    skill_ids = fields.List(
        Id(), required=True, validate=validate.Length(min=1, max=MOST_AT_ONCE), metadata={"example": [1, 2]}
    )


class EndorsementSchema(Schema):
    """A colleague's word for a level."""

    id = Id(dump_only=True)
    user_id = Id(dump_only=True)
    skill_id = Id(dump_only=True)
    endorser_id = Id(dump_only=True)
    endorser_name = String(200, dump_only=True)
    level = Integer(1, 5, allow_none=True, metadata={"description": f"The present level if left out. {HIDDEN}"})
    note = String(2000, allow_none=True, metadata={"description": HIDDEN, "example": "Led our migration to it."})
    created_at = UtcDateTime(dump_only=True)


class SkillRatingSchema(Schema):
    """Something that was said about a level; taken back, if `retracted_at` says when."""

    id = Id()
    level = Integer(1, 5)
    source = String(20, metadata={"example": "self"})
    rater_id = Id(allow_none=True)
    rater_name = String(200, allow_none=True)
    effective_on = Date()
    note = String(2000, allow_none=True)
    evidence = fields.Dict(allow_none=True)
    retracted_at = UtcDateTime(allow_none=True)
    created_at = UtcDateTime()
