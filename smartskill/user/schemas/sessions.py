"""Signing in and out, and the links of account mails."""

from marshmallow import ValidationError, fields, validate, validates_schema

from smartskill.kit.schemas import Id, Schema, String, UtcDateTime
from smartskill.user.schemas.accounts import UserSchema
from smartskill.user.schemas.fields import Email, GivenPassword, Password


class LoginSchema(Schema):
    """An e-mail address or a user name, and the password."""

    email = String(254, metadata={"format": "email", "example": "anna.schmidt@example.org"})
    username = String(50, metadata={"example": "anna.schmidt"})
    password = GivenPassword(required=True)
    refresh = fields.String(
        validate=validate.OneOf(["body", "cookie"]),
        load_default="body",
        metadata={"description": "`cookie`: the refresh token comes as an httpOnly cookie, for browsers."},
    )

    @validates_schema
    def _one_name(self, data, **kwargs):
        if ("email" in data) == ("username" in data):
            raise ValidationError("Give email or username, one of them.", "email")


class TokensSchema(Schema):
    """What a sign-in or a refresh answers."""

    access_token = fields.String(required=True)
    token_type = fields.String(required=True, validate=validate.Equal("Bearer"), metadata={"example": "Bearer"})
    expires_in = fields.Integer(required=True, metadata={"example": 600, "description": "Seconds."})
    refresh_token = fields.String(metadata={"description": "Not in cookie mode."})
    user = fields.Nested(UserSchema, required=True)


class RefreshSchema(Schema):
    """The refresh token; or nothing, and it comes as the cookie with the header X-CSRF-TOKEN."""

    refresh_token = String(4096, metadata={"example": "eyJhbGciOiJIUzI1NiJ9.eyJzdWIiOiI3In0.3q2-7w"})


class CsrfHeaderSchema(Schema):
    """The value of the cookie csrf_refresh_token, in cookie mode."""

    csrf = fields.String(data_key="X-CSRF-TOKEN")


class SessionSchema(Schema):
    """One sign-in."""

    id = Id(metadata={"example": 5})
    user_agent = fields.String(allow_none=True, metadata={"description": "The program, in its own words."})
    is_cookie = fields.Boolean(metadata={"description": "Whether the refresh token is a cookie: a browser."})
    is_current = fields.Boolean(metadata={"description": "Whether it is the session of this request."})
    created_at = UtcDateTime()
    last_used_at = UtcDateTime()
    expires_at = UtcDateTime()
    revoked_at = UtcDateTime(allow_none=True)


class LinkSchema(Schema):
    """The token of a mailed link."""

    token = String(
        1000,
        required=True,
        metadata={"description": "From the link in the mail.", "example": "eyJ1c2VyIjo3fQ.aSIcZg.3q2-7w"},
    )


class ResetRequestSchema(Schema):
    """Whose password is forgotten."""

    email = Email(required=True)


class ResetSchema(LinkSchema):
    """A new password, by a mailed link."""

    password = Password(required=True)


class AcceptedSchema(Schema):
    """The request was taken; whether a mail goes out is not said."""

    detail = fields.String(required=True)
