"""The inbox, and what a person chooses, field by field."""

from marshmallow import fields, validate

from smartskill.kit.schemas import Boolean, Date, Integer, ListQuery, Schema, String, UtcDateTime

SCOPES = ("all", "subscription")
ADDRESS = r"^[!-?A-~]{1,64}@[A-Za-z0-9]([A-Za-z0-9.-]{0,180}[A-Za-z0-9])?$"
HOURS = r"^([01]?[0-9]|2[0-3])-([01]?[0-9]|2[0-3])$"


class InboxQuery(ListQuery):
    """Filters of the inbox."""

    kind = String(40, metadata={"example": "endorsed"})
    unread = Boolean(metadata={"description": "true: only what I have not read; false: only what I have."})


class NotificationSchema(Schema):
    """An entry of the inbox."""

    id = fields.Integer(dump_only=True, metadata={"example": 7})
    kind = fields.String(dump_only=True, metadata={"example": "qualification_expiring"})
    text = fields.String(dump_only=True, metadata={"example": "First Aid expires on 12 December 2026"})
    evidence = fields.Dict(dump_only=True, metadata={"description": "What the text was made from."})
    is_read = Boolean(dump_only=True)
    read_at = UtcDateTime(dump_only=True, allow_none=True)
    created_at = UtcDateTime(dump_only=True)
    decision_id = fields.Integer(
        dump_only=True, allow_none=True, metadata={"description": "The decision that it came from."}
    )


class NotificationChangeSchema(Schema):
    """What may be changed of an entry."""

    is_read = Boolean(metadata={"example": True})


class ReadAllSchema(Schema):
    """What marking everything changed."""

    marked = fields.Integer(required=True, metadata={"example": 4})


class KindChoiceSchema(Schema):
    """Whether mail of a kind is wanted."""

    kind = String(40, required=True, metadata={"example": "digest"})
    is_wanted = Boolean(required=True, metadata={"example": True})
    name = fields.String(dump_only=True, metadata={"example": "Summary"})
    mail_class = fields.String(dump_only=True, metadata={"enum": ["service", "subscription"]})


class PreferencesSchema(Schema):
    """What I want to hear, and when."""

    kinds = fields.List(
        fields.Nested(KindChoiceSchema),
        load_default=list,
        validate=validate.Length(max=50),
        metadata={"description": "A kind that is left out is wanted. Service kinds stay in the inbox in any case."},
    )
    quiet_hours = String(
        10,
        load_default=None,
        allow_none=True,
        validate=validate.Regexp(HOURS),
        metadata={"description": "From-to on my own clock; 0-0 for none, null for the default.", "example": "20-8"},
    )
    default_quiet_hours = fields.String(dump_only=True, metadata={"example": "20-8"})
    working_days = fields.List(
        Integer(0, 6),
        load_default=lambda: [0, 1, 2, 3, 4],
        validate=validate.Length(min=1, max=7),
        metadata={"description": "0 is Monday.", "example": [0, 1, 2, 3, 4]},
    )
    away_until = Date(load_default=None, allow_none=True, metadata={"example": "2026-12-31"})
    is_in_holdout_allowed = Boolean(
        load_default=True,
        metadata={"description": "Whether I may be in the group that gets no mail, to measure whether mail helps."},
    )


class UnsubscribedSchema(Schema):
    """What was unsubscribed."""

    kind = fields.String(required=True, metadata={"example": "digest"})
    kinds = fields.List(
        fields.String(),
        required=True,
        metadata={
            "example": ["digest"],
            "description": "All that this ended: a mail may join several service notices.",
        },
    )
    is_wanted = fields.Boolean(required=True, metadata={"example": False})


class SuppressionQuery(ListQuery):
    """Filters of the suppressions."""

    email = String(254, metadata={"example": "sam@example.org"})
    scope = String(20, validate=validate.OneOf(SCOPES), metadata={"example": "all"})
    lifted = Boolean(metadata={"description": "true: only those that were lifted; else those that hold."})


class SuppressionSchema(Schema):
    """An address that gets no mail."""

    id = fields.Integer(dump_only=True, metadata={"example": 7})
    email = String(254, required=True, validate=validate.Regexp(ADDRESS), metadata={"example": "sam@example.org"})
    scope = String(
        20,
        load_default="all",
        validate=validate.OneOf(SCOPES),
        metadata={"description": "all: no mail at all; subscription: only what nobody has to get.", "example": "all"},
    )
    reason = fields.String(dump_only=True, metadata={"example": "hard_bounce"})
    created_at = UtcDateTime(dump_only=True)
    lifted_at = UtcDateTime(dump_only=True, allow_none=True)
    lifted_because = fields.String(dump_only=True, allow_none=True, metadata={"example": "The mailbox was mended."})


class LiftSchema(Schema):
    """Why an address may get mail again."""

    because = String(200, required=True, metadata={"example": "The mailbox was mended."})
