"""Events as clients send them (numbers, flags and closed words: no text), and the two switches of consent."""

from marshmallow import fields, validate

from smartskill.kit.schemas import Boolean, Id, Integer, Schema, String, UtcDateTime

# What a client may send; all other kinds are recorded by the act itself.
CLIENT_KINDS = (
    "profile_viewed", "skill_viewed", "search", "recommendation_opened", "recommendation_dismissed", "inbox_opened",
)  # fmt: skip
SUBJECTS = ("user", "skill", "experience", "qualification", "notification", "team", "role")


VIEWS = ("list", "detail", "matrix", "experts", "team", "profile", "inbox")
CHANNELS = ("web", "email", "inbox")


class EventPropsSchema(Schema):
    """What is known of an act; each kind keeps those that belong to it."""

    view = fields.String(validate=validate.OneOf(VIEWS), metadata={"example": "list"})
    via = fields.String(validate=validate.OneOf(CHANNELS))
    is_own = Boolean()
    result_count = Integer(0, metadata={"example": 12})
    filter_count = Integer(0)
    unread_count = Integer(0)
    rank = Integer(0)


class EventSchema(Schema):
    """One act in a client."""

    kind = fields.String(required=True, validate=validate.OneOf(CLIENT_KINDS), metadata={"example": "skill_viewed"})
    occurred_at = UtcDateTime(
        required=True,
        metadata={"description": "Kept from 30 days ago to 5 minutes ahead.", "example": "2026-11-22T09:30:00Z"},
    )
    client_event_id = String(
        50, required=True, metadata={"description": "Repeated with the same time: taken once.", "example": "b7a1-42"}
    )
    subject_type = fields.String(validate=validate.OneOf(SUBJECTS), metadata={"example": "skill"})
    subject_id = Id(metadata={"example": 17})
    props = fields.Nested(EventPropsSchema)


class EventBatchSchema(Schema):
    """Acts in a client, at most 100."""

    events = fields.List(fields.Nested(EventSchema), required=True, validate=validate.Length(min=1, max=100))


class EventBatchAnswerSchema(Schema):
    """What became of a batch."""

    accepted = fields.Integer(required=True, metadata={"example": 3})
    duplicates = fields.Integer(required=True, metadata={"example": 0})
    out_of_time = fields.Integer(required=True, metadata={"example": 0})
    is_tracked = fields.Boolean(
        required=True, metadata={"description": "False: this person has not consented, nothing was kept."}
    )


class EventMonthSchema(Schema):
    """How much of a kind a month saw."""

    month = fields.Date(dump_only=True, metadata={"description": "Its first day.", "example": "2026-10-01"})
    kind = fields.String(dump_only=True, metadata={"example": "skill_rated"})
    source = fields.String(dump_only=True, metadata={"example": "web"})
    events = fields.Integer(dump_only=True, metadata={"example": 412})
    people = fields.Integer(dump_only=True, metadata={"description": "Who did it.", "example": 96})


class ConsentsSchema(Schema):
    """What a person allows. Switching off takes effect at once and breaks nothing."""

    tracking = Boolean(
        load_default=False, metadata={"description": "Record what I do in the product.", "example": True}
    )
    prediction = Boolean(
        load_default=False, metadata={"description": "Predict which notices are worth my attention.", "example": True}
    )
    tracking_changed_at = UtcDateTime(
        dump_only=True, allow_none=True, metadata={"description": "Null: not said, the operator's default holds."}
    )
    prediction_changed_at = UtcDateTime(dump_only=True, allow_none=True)
