"""The next skill to learn, and whom to learn it from."""

from marshmallow import fields

from smartskill.kit.schemas import (
    Boolean,
    Date,
    Float,
    Id,
    Integer,
    ListQuery,
    QuerySchema,
    Schema,
    String,
    UtcDateTime,
)


class NextSkillQuery(ListQuery):
    """A page of the list."""


class RoleGainSchema(Schema):
    """How far a role comes nearer by the next level."""

    role_id = Id(required=True)
    name = String(required=True, metadata={"example": "Deckhand"})
    is_assigned = Boolean(required=True, metadata={"description": "Theirs; else one that is within reach."})
    readiness_before = Float(0, 1, required=True, metadata={"example": 0.4})
    readiness_after = Float(0, 1, required=True, metadata={"example": 0.6})


class TargetGainSchema(Schema):
    """A head-count of their team that is short, and what the next level does for it."""

    target_id = Id(required=True)
    team_id = Id(required=True, allow_none=True)
    team_name = String(required=True, allow_none=True)
    level = Integer(1, 5, required=True)
    short = Integer(
        1, required=True, metadata={"description": "Heads missing, now or once who leaves in 90 days is gone."}
    )
    gained = Float(0, 1, required=True, metadata={"description": "The share of what is missing that it adds."})
    is_closed = Boolean(required=True, metadata={"description": "It was the last one missing."})


class PeersSchema(Schema):
    """How many of the team have more of it."""

    count = Integer(0, required=True)
    of = Integer(0, required=True)
    median_level = Integer(1, 5, required=True)


class NextSkillSchema(Schema):
    """A skill, its next level, and the three numbers that speak for it."""

    skill_id = Id(required=True)
    skill_name = String(required=True)
    level = Integer(
        1, 5, required=True, allow_none=True, metadata={"description": "Null: not rated, which is not zero."}
    )
    next_level = Integer(1, 5, required=True)
    readiness_gained = Float(
        0,
        1,
        required=True,
        allow_none=True,
        metadata={"description": "For their roles together; else for a role within reach. Null: there is no role."},
    )
    team_coverage_gained = Float(
        0, 1000, required=True, metadata={"description": "Summed over the targets; 1 is a whole target closed."}
    )
    interest = Integer(0, 5, required=True, allow_none=True)
    score = Float(0, 1, required=True, metadata={"example": 0.73})
    roles = fields.List(fields.Nested(RoleGainSchema), required=True)
    targets = fields.List(fields.Nested(TargetGainSchema), required=True)
    peers = fields.Nested(PeersSchema, required=True, allow_none=True)
    why = fields.List(String(300), required=True, metadata={"example": ["assigned roles: readiness from 0.40 to 0.60"]})


class DismissedSkillSchema(Schema):
    """A skill that is not to be suggested any more."""

    skill_id = Id(required=True)
    skill_name = String(required=True)
    dismissed_at = UtcDateTime(required=True)


class MentorQuery(QuerySchema):
    """What somebody wants to learn."""

    skill_id = Id(required=True)


class MentorSchema(Schema):
    """Somebody to learn from, and why."""

    user_id = Id(required=True)
    full_name = String(required=True)
    title = String(required=True, allow_none=True)
    team_id = Id(required=True, allow_none=True)
    team_name = String(required=True, allow_none=True)
    level = Integer(1, 5, required=True)
    confidence = Float(0, 1, required=True)
    last_confirmed_on = Date(required=True)
    why = fields.List(
        String(300), required=True, metadata={"example": ["level 5, two above 3", "in another team: Deck"]}
    )
