"""What the qualification addresses take and answer."""

from flask_smorest.fields import Upload
from marshmallow import fields, validate

from smartskill.kit.schemas import (
    Boolean,
    Date,
    Id,
    Integer,
    ListQuery,
    Nested,
    PartialDateField,
    Schema,
    Sort,
    String,
    UtcDateTime,
)

KINDS = ("certification", "licence", "degree", "training", "language")
REVIEW_STATES = ("draft", "submitted", "verified", "rejected", "revoked")
STATUSES = ("valid", "expiring", "expired")
DECISIONS = ("submit", "verify", "reject", "revoke")
MAX_GRANTS = 50
MAX_TEXT = 10_000  # characters
WEB_ADDRESS = r"^[Hh][Tt][Tt][Pp][Ss]?://[^\s\u0000]+$"
PERSON = r"^(me|[1-9][0-9]{0,8})$"


class GrantSchema(Schema):
    """A skill level that a verified qualification of the type shows."""

    skill_id = Id(required=True)
    level = Integer(1, 5, required=True, metadata={"example": 3})


class QualificationTypeSchema(Schema):
    """A qualification that many can hold."""

    id = Id(dump_only=True)
    name = String(200, required=True, metadata={"example": "First aider"})
    issuer = String(200, allow_none=True, load_default=None, metadata={"example": "Red Cross"})
    kind = String(20, load_default="certification", validate=validate.OneOf(KINDS))
    validity_months = Integer(
        1, 600, allow_none=True, load_default=None, metadata={"example": 24, "description": "null: for life."}
    )
    description = String(MAX_TEXT, allow_none=True, load_default=None)
    grants = fields.List(
        Nested(GrantSchema),
        load_default=list,
        validate=validate.Length(max=MAX_GRANTS),
        metadata={"description": "The skills it shows.", "example": []},
    )
    created_at = UtcDateTime(dump_only=True)
    updated_at = UtcDateTime(dump_only=True)


class QualificationTypePatchSchema(QualificationTypeSchema):
    """Any part of it."""


class QualificationTypeQuery(ListQuery):
    """Filters of the list of types."""

    q = String(200, metadata={"description": "A part of name or issuer."})
    kind = String(20, validate=validate.OneOf(KINDS))
    skill_id = Id(metadata={"description": "Those that grant this skill."})
    sort = Sort("name", "issuer", "created_at", "updated_at", default="name")


class QualificationSchema(Schema):
    """A qualification that a person holds or held. Its title, or its type, is needed."""

    id = Id(dump_only=True)
    user_id = Id(metadata={"description": "Whose it is; only a manager above or HR gives another than their own."})
    type_id = Id(
        allow_none=True,
        metadata={"example": None, "description": "Fills what is left out: title, issuer, kind, expiry."},
    )
    title = String(200, metadata={"example": "First aider"})
    issuer = String(200, allow_none=True, metadata={"example": "Red Cross"})
    kind = String(20, validate=validate.OneOf(KINDS), metadata={"description": "certification, unless the type says."})
    credential_no = String(200, allow_none=True, load_default=None, metadata={"example": "RC-20931"})
    url = String(
        500,
        allow_none=True,
        load_default=None,
        validate=validate.Regexp(WEB_ADDRESS, error="Not a web address: give http:// or https://."),
        metadata={"pattern": WEB_ADDRESS, "example": "https://example.com/badges/1"},
    )
    issued_on = PartialDateField(allow_none=True, load_default=None, metadata={"example": "2025-03-14"})
    expires_on = Date(
        allow_none=True,
        metadata={
            "example": "2027-03-13",
            "description": "Its last valid day. Left out, it follows from `issued_on` and the type's validity.",
        },
    )
    renews_id = Id(allow_none=True, load_default=None, metadata={"example": None, "description": "The one it renews."})
    renewed_by_id = Id(dump_only=True, allow_none=True)
    status = fields.String(
        dump_only=True,
        metadata={"enum": list(STATUSES), "description": "As of today (UTC); expiring: within 90 days."},
    )
    review_state = fields.String(dump_only=True, metadata={"enum": list(REVIEW_STATES)})
    submitted_at = UtcDateTime(dump_only=True, allow_none=True)
    reviewed_by_id = Id(dump_only=True, allow_none=True)
    reviewed_at = UtcDateTime(dump_only=True, allow_none=True)
    review_note = fields.String(dump_only=True, allow_none=True)
    created_at = UtcDateTime(dump_only=True)
    updated_at = UtcDateTime(dump_only=True)


class QualificationItemSchema(QualificationSchema):
    """As above; the holder does not change."""

    user_id = Id(dump_only=True)


class QualificationPatchSchema(QualificationItemSchema):
    """Any part of it."""


class QualificationQuery(ListQuery):
    """Filters of the list."""

    user_id = String(
        10,
        validate=validate.Regexp(PERSON),
        metadata={"pattern": PERSON, "description": "Whose: an id, or `me`."},
    )
    status = String(20, validate=validate.OneOf(STATUSES), metadata={"description": "As of today (UTC)."})
    kind = String(20, validate=validate.OneOf(KINDS))
    type_id = Id()
    review_state = String(20, validate=validate.OneOf(REVIEW_STATES))
    q = String(200, metadata={"description": "A part of title or issuer."})
    expires_before = Date(metadata={"description": "Its last valid day lies before this day."})
    expires_after = Date(metadata={"description": "Its last valid day lies after this day."})
    sort = Sort("title", "issued_on", "expires_on", "submitted_at", "created_at", "updated_at", default="title")


class ReviewSchema(Schema):
    """A step of the review."""

    decision = String(20, required=True, validate=validate.OneOf(DECISIONS), metadata={"example": "submit"})
    note = String(1_000, allow_none=True, load_default=None, metadata={"description": "Needed to reject or revoke."})


class WaitingQuery(ListQuery):
    """Filters of the queue."""

    kind = String(20, validate=validate.OneOf(KINDS))
    type_id = Id()


class WaitingReviewSchema(Schema):
    """A qualification that waits for HR's decision."""

    qualification_id = Id()
    user_id = Id()
    full_name = String(200, metadata={"example": "Ada Bauer"})
    title = String(200, metadata={"example": "First aider"})
    issuer = String(200, allow_none=True)
    kind = String(20)
    expires_on = Date(allow_none=True)
    submitted_at = UtcDateTime()
    waiting_days = Integer(0, 100_000, metadata={"example": 3, "description": "Whole days since it was submitted."})
    evidence_count = Integer(0, 100, metadata={"example": 1})
    grants_count = Integer(0, MAX_GRANTS, metadata={"description": "Skills that it will show once verified."})
    may_decide = Boolean(metadata={"description": "False for one's own."})


class QualificationCountsSchema(Schema):
    """How many qualifications stand where; of those that the caller may see."""

    review_states = fields.Dict(
        keys=fields.String(), values=fields.Integer(), metadata={"example": {"submitted": 3, "verified": 120}}
    )
    statuses = fields.Dict(
        keys=fields.String(),
        values=fields.Integer(),
        metadata={
            "example": {"valid": 100, "expiring": 14, "expired": 6},
            "description": "Of those that count: not rejected, not revoked, not replaced by a newer one.",
        },
    )
    oldest_submitted_at = UtcDateTime(
        allow_none=True, metadata={"description": "Since when the longest waiting waits."}
    )


class RenewalLinkSchema(Schema):
    """A qualification as a link of a chain."""

    qualification_id = Id()
    title = String(200)
    issued_on = PartialDateField(allow_none=True)
    expires_on = Date(allow_none=True)
    status = String(20)
    review_state = String(20)
    renews_id = Id(allow_none=True)
    is_newest = Boolean()
    is_reminded_of = Boolean(metadata={"description": "Whether its holder still hears that it expires."})
    overlap_days = Integer(0, 100_000, allow_none=True, metadata={"description": "Valid together with what it renews."})
    gap_days = Integer(0, 100_000, allow_none=True, metadata={"description": "Days between, on which neither was."})


class RenewalChainSchema(Schema):
    """A qualification with all that it renews and that renews it."""

    newest_id = Id(allow_none=True, metadata={"description": "The last that was neither rejected nor revoked."})
    status = String(20, allow_none=True, metadata={"example": "valid", "description": "The newest's."})
    review_state = String(20, allow_none=True, metadata={"example": "verified", "description": "The newest's."})
    verified_status = String(
        20, allow_none=True, metadata={"description": "The best among those verified: what compliance sees."}
    )
    links = fields.List(Nested(RenewalLinkSchema))


class EvidenceSchema(Schema):
    """A file that shows a qualification."""

    id = Id(dump_only=True)
    qualification_id = Id(dump_only=True)
    file_name = fields.String(dump_only=True, metadata={"example": "certificate.pdf"})
    media_type = fields.String(dump_only=True, metadata={"example": "application/pdf"})
    size_bytes = fields.Integer(dump_only=True)
    digest = fields.String(dump_only=True, metadata={"description": "SHA-256, in hex."})
    created_at = UtcDateTime(dump_only=True)


class EvidenceUploadSchema(Schema):
    """One PDF, PNG or JPEG."""

    file = Upload(required=True)
