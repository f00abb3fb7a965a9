"""What the privacy addresses take and answer."""

import marshmallow as ma
from marshmallow import fields, validate

from smartskill.kit.schemas import QuerySchema, Schema, String

SCOPES = ("everything", "activity")


def _rows(description: str) -> fields.List:
    return fields.List(fields.Dict(keys=fields.String()), metadata={"description": description})


class PersonalDataSchema(Schema):
    """Everything stored about a person, row by row."""

    class Meta:
        unknown = ma.INCLUDE

    exported_at = fields.DateTime(required=True)
    profile = fields.Dict(keys=fields.String(), required=True)
    sessions = _rows("Sign-ins.")
    levels = _rows("Skills.")
    ratings_received = _rows("What was said of one's levels.")
    ratings_given = _rows("What one said of others' levels.")
    experience = _rows("Jobs, projects, studies.")
    qualifications = _rows("Certificates and the like.")
    evidence_files = _rows("Files; their bytes are at the qualification.")
    notifications = _rows("The inbox.")
    deliveries = _rows("Mails.")
    events = _rows("What one did.")
    decisions = _rows("What was decided about telling one something.")
    predictions = _rows("Scores, shown to nobody else.")
    consents = _rows("What one allowed.")
    preferences = _rows("What one wants to hear.")
    resume_remainder = fields.Dict(keys=fields.String(), allow_none=True)

    @ma.post_dump(pass_original=True)
    def _whole(self, data: dict, original: dict, **kwargs) -> dict:
        return original


class ErasureQuery(QuerySchema):
    """How much is erased."""

    scope = String(
        20,
        load_default="everything",
        validate=validate.OneOf(SCOPES),
        metadata={"description": "activity: events, decisions and predictions only; the account stays."},
    )


class ErasureSchema(Schema):
    """Whose act it is."""

    password = String(256, required=True, load_only=True, trim=False, metadata={"example": "an hour of quiet rain"})


class ErasedSchema(Schema):
    """What went."""

    scope = fields.String(required=True, metadata={"enum": list(SCOPES)})
    erased = fields.Dict(
        keys=fields.String(), values=fields.Integer(), required=True, metadata={"description": "Rows, by section."}
    )
