"""What the experience addresses take and answer."""

from marshmallow import fields, validate

from smartskill.kit.schemas import Boolean, Id, ListQuery, PartialDateField, Schema, Sort, String, UtcDateTime

KINDS = ("employment", "project", "education", "volunteering", "talk")
MAX_SUMMARY = 10_000  # characters
MAX_SKILLS = 100


class ExperienceSchema(Schema):
    """A job, project, study, talk or volunteering, dated to the year, month or day; no `end` means it goes on."""

    id = Id(dump_only=True)
    user_id = Id(metadata={"description": "Whose it is; only a manager above or HR gives another than their own."})
    kind = String(20, load_default="employment", validate=validate.OneOf(KINDS))
    organisation = String(200, required=True, metadata={"example": "Northwind"})
    title = String(200, required=True, metadata={"example": "Data engineer"})
    start = PartialDateField(required=True, metadata={"example": "2019-05"})
    end = PartialDateField(
        allow_none=True, load_default=None, metadata={"example": "2021", "description": "Not before `start`."}
    )
    summary = String(MAX_SUMMARY, allow_none=True, load_default=None, metadata={"example": "Moved billing to Kafka."})
    skill_ids = fields.List(
        Id(),
        load_default=list,
        validate=validate.Length(max=MAX_SKILLS),
        metadata={"example": [], "description": "The skills it used: evidence for a level."},
    )
    show_in_cv = Boolean(load_default=True, metadata={"description": "Colleagues see it, and the CV shows it."})
    created_at = UtcDateTime(dump_only=True)
    updated_at = UtcDateTime(dump_only=True)


class ExperienceItemSchema(ExperienceSchema):
    """As above; the owner does not change."""

    user_id = Id(dump_only=True)


class ExperiencePatchSchema(ExperienceItemSchema):
    """Any part of it."""


class ExperienceQuery(ListQuery):
    """Filters of the list."""

    user_id = String(
        10,
        validate=validate.Regexp(r"^(me|[1-9][0-9]{0,8})$"),
        metadata={"pattern": r"^(me|[1-9][0-9]{0,8})$", "description": "Whose: an id, or `me`."},
    )
    kind = String(20, validate=validate.OneOf(KINDS))
    organisation = String(200, metadata={"description": "A part of the organisation's name."})
    skill_id = Id(metadata={"description": "Those that used this skill."})
    q = String(200, metadata={"description": "A part of organisation, title or summary."})
    sort = Sort("start", "organisation", "title", "created_at", "updated_at", default="-start")


class SkillYearsSchema(Schema):
    """How long a person used a skill, overlapping periods counted once."""

    skill_id = Id(required=True)
    skill_name = String(200, required=True)
    duration_months = fields.Integer(required=True, metadata={"example": 30})
    years = fields.Float(required=True, metadata={"example": 2.5, "description": "`duration_months` / 12."})
    is_current = fields.Boolean(required=True, metadata={"description": "Whether one of the periods goes on."})
