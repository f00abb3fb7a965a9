"""What the addresses of badges take and answer."""

from flask_smorest.fields import Upload
from marshmallow import validate

from smartskill.kit.schemas import Id, ListQuery, Schema, Sort, String, UtcDateTime

STATES = ("queued", "verified", "unconfirmed", "refused", "unknown_issuer")


class BadgeUploadSchema(Schema):
    """One badge: a JWT, a JSON-LD document, or a PNG or SVG with one baked in."""

    file = Upload(required=True)


class BadgeQuery(ListQuery):
    """A page of one's own badges, newest first."""


class BadgeSchema(Schema):
    """A badge that was handed in, and what checking it came to."""

    id = Id(dump_only=True)
    state = String(
        20,
        dump_only=True,
        validate=validate.OneOf(STATES),
        metadata={"description": "`unconfirmed`: genuine, but not shown to be yours.", "example": "verified"},
    )
    reason = String(dump_only=True, allow_none=True, metadata={"description": "Why it is not verified."})
    title = String(dump_only=True, allow_none=True, metadata={"example": "Certified Welder"})
    issuer_identifier = String(dump_only=True, allow_none=True, metadata={"example": "did:web:badges.example.org"})
    issuer_name = String(dump_only=True, allow_none=True, metadata={"example": "Welding Institute"})
    qualification_id = Id(dump_only=True, allow_none=True, metadata={"description": "What it filled in."})
    checked_at = UtcDateTime(dump_only=True, allow_none=True)
    created_at = UtcDateTime(dump_only=True)


class BadgeIssuerQuery(ListQuery):
    """A page of the listed issuers."""

    q = String(200)
    sort = Sort("name", "created_at", default="name")


class BadgeIssuerSchema(Schema):
    """An issuer whose badges count as proof."""

    id = Id(dump_only=True)
    identifier = String(
        300,
        required=True,
        validate=validate.Regexp(r"^(did:[a-z0-9]+:\S+|https://\S+)$", error="Give a DID or an https address."),
        metadata={"description": "The issuer's id in its badges.", "example": "did:web:badges.example.org"},
    )
    name = String(200, required=True, metadata={"example": "Welding Institute"})
    public_key = String(
        5000,
        allow_none=True,
        load_default=None,
        metadata={"description": "PEM; pins the issuer's key. Needed where the id is no DID.", "example": None},
    )
    created_at = UtcDateTime(dump_only=True)
    updated_at = UtcDateTime(dump_only=True)
