"""What was decided and predicted about me."""

from marshmallow import fields

from smartskill.engagement.schemas.fields import figures, read
from smartskill.kit.schemas import Boolean, ListQuery, Schema, UtcDateTime


class PageQuery(ListQuery):
    """A page of a list."""


class GateSchema(Schema):
    """A gate that was asked."""

    name = read(fields.String, "quiet_hours")
    verdict = fields.String(dump_only=True, metadata={"enum": ["open", "closed"], "example": "open"})


class DecisionSchema(Schema):
    """A decision about telling me something, with its reasons and its odds."""

    id = read(fields.Integer, 7)
    mail_class = fields.String(
        dump_only=True, metadata={"enum": ["service", "subscription"], "example": "subscription"}
    )
    action = read(fields.String, "skill_stale", "The kind of notice, or `none`.")
    action_name = read(fields.String, "Skills to confirm", "In my language.")
    text = read(
        fields.String, "Python, level 4, was last confirmed on 3 March 2025.", "In my language.", allow_none=True
    )
    drawn_action = read(
        fields.String, "skill_stale", "What was drawn; nothing is sent to people held out.", allow_none=True
    )
    gate = read(fields.String, "unwanted", "The first gate that was closed, if any.", allow_none=True)
    gates = fields.List(fields.Nested(GateSchema), dump_only=True, metadata={"description": "In the order of asking."})
    is_held_out = Boolean(dump_only=True)
    stage = read(
        fields.Integer, 1, "0: rules and exploration; from 1 a model. None: by rule, nothing drawn.", allow_none=True
    )
    propensity = read(fields.Float, 0.42, "The odds of what was drawn.", allow_none=True)
    propensities = figures({"none": 0.58, "skill_stale": 0.42}, "The odds of everything that could have been drawn.")
    scores = figures({"none": 0.0, "skill_stale": 0.01}, "What each was thought to be worth.")
    price = read(fields.Float, 0.01, "What a mail cost, so that the weekly budget is kept.", allow_none=True)
    fallback = read(fields.String, "DigestMismatch", "Why the rules decided instead of the model.", allow_none=True)
    model_id = read(fields.Integer, 3, allow_none=True)
    evidence = read(fields.Dict, None, "What the text names.", allow_none=True)
    decided_at = UtcDateTime(dump_only=True)
    send_at = UtcDateTime(dump_only=True, allow_none=True)
    mail_state = read(fields.String, "sent", "None: no mail.", allow_none=True)
    mail_reason = read(fields.String, "no_longer_so", allow_none=True)
    sent_at = UtcDateTime(dump_only=True, allow_none=True)
    is_synthetic = Boolean(dump_only=True, metadata={"description": "Invented for the demo."})


class ReasonSchema(Schema):
    """What moved a score."""

    feature = read(fields.String, "recency_days")
    value = read(fields.Float, 12.0, allow_none=True)
    effect = read(fields.Float, 0.08, "How much higher the score is than with everybody's usual value.")


class PredictionSchema(Schema):
    """A score about me, which nobody else sees."""

    name = read(fields.String, "lapse", "`lapse`: the chance of no activity within 14 days.")
    value = read(fields.Float, 0.31)
    reasons = fields.List(fields.Nested(ReasonSchema), dump_only=True)
    model_id = read(fields.Integer, 3, attribute="model_version_id")
    scored_at = UtcDateTime(dump_only=True)
