"""Merges of skills, and what uses a skill."""

from marshmallow import fields

from smartskill.kit.schemas import Boolean, Id, Integer, ListQuery, Schema, String, UtcDateTime

COUNTS = {"ratings": 12, "holders": 5, "endorsements": 2, "experiences": 4}


class SkillMergeSchema(Schema):
    """What to merge a skill into."""

    into_id = Id(required=True, metadata={"example": 7})
    dry_run = Boolean(load_default=False, metadata={"description": "Say what would happen, and do nothing."})


class MergeSchema(Schema):
    """A merge, and what it took. A preview has no `id`."""

    id = Id(required=True, allow_none=True)
    skill_id = Id(required=True)
    skill_name = String(200, required=True)
    into_id = Id(required=True)
    into_name = String(200, required=True)
    former_status = String(20, required=True)
    moved = fields.Dict(
        keys=fields.String(),
        values=Integer(0),
        required=True,
        metadata={"example": COUNTS, "description": "How many of each kind went over."},
    )
    folded = fields.Dict(
        keys=fields.String(),
        values=Integer(0),
        required=True,
        metadata={"example": {"holders": 1}, "description": "How many became one with what the other had already."},
    )
    aliases = fields.List(String(200), required=True, metadata={"description": "Names that the other is found by now."})
    people = Integer(0, required=True, metadata={"description": "Whom it concerns."})
    levels_changed = Integer(0, required=True, metadata={"description": "People whose level in the other changes."})
    merged_by_id = Id(required=True, allow_none=True)
    merged_at = UtcDateTime(required=True, allow_none=True)
    undone_by_id = Id(required=True, allow_none=True)
    undone_at = UtcDateTime(required=True, allow_none=True)


class MergeQuery(ListQuery):
    """Filters of the merges."""

    skill_id = Id(metadata={"description": "Those that this skill had part in."})
    is_undone = Boolean()


class SkillUsageSchema(Schema):
    """What uses a skill."""

    skill_id = Id(required=True)
    holders = Integer(0, required=True, metadata={"description": "People with a level, hidden ones too."})
    wishes = Integer(0, required=True, metadata={"description": "People with an interest or a target of their own."})
    ratings = Integer(0, required=True)
    endorsements = Integer(0, required=True)
    experiences = Integer(0, required=True)
    granting_types = Integer(0, required=True, metadata={"description": "Kinds of qualification that show it."})
    role_requirements = Integer(0, required=True)
    exemptions = Integer(0, required=True)
    targets = Integer(0, required=True, metadata={"description": "Head-counts that teams want."})
    dismissals = Integer(0, required=True, metadata={"description": "People who do not want it suggested."})
    suggestions = Integer(0, required=True, metadata={"description": "People to whom it was suggested."})
    merged = Integer(0, required=True, metadata={"description": "Skills that were merged into it."})
    others = fields.Dict(keys=fields.String(), values=Integer(0), required=True)
