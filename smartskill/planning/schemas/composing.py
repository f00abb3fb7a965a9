"""Teams to be composed: what is asked, and what came of it."""

from typing import Any

from marshmallow import ValidationError, fields, validate, validates_schema

from smartskill.kit.schemas import Boolean, Float, Id, Integer, Nested, Schema, String, UtcDateTime

STATES = ("queued", "running", "done", "failed", "cancelled")
MOST_NEEDS = 50
MOST_PICKED = 1_000
MOST_NAMED = 2_000


class NeedSchema(Schema):
    """A skill at a level, and how many people should have it."""

    skill_id = Id(required=True, metadata={"example": 12})
    min_level = Integer(1, 5, load_default=1, metadata={"example": 3})
    heads = Integer(1, 100, load_default=1, metadata={"example": 2})
    must = Boolean(
        load_default=True,
        metadata={
            "description": "A need that is none adds nobody; it decides between teams. If none is a must, all are."
        },
    )


class PoolSchema(Schema):
    """Out of whom: a team with those below it, these people, or (empty) everybody whom one may plan for."""

    team_id = Id()
    user_ids = fields.List(Id(), validate=validate.Length(min=1, max=MOST_NAMED))

    @validates_schema
    def _is_one_of_them(self, data: dict[str, Any], **more: Any) -> None:
        if "team_id" in data and "user_ids" in data:
            raise ValidationError("Give `team_id` or `user_ids`, not both.", "user_ids")


class TeamRequestSchema(Schema):
    """What a team has to be able to do, and out of whom."""

    needs = fields.List(
        Nested(NeedSchema),
        required=True,
        validate=validate.Length(min=1, max=MOST_NEEDS),
        metadata={"example": [{"skill_id": 12, "min_level": 3, "heads": 2, "must": True}]},
    )
    pool = Nested(PoolSchema, load_default=dict, metadata={"example": {}})
    most = Integer(1, MOST_PICKED, allow_none=True, load_default=None, metadata={"description": "The largest team."})


class CoveredNeedSchema(Schema):
    """A need that somebody meets."""

    skill_id = Id(required=True)
    skill_name = String(required=True, allow_none=True)
    min_level = Integer(1, 5, required=True)
    level = Integer(1, 5, required=True, allow_none=True)
    confidence = Float(0, 1, required=True, allow_none=True)
    is_decisive = Boolean(required=True, metadata={"description": "Without this person the need would be short."})
    fact = String(
        500, required=True, metadata={"example": "Welding: level 4, 3 needed, confidence 0.80; none to spare"}
    )


class PickedPersonSchema(Schema):
    """Somebody; null where the person is gone or no longer the caller's to plan for."""

    user_id = Id(required=True, allow_none=True)
    full_name = String(required=True, allow_none=True)


class PickSchema(PickedPersonSchema):
    """Somebody in the team, and why."""

    why = fields.List(fields.Nested(CoveredNeedSchema), required=True)
    alternatives = fields.List(
        fields.Nested(PickedPersonSchema),
        required=True,
        metadata={"description": "Who could take this place with every need as covered, the most trusted first."},
    )


class NeedResultSchema(Schema):
    """How a need is met."""

    skill_id = Id(required=True)
    skill_name = String(required=True, allow_none=True)
    min_level = Integer(1, 5, required=True)
    heads = Integer(1, required=True)
    must = Boolean(required=True)
    covered = Integer(0, required=True)
    short = Integer(0, required=True, metadata={"description": "How many heads are missing."})


class OtherTeamSchema(Schema):
    """The best team without anybody of the first."""

    people = fields.List(fields.Nested(PickedPersonSchema), required=True)
    unmet = fields.List(fields.Nested(NeedResultSchema), required=True)


class GrowthSeatSchema(PickedPersonSchema):
    """Somebody who is one level short of a need and keen on it."""

    skill_id = Id(required=True)
    skill_name = String(required=True, allow_none=True)
    min_level = Integer(1, 5, required=True)
    level = Integer(1, 5, required=True, allow_none=True)
    interest = Integer(0, 5, required=True, allow_none=True)
    learn = String(300, required=True, metadata={"example": "Welding from level 2 to 3"})


class SolverSchema(Schema):
    """How the team was found, and what is known of how good it is."""

    name = String(20, required=True, validate=validate.OneOf(("exact", "greedy")))
    is_proven = Boolean(required=True, metadata={"description": "No team covers as much with fewer people."})
    at_least = Integer(
        0, required=True, allow_none=True, metadata={"description": "No team that covers as much is smaller than this."}
    )
    gap = Float(0, 1, required=True, allow_none=True, metadata={"description": "(people − at_least) ÷ people."})
    bound = Float(
        1,
        1e9,
        required=True,
        allow_none=True,
        metadata={"description": "At most this many times the fewest people: of the greedy one H(Σ heads)."},
    )
    pool = Integer(0, required=True, metadata={"description": "How many people were looked at."})
    candidates = Integer(0, required=True, metadata={"description": "How many of them meet a need."})
    exact_up_to = Integer(0, required=True, metadata={"description": "With more candidates it is greedy."})


class TeamResultSchema(Schema):
    """The team."""

    team = fields.List(fields.Nested(PickSchema), required=True)
    needs = fields.List(fields.Nested(NeedResultSchema), required=True)
    unmet = fields.List(fields.Nested(NeedResultSchema), required=True)
    alternatives = fields.List(fields.Nested(OtherTeamSchema), required=True)
    growth_seats = fields.List(fields.Nested(GrowthSeatSchema), required=True)
    solver = fields.Nested(SolverSchema, required=True)


class TeamPlanSchema(Schema):
    """A team that is being composed, or was."""

    id = Id(required=True)
    state = String(10, required=True, validate=validate.OneOf(STATES))
    progress = Float(0, 1, required=True)
    note = String(
        300,
        required=True,
        allow_none=True,
        metadata={"example": "Waits for a worker.", "description": "What it waits for."},
    )
    request = fields.Nested(TeamRequestSchema, required=True)
    result = fields.Nested(TeamResultSchema, required=True, allow_none=True)
    error = String(300, required=True, allow_none=True)
    created_at = UtcDateTime(required=True)
    finished_at = UtcDateTime(required=True, allow_none=True)
    expires_at = UtcDateTime(required=True)
