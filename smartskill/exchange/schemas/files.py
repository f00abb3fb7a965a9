"""What the import addresses take and answer."""

from typing import Any

import marshmallow as ma
from marshmallow import fields, validate

from smartskill.kit.schemas import (
    Boolean,
    Date,
    Id,
    Integer,
    ListQuery,
    Nested,
    QuerySchema,
    Schema,
    Sort,
    String,
    UtcDateTime,
)

FORMATS = (
    "auto", "matrix", "list", "experience", "orangehrm", "orangehrm_people", "odoo_skills", "odoo_experience", "skills",
    "linkedin", "yamlresume", "jsonresume",
)  # fmt: skip
PERSON = ("email", "employee_id", "username", "name", "first_name", "middle_name", "last_name")
MEANINGS = (
    *PERSON, "skill", "level", "percent", "years", "category", "date", "note",
    "organisation", "title", "start", "end", "kind", "summary", "description", "aliases", "external_uri", "ignore",
)  # fmt: skip
SCALES = ("1-5", "0-5", "0-3", "1-3", "0-4", "1-4", "0-10", "1-10", "percent")
STATES = ("queued", "planning", "previewed", "writing", "done", "refused", "failed")
MOST = validate.Length(max=5_000)


class MappingSchema(Schema):
    """What a file's columns and words mean, where that cannot be guessed or was guessed wrong."""

    sheet = String(200, metadata={"description": "Which sheet of a workbook."})
    header_row = Integer(1, 1_000, metadata={"description": "The row that names the columns."})
    columns = fields.Dict(
        keys=String(200),
        values=String(20, validate=validate.OneOf(MEANINGS)),
        validate=MOST,
        metadata={
            "example": {"E-mail": "email"},
            "description": "Column, by its name or as `#3`, to what it is; `skill` is a skill of that name.",
        },
    )
    people = fields.Dict(
        keys=String(254),
        values=String(254),
        validate=MOST,
        metadata={"example": {"hr.employee_al": "al@example.com"}, "description": "The file's word, to an address."},
    )
    skills = fields.Dict(
        keys=String(200),
        values=String(200, allow_none=True),
        validate=MOST,
        metadata={"example": {"Pyton": "Python"}, "description": "The file's word, to a skill; null leaves it out."},
    )
    levels = fields.Dict(
        keys=String(100),
        values=Integer(0, 5),
        validate=MOST,
        metadata={"example": {"guru": 5}, "description": "The file's word, to a level; 0 says nothing."},
    )
    scale = String(10, validate=validate.OneOf(SCALES), metadata={"description": "Of the numbers in the file."})
    mark = Integer(1, 5, metadata={"description": "The level that a mere mark (x) stands for; 3 unless said."})
    date = Date(metadata={"description": "Since when levels hold, where no column says so; today unless said."})
    day_first = Boolean(metadata={"description": "Whether 03/04/2024 is a day in April."})


class Upload(fields.Raw):
    """A part that is a file."""

    def _deserialize(self, value: Any, attr: str | None, data: Any, **kwargs: Any) -> Any:
        if not hasattr(value, "filename"):
            raise ma.ValidationError("Not a file.")
        return value


class ImportFormSchema(QuerySchema):
    """A file, and what to do with it."""

    file = Upload(required=True, metadata={"type": "string", "format": "binary"})
    format = String(20, load_default="auto", validate=validate.OneOf(FORMATS))
    mapping = String(
        200_000,
        load_default="{}",
        metadata={"example": '{"scale": "0-5"}', "description": "JSON, as `PUT …/mapping` takes it."},
    )
    dry_run = Boolean(load_default=True, metadata={"description": "Show what would be done, and wait to be run."})
    skip_errors = Boolean(load_default=False, metadata={"description": "Write the rest where rows are at fault."})
    create_people = Boolean(
        load_default=False, metadata={"description": "Make accounts for unknown addresses; nobody is invited by it."}
    )


class ImportRunSchema(Schema):
    """How to write."""

    skip_errors = Boolean(metadata={"example": True, "description": "Write the rest where rows are at fault."})
    create_people = Boolean(metadata={"example": False, "description": "Make accounts for unknown addresses."})


class ImportListQuery(ListQuery):
    """Filters of the list."""

    state = String(20, validate=validate.OneOf(STATES))
    sort = Sort("created_at", default="-created_at")


class SkillMeantSchema(Schema):
    """A skill that may be meant."""

    id = Id(required=True)
    name = fields.String(required=True)


class ImportColumnSchema(Schema):
    """What a column is taken for."""

    column = fields.String(required=True, metadata={"example": "#3"})
    name = fields.String(required=True)
    meaning = fields.String(required=True, allow_none=True, metadata={"enum": [*MEANINGS, None]})
    confidence = fields.Float(required=True, metadata={"description": "0 to 1."})
    category = fields.String(required=True, allow_none=True)
    skill = Nested(SkillMeantSchema, required=True, allow_none=True)
    samples = fields.List(fields.String(), required=True)


class ImportUnknownSchema(Schema):
    """A word of the file that nothing here is called."""

    value = fields.String(required=True)
    rows = fields.Integer(required=True)
    candidates = fields.List(Nested(SkillMeantSchema), required=True)


class ImportEntrySchema(Schema):
    """What would be done with an entry of a CV."""

    entry = fields.String(required=True, metadata={"example": "work.0"})
    name = fields.String(required=True, allow_none=True, metadata={"example": "Data engineer, Northwind"})
    place = fields.String(required=True, allow_none=True, metadata={"example": "Positions.csv, row 2"})
    action = fields.String(required=True)
    detail = fields.String(required=True, allow_none=True)


class ImportPreviewSchema(Schema):
    """How the file was understood."""

    encoding = fields.String(allow_none=True)
    separator = fields.String(allow_none=True)
    sheet = fields.String(allow_none=True)
    sheets = fields.List(fields.String())
    header_row = fields.Integer()
    rows = fields.Integer(metadata={"description": "Rows under the header."})
    scale = fields.String(allow_none=True, metadata={"description": "How numbers are read as levels."})
    levels = fields.Dict(
        keys=fields.String(),
        values=fields.Integer(allow_none=True),
        metadata={"description": "Words of the file and the levels they are read as."},
    )
    columns = fields.List(Nested(ImportColumnSchema))
    unmapped_columns = fields.List(fields.String())
    unknown_people = fields.List(Nested(ImportUnknownSchema))
    unknown_skills = fields.List(Nested(ImportUnknownSchema))
    entries = fields.List(Nested(ImportEntrySchema))


class ImportCountsSchema(Schema):
    """What was, or would be, done."""

    added = fields.Integer(required=True)
    changed = fields.Integer(required=True)
    unchanged = fields.Integer(required=True)
    refused = fields.Integer(required=True, metadata={"description": "Statements left out; a row can make several."})
    rows_refused = fields.Integer(required=True)
    people_created = fields.Integer(required=True)


class ImportMessageSchema(Schema):
    """What is wrong, and in which column."""

    column = fields.String(required=True, allow_none=True)
    message = fields.String(required=True)


class ImportFaultSchema(Schema):
    """A row at fault."""

    place = fields.String(required=True, metadata={"example": "row 12"})
    messages = fields.List(Nested(ImportMessageSchema), required=True)


class ImportSchema(Schema):
    """A file and what came of it."""

    id = Id(dump_only=True)
    file_name = fields.String(dump_only=True)
    media_type = fields.String(dump_only=True)
    size_bytes = fields.Integer(dump_only=True)
    digest = fields.String(dump_only=True, metadata={"description": "SHA-256."})
    format = fields.String(dump_only=True, allow_none=True, metadata={"description": "What it was found to be."})
    owner_id = Id(dump_only=True, allow_none=True, metadata={"description": "Whose profile; null: many people's."})
    state = fields.String(dump_only=True, metadata={"enum": list(STATES)})
    progress = fields.Float(dump_only=True, metadata={"description": "0 to 1."})
    reason = fields.String(dump_only=True, allow_none=True, metadata={"description": "Why nothing was written."})
    dry_run = fields.Boolean(dump_only=True, attribute="is_dry_run")
    skip_errors = fields.Boolean(dump_only=True, attribute="skips_errors")
    create_people = fields.Boolean(dump_only=True, attribute="creates_people")
    created_at = UtcDateTime(dump_only=True)
    finished_at = UtcDateTime(dump_only=True, allow_none=True)
    forgotten_at = UtcDateTime(
        dump_only=True, allow_none=True, metadata={"description": "When the file and its rows were deleted."}
    )


class ImportItemSchema(ImportSchema):
    """As above, with how it was understood and its first faults; all of them are in `…/rejects`."""

    mapping = Nested(MappingSchema, dump_only=True)
    preview = Nested(ImportPreviewSchema, dump_only=True, allow_none=True)
    counts = Nested(ImportCountsSchema, dump_only=True, allow_none=True)
    errors = fields.List(Nested(ImportFaultSchema), dump_only=True, metadata={"description": "The first 100."})
    errors_total = fields.Integer(dump_only=True)
