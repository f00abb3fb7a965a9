"""Plannings and models, for admins."""

from marshmallow import fields

from smartskill.engagement.schemas.fields import read
from smartskill.kit.schemas import Boolean, Id, Schema, UtcDateTime


class RunRequestSchema(Schema):
    """A planning to do."""

    is_forced = Boolean(
        load_default=False,
        metadata={"description": "Past quiet hours, days off and weekly slots, past no other gate.", "example": False},
    )


class RunSchema(Schema):
    """A planning, how far it is, and what came of it."""

    id = read(fields.Integer, 4)
    state = fields.String(dump_only=True, metadata={"enum": ["queued", "running", "done", "failed"], "example": "done"})
    is_forced = Boolean(dump_only=True)
    people = read(fields.Integer, 200, "How many people it looks at; 0 until it began.")
    done = read(fields.Integer, 200)
    counts = fields.Dict(
        keys=fields.String(),
        values=fields.Integer(),
        dump_only=True,
        metadata={
            "example": {"decisions": 31, "mails": 12},
            "description": "`action:<kind>`, `gate:<reason>` and totals.",
        },
    )
    price = read(fields.Float, 0.01, allow_none=True)
    error = read(fields.String, allow_none=True)
    created_at = UtcDateTime(dump_only=True)
    finished_at = UtcDateTime(dump_only=True, allow_none=True)


class ModelSchema(Schema):
    """A trained model and its standing."""

    id = Id(dump_only=True, metadata={"example": 3})
    name = read(fields.String, "lapse")
    state = fields.String(
        dump_only=True, metadata={"enum": ["candidate", "shadow", "champion", "archived"], "example": "champion"}
    )
    is_gate_passed = Boolean(dump_only=True)
    highest_stage = read(fields.Integer, 1, "The highest stage at which it may serve; 0: refused.")
    auc = read(fields.Float, 0.81, allow_none=True)
    auc_recency_only = read(fields.Float, 0.78, "The baseline it has to beat.", allow_none=True)
    is_alarmed = Boolean(dump_only=True, metadata={"description": "Its scores stopped coming true: the rules serve."})
    trained_at = UtcDateTime(dump_only=True)
    promoted_at = UtcDateTime(dump_only=True, allow_none=True)
    archived_at = UtcDateTime(dump_only=True, allow_none=True)


class ModelCardSchema(ModelSchema):
    """A model with its whole card."""

    card = read(fields.Dict, None, "Data, windows, metrics beside the baselines, calibration, gate, limits.")
