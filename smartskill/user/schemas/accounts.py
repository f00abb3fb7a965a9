"""People and their accounts."""

from marshmallow import fields, validate

from smartskill.kit.schemas import Boolean, Date, Id, ListQuery, QuerySchema, Schema, Sort, String, UtcDateTime
from smartskill.user.schemas.fields import Email, GivenPassword, Line, Locale, Password, Timezone, Username

ROLES = ("employee", "manager", "hr", "admin")
PRIVATE = "Null for those who may see the directory only."
LEAVES = "Their last day here, where they leave."


class Private(fields.Field):
    """A field of a person that is null unless the row says that it may be shown."""

    def __init__(self, inner: fields.Field) -> None:
        self.inner = inner
        described = {"description": PRIVATE, "type": "string", **inner.metadata}
        described.pop("pattern", None)  # that is about what is taken, not about what is told
        super().__init__(dump_only=True, allow_none=True, metadata=described)

    def get_value(self, obj, attr, accessor=None, default=None):
        """The value, or None."""
        return super().get_value(obj, attr, accessor, default) if obj.is_private_shown else None


class UserSchema(Schema):
    """A person."""

    id = Id(dump_only=True, metadata={"example": 12})
    email = Private(Email())
    username = Private(Username())
    full_name = Line(200, dump_only=True, metadata={"example": "Anna Schmidt"})
    role = fields.String(dump_only=True, validate=validate.OneOf(ROLES), metadata={"example": "employee"})
    title = Line(200, dump_only=True, allow_none=True, metadata={"example": "Data engineer"})
    team_id = Id(dump_only=True, allow_none=True, metadata={"example": 3})
    manager_id = Id(dump_only=True, allow_none=True, metadata={"example": 7})
    locale = Private(Locale())
    timezone = Private(Timezone())
    leaves_on = Private(Date(metadata={"format": "date", "description": f"{LEAVES} {PRIVATE}"}))
    is_active = Boolean(dump_only=True)
    is_verified = Private(Boolean(metadata={"type": "boolean", "description": f"The address is theirs. {PRIVATE}"}))
    created_at = UtcDateTime(dump_only=True)


class RegistrationSchema(Schema):
    """A new account of one's own."""

    email = Email(required=True)
    password = Password(required=True)
    full_name = Line(200, metadata={"example": "Anna Schmidt", "description": "Default: the address before its @."})
    username = Username(allow_none=True)
    title = Line(200, allow_none=True, metadata={"example": "Data engineer"})
    locale = Locale(load_default="en")
    timezone = Timezone(load_default="UTC")


class UserChangeSchema(Schema):
    """What may be changed of a person, each field by those who may; sending one unchanged is always fine."""

    email = Email()
    username = Username(allow_none=True)
    full_name = Line(200, metadata={"example": "Anna Schmidt"})
    role = fields.String(validate=validate.OneOf(ROLES), metadata={"example": "employee"})
    title = Line(200, allow_none=True, metadata={"example": "Data engineer"})
    team_id = Id(allow_none=True, metadata={"example": 3})
    manager_id = Id(allow_none=True, metadata={"example": 7})
    locale = Locale()
    timezone = Timezone()
    leaves_on = Date(
        allow_none=True, metadata={"example": "2027-01-31", "description": f"{LEAVES} From HR or a manager above."}
    )
    is_active = Boolean()


class UserReplacementSchema(UserChangeSchema):
    """The whole profile of a person. Email, role, team, manager, last day and `is_active` stay if left out."""

    username = Username(allow_none=True, load_default=None)
    full_name = Line(200, required=True, metadata={"example": "Anna Schmidt"})
    title = Line(200, allow_none=True, load_default=None, metadata={"example": "Data engineer"})
    locale = Locale(load_default="en")
    timezone = Timezone(load_default="UTC")


class UserQuery(ListQuery):
    """Filters of the directory."""

    q = String(
        100, metadata={"description": "Words of the name or title; for HR of the address, too.", "example": "anna"}
    )
    team_id = Id()
    manager_id = Id(metadata={"description": "Those who report to this person directly."})
    role = fields.String(validate=validate.OneOf(ROLES))
    is_active = Boolean(metadata={"description": "Switched-off accounts are listed for HR only."})
    sort = Sort("name", "full_name", "created_at", "id", default="name")


class InvitationSchema(Schema):
    """Somebody to be asked in."""

    email = Email(required=True)
    full_name = Line(200, metadata={"example": "Anna Schmidt", "description": "Default: the address before its @."})
    title = Line(200, allow_none=True)
    team_id = Id(allow_none=True)
    manager_id = Id(allow_none=True)
    role = fields.String(validate=validate.OneOf(ROLES), load_default="employee")
    locale = Locale(load_default="en")
    timezone = Timezone(load_default="UTC")


class InvitationAnswerSchema(Schema):
    """How an invited person comes in."""

    token = String(
        1000,
        required=True,
        metadata={"description": "From the link in the mail.", "example": "eyJ1c2VyIjo3fQ.aSIcZg.3q2-7w"},
    )
    password = Password(required=True)
    full_name = Line(200)


class TeamPlaceSchema(Schema):
    """In which team a person is, from a day on."""

    team_id = Id(required=True, allow_none=True, metadata={"example": 3})
    effective_on = Date(metadata={"description": "Default: today; what was recorded for later is replaced."})


class ManagerPlaceSchema(Schema):
    """To whom a person reports, from a day on."""

    manager_id = Id(required=True, allow_none=True, metadata={"example": 7})
    effective_on = Date(metadata={"description": "Default: today; what was recorded for later is replaced."})


class ImportQuery(QuerySchema):
    """How to import."""

    dry_run = Boolean(load_default=False, metadata={"description": "Say what would change, and change nothing."})
    invite = Boolean(load_default=False, metadata={"description": "Send new people an invitation."})


class ImportErrorSchema(Schema):
    """What is wrong with a line of the file."""

    line = fields.Integer(metadata={"example": 3, "description": "Counted from 1, the heading included."})
    field = fields.String(metadata={"example": "email"})
    message = fields.String()


class ImportAnswerSchema(Schema):
    """What an import did, or would do."""

    dry_run = fields.Boolean()
    created = fields.Integer()
    updated = fields.Integer()
    unchanged = fields.Integer()
    teams_created = fields.List(fields.String())
    errors = fields.List(fields.Nested(ImportErrorSchema))


class PasswordChangeSchema(Schema):
    """A new password for one who knows the old."""

    current_password = GivenPassword(required=True)
    new_password = Password(required=True)


class EmailChangeSchema(Schema):
    """A new address, to be confirmed by a link sent there."""

    email = Email(required=True)
    password = GivenPassword(required=True)
