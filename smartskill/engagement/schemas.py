"""Decisions, predictions, runs, models and outcomes, field by field."""

from marshmallow import fields

from smartskill.kit.schemas import Boolean, Id, ListQuery, Schema, UtcDateTime


def _read(
    field: type[fields.Field], example: object = None, description: str | None = None, **more: object
) -> fields.Field:
    told = {"example": example, "description": description}
    metadata = {name: value for name, value in told.items() if value is not None}
    return field(dump_only=True, metadata=metadata, **more)  # type: ignore[arg-type]


def _figures(example: dict, description: str) -> fields.Dict:
    return fields.Dict(
        keys=fields.String(),
        values=fields.Float(),
        dump_only=True,
        allow_none=True,
        metadata={"example": example, "description": description},
    )


class PageQuery(ListQuery):
    """A page of a list."""


class GateSchema(Schema):
    """A gate that was asked."""

    name = _read(fields.String, "quiet_hours")
    verdict = fields.String(dump_only=True, metadata={"enum": ["open", "closed"], "example": "open"})


class DecisionSchema(Schema):
    """A decision about telling me something, with its reasons and its odds."""

    id = _read(fields.Integer, 7)
    mail_class = fields.String(
        dump_only=True, metadata={"enum": ["service", "subscription"], "example": "subscription"}
    )
    action = _read(fields.String, "skill_stale", "The kind of notice, or `none`.")
    action_name = _read(fields.String, "Skills to confirm", "In my language.")
    text = _read(
        fields.String, "Python, level 4, was last confirmed on 3 March 2025.", "In my language.", allow_none=True
    )
    drawn_action = _read(
        fields.String, "skill_stale", "What was drawn; nothing is sent to people held out.", allow_none=True
    )
    gate = _read(fields.String, "unwanted", "The first gate that was closed, if any.", allow_none=True)
    gates = fields.List(fields.Nested(GateSchema), dump_only=True, metadata={"description": "In the order of asking."})
    is_held_out = Boolean(dump_only=True)
    stage = _read(
        fields.Integer, 1, "0: rules and exploration; from 1 a model. None: by rule, nothing drawn.", allow_none=True
    )
    propensity = _read(fields.Float, 0.42, "The odds of what was drawn.", allow_none=True)
    propensities = _figures({"none": 0.58, "skill_stale": 0.42}, "The odds of everything that could have been drawn.")
    scores = _figures({"none": 0.0, "skill_stale": 0.01}, "What each was thought to be worth.")
    price = _read(fields.Float, 0.01, "What a mail cost, so that the weekly budget is kept.", allow_none=True)
    fallback = _read(fields.String, "DigestMismatch", "Why the rules decided instead of the model.", allow_none=True)
    model_id = _read(fields.Integer, 3, allow_none=True)
    evidence = _read(fields.Dict, None, "What the text names.", allow_none=True)
    decided_at = UtcDateTime(dump_only=True)
    send_at = UtcDateTime(dump_only=True, allow_none=True)
    mail_state = _read(fields.String, "sent", "None: no mail.", allow_none=True)
    mail_reason = _read(fields.String, "no_longer_so", allow_none=True)
    sent_at = UtcDateTime(dump_only=True, allow_none=True)
    is_synthetic = Boolean(dump_only=True, metadata={"description": "Invented for the demo."})


class ReasonSchema(Schema):
    """What moved a score."""

    feature = _read(fields.String, "recency_days")
    value = _read(fields.Float, 12.0, allow_none=True)
    effect = _read(fields.Float, 0.08, "How much higher the score is than with everybody's usual value.")


class PredictionSchema(Schema):
    """A score about me, which nobody else sees."""

    name = _read(fields.String, "lapse", "`lapse`: the chance of no activity within 14 days.")
    value = _read(fields.Float, 0.31)
    reasons = fields.List(fields.Nested(ReasonSchema), dump_only=True)
    model_id = _read(fields.Integer, 3, attribute="model_version_id")
    scored_at = UtcDateTime(dump_only=True)


class RunRequestSchema(Schema):
    """A planning to do."""

    is_forced = Boolean(
        load_default=False,
        metadata={"description": "Past quiet hours, days off and weekly slots, past no other gate.", "example": False},
    )


class RunSchema(Schema):
    """A planning, how far it is, and what came of it."""

    id = _read(fields.Integer, 4)
    state = fields.String(dump_only=True, metadata={"enum": ["queued", "running", "done", "failed"], "example": "done"})
    is_forced = Boolean(dump_only=True)
    people = _read(fields.Integer, 200, "How many people it looks at; 0 until it began.")
    done = _read(fields.Integer, 200)
    counts = fields.Dict(
        keys=fields.String(),
        values=fields.Integer(),
        dump_only=True,
        metadata={
            "example": {"decisions": 31, "mails": 12},
            "description": "`action:<kind>`, `gate:<reason>` and totals.",
        },
    )
    price = _read(fields.Float, 0.01, allow_none=True)
    error = _read(fields.String, allow_none=True)
    created_at = UtcDateTime(dump_only=True)
    finished_at = UtcDateTime(dump_only=True, allow_none=True)


class ModelSchema(Schema):
    """A trained model and its standing."""

    id = Id(dump_only=True, metadata={"example": 3})
    name = _read(fields.String, "lapse")
    state = fields.String(
        dump_only=True, metadata={"enum": ["candidate", "shadow", "champion", "archived"], "example": "champion"}
    )
    is_gate_passed = Boolean(dump_only=True)
    highest_stage = _read(fields.Integer, 1, "The highest stage at which it may serve; 0: refused.")
    auc = _read(fields.Float, 0.81, allow_none=True)
    auc_recency_only = _read(fields.Float, 0.78, "The baseline it has to beat.", allow_none=True)
    trained_at = UtcDateTime(dump_only=True)
    promoted_at = UtcDateTime(dump_only=True, allow_none=True)
    archived_at = UtcDateTime(dump_only=True, allow_none=True)


class ModelCardSchema(ModelSchema):
    """A model with its whole card."""

    card = _read(fields.Dict, None, "Data, windows, metrics beside the baselines, calibration, gate, limits.")


class KindOutcomeSchema(Schema):
    """What came of a kind of notice."""

    kind = _read(fields.String, "skill_stale")
    decided = _read(fields.Integer, 120)
    sent = _read(fields.Integer, 118)
    matured = _read(fields.Integer, 100, "Decisions about people who allow it, of which is known whether they acted.")
    acted = _read(fields.Integer, 41, "Did what the notice is about within 14 days.")
    unsubscribed = _read(fields.Integer, 1, "Within 7 days.")


class ReturnSchema(Schema):
    """Whether people come back more for it: those held out against all others."""

    matured = _read(fields.Integer, 4100)
    others = _read(fields.Integer, 180, "People.")
    held_out = _read(fields.Integer, 20, "People.")
    others_share = _read(fields.Float, 0.52, allow_none=True)
    held_out_share = _read(fields.Float, 0.49, allow_none=True)
    lift = _read(fields.Float, 0.03, allow_none=True)
    low = _read(fields.Float, -0.02, "Of the 95 % interval.", allow_none=True)
    high = _read(fields.Float, 0.08, "Of the 95 % interval.", allow_none=True)
    smallest_detectable = _read(
        fields.Float, 0.07, "The true lift that would be seen with 80 % power.", allow_none=True
    )
    verdict = fields.String(
        dump_only=True, metadata={"enum": ["lift", "harm", "no effect shown", "not yet measurable"], "example": "lift"}
    )


class OutcomesSchema(Schema):
    """What the notices came to: aggregates only."""

    computed_at = UtcDateTime(dump_only=True, allow_none=True, metadata={"description": "None: not computed yet."})
    decided = _read(fields.Integer, 4300)
    synthetic = _read(fields.Integer, 4200, "Of these invented for the demo.")
    held_out = _read(fields.Integer, 430)
    gates = fields.Dict(
        keys=fields.String(), values=fields.Integer(), dump_only=True, metadata={"example": {"cap_week": 3}}
    )
    kinds = fields.List(fields.Nested(KindOutcomeSchema), dump_only=True)
    returned = fields.Nested(ReturnSchema, dump_only=True, allow_none=True, attribute="return", data_key="return")
