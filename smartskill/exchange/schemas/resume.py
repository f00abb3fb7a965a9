"""What the exchange addresses take and answer."""

import marshmallow as ma
from marshmallow import fields, validate

from smartskill.kit.schemas import Boolean, QuerySchema, Schema

MAX_ENTRIES = 500


def _entries(example: dict) -> fields.List:
    return fields.List(
        fields.Dict(keys=fields.String()),
        allow_none=True,
        validate=validate.Length(max=MAX_ENTRIES),
        metadata={"example": [example]},
    )


class ResumeSchema(Schema):
    """A JSON Resume 1.0.0 (jsonresume.org), further sections included."""

    class Meta:
        unknown = ma.INCLUDE

    basics = fields.Dict(keys=fields.String(), allow_none=True, metadata={"example": {"name": "Ada Bauer"}})
    work = _entries({"name": "Northwind", "position": "Data engineer", "startDate": "2019-05"})
    volunteer = _entries({"organization": "Code Club", "position": "Mentor", "startDate": "2021"})
    education = _entries({"institution": "TU Wien", "studyType": "BSc", "area": "Physics", "startDate": "2012"})
    certificates = _entries({"name": "First aider", "issuer": "Red Cross", "date": "2024-03"})
    skills = _entries({"name": "Python", "level": "Advanced"})
    projects = _entries({"name": "Billing", "entity": "Northwind", "startDate": "2020-01", "endDate": "2020-06"})
    meta = fields.Dict(keys=fields.String(), allow_none=True, metadata={"example": {"version": "v1.0.0"}})

    @ma.post_dump(pass_original=True)
    def _whole(self, data: dict, original: dict, **kwargs) -> dict:
        return original


class ResumeImportQuery(QuerySchema):
    """How a CV is taken in."""

    replace = Boolean(load_default=False, metadata={"description": "Also remove what the document does not have."})
    dry_run = Boolean(load_default=False, metadata={"description": "Say what would change; change nothing."})
    strict = Boolean(load_default=False, metadata={"description": "Refuse what the standard's schema refuses."})


class ResumeEntrySchema(Schema):
    """What was, or would be, done with an entry."""

    entry = fields.String(required=True, metadata={"example": "work.0"})
    action = fields.String(
        required=True,
        metadata={
            "enum": ["added", "changed", "unchanged", "removed", "kept", "skipped"],
            "description": "kept: stays in the CV as written, without becoming an item; skipped: it says nothing.",
        },
    )
    detail = fields.String(required=True, allow_none=True)


class ResumeImportSchema(Schema):
    """What was, or would be, done."""

    dry_run = fields.Boolean(required=True)
    added = fields.Integer(required=True)
    changed = fields.Integer(required=True)
    unchanged = fields.Integer(required=True)
    removed = fields.Integer(required=True)
    kept = fields.Integer(required=True)
    skipped = fields.Integer(required=True)
    entries = fields.List(fields.Nested(ResumeEntrySchema), required=True)
    errors = fields.Dict(
        keys=fields.String(),
        values=fields.List(fields.String()),
        required=True,
        metadata={"description": "What is wrong, by entry (`work.0.endDate`); with any, nothing is written."},
    )
