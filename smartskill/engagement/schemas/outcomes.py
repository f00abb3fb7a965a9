"""What came of it all, for admins: aggregates only."""

from marshmallow import fields

from smartskill.engagement.schemas.fields import read
from smartskill.kit.schemas import Boolean, Schema, UtcDateTime

VERDICTS = ["lift", "harm", "no effect shown", "not yet measurable"]


class EffectSchema(Schema):
    """What mail added: people it reached against people held out, as the means of their decisions."""

    others = read(fields.Integer, 180, "People who were not held out.")
    held_out = read(fields.Integer, 20, "People.")
    others_share = read(fields.Float, 0.52, allow_none=True)
    held_out_share = read(fields.Float, 0.49, allow_none=True)
    lift = read(fields.Float, 0.03, allow_none=True)
    low = read(fields.Float, -0.02, "Of the 95 % interval.", allow_none=True)
    high = read(fields.Float, 0.08, "Of the 95 % interval.", allow_none=True)
    smallest_detectable = read(fields.Float, 0.07, "The true lift that would be seen with 80 % power.", allow_none=True)
    verdict = fields.String(dump_only=True, metadata={"enum": VERDICTS, "example": "lift"})


class ComparedSchema(EffectSchema):
    """The same with how many decisions it rests on."""

    matured = read(fields.Integer, 410, "Decisions of which the outcome is final.")


class ReturnSchema(ComparedSchema):
    """Whether people come back more for it."""

    adjusted = fields.Nested(
        EffectSchema,
        dump_only=True,
        metadata={"description": "The headline: with what people did before taken out, which narrows the interval."},
    )
    width_ratio = read(fields.Float, 0.83, "Width of the adjusted interval over the plain one.", allow_none=True)


class KindOutcomeSchema(Schema):
    """What came of a kind of notice."""

    kind = read(fields.String, "skill_stale")
    decided = read(fields.Integer, 120)
    sent = read(fields.Integer, 118)
    matured = read(fields.Integer, 100, "Decisions about people who allow it, of which is known whether they acted.")
    acted = read(fields.Integer, 41, "Did what the notice is about within 14 days.")
    unsubscribed = read(fields.Integer, 1, "Within 7 days.")
    act = fields.Nested(
        ComparedSchema,
        dump_only=True,
        metadata={"description": "Who got it against those for whom it was drawn and who were held out: acted."},
    )
    returned = fields.Nested(
        ComparedSchema, dump_only=True, attribute="return", data_key="return", metadata={"description": "Came back."}
    )


class ValueSchema(Schema):
    """Returns per decision, with its 95 % interval."""

    value = read(fields.Float, 0.42, allow_none=True)
    low = read(fields.Float, 0.40, allow_none=True)
    high = read(fields.Float, 0.44, allow_none=True)


class PolicyValueSchema(ValueSchema):
    """What a policy would have been worth on the logged decisions, doubly robust; two other estimates beside it."""

    policy = fields.String(dump_only=True, metadata={"enum": ["serving", "rule", "silence"], "example": "serving"})
    decisions = read(fields.Integer, 4100)
    effective_sample = read(fields.Float, 1830.5, "Kish's: how many decisions the weights leave.")
    mean_weight = read(fields.Float, 1.01, "About 1 where the logged odds are right.")
    is_weight_right = Boolean(dump_only=True, metadata={"description": "Whether it is within 5 % of 1."})
    snips = fields.Nested(ValueSchema, dump_only=True)
    ips = fields.Nested(ValueSchema, dump_only=True)


class PolicySchema(Schema):
    """The policy that serves."""

    stage = read(fields.Integer, 1, "0: rules; 1: ordered by the lapse model; 2, 3: measured effects.")
    exploration = read(fields.Float, 0.1, "The share of decisions that is left to chance.")
    models = fields.Dict(
        keys=fields.String(), values=fields.Integer(), dump_only=True, metadata={"example": {"lapse": 3}}
    )
    fallback = read(fields.String, "drift", "Why the rules serve instead of a champion, if they do.", allow_none=True)
    matured = read(fields.Integer, 4100, "Decisions with known odds of which the outcome is final.")
    price = read(fields.Float, 0.01, "What a mail costs at present, so that the budget is kept.")
    weekly_budget = read(fields.Float, 0.3, "Subscription mails per person and week.")
    holdout_share = read(fields.Float, 0.1)
    fallbacks = fields.Dict(
        keys=fields.String(),
        values=fields.Integer(),
        dump_only=True,
        metadata={
            "example": {"DigestMismatch": 2},
            "description": "Decisions of 28 days that fell back, by why.",
        },
    )


class OutcomesSchema(Schema):
    """What the notices of a year came to: aggregates only."""

    computed_at = UtcDateTime(dump_only=True, allow_none=True, metadata={"description": "None: not computed yet."})
    since = read(fields.String, "2025-11-28T00:00:00+00:00", "The first decision that is looked at.", allow_none=True)
    decided = read(fields.Integer, 4300)
    synthetic = read(fields.Integer, 4200, "Of these invented for the demo.")
    held_out = read(fields.Integer, 430)
    gates = fields.Dict(
        keys=fields.String(), values=fields.Integer(), dump_only=True, metadata={"example": {"cap_week": 3}}
    )
    kinds = fields.List(fields.Nested(KindOutcomeSchema), dump_only=True)
    returned = fields.Nested(ReturnSchema, dump_only=True, allow_none=True, attribute="return", data_key="return")
    policies = fields.List(
        fields.Nested(PolicyValueSchema),
        dump_only=True,
        metadata={"description": "Each with as many mails as were sent; empty where too few decisions have matured."},
    )
    policy = fields.Nested(PolicySchema, dump_only=True, allow_none=True)
