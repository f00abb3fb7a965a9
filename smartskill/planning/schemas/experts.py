"""Searches for experts: what they ask, what they answer, and the ones that people keep."""

from typing import Any

from marshmallow import ValidationError, fields, validate, validates_schema

from smartskill.kit.schemas import Boolean, Float, Id, ListQuery, Nested, Schema, String, UtcDateTime

MOST_NEEDS = 10
NEED = r"^[1-9][0-9]{0,9}:[1-5](:[0-5])?$"
WITHOUT = r"^[1-9][0-9]{0,9}(:[1-5])?$"
MATCHES = ("all", "any")
NEED_HELP = "`<skill_id>:<min_level>` or `<skill_id>:<min_level>:<min_interest>`; repeat it for several."
NOT_HELP = "`<skill_id>` or `<skill_id>:<level>`: nobody who has that level or more, or any."
TEXT_HELP = (
    'Words of their experience: all of them in one, in any form; "these together", `this or that`, `-without`. '
    "Typos are forgiven where nothing else is found."
)
TEAM_HELP = "Only people of this team and of those below it."


def _texts(pattern: str, example: str, error: str) -> String:
    check = validate.Regexp(pattern, error=error)
    return String(20, validate=check, metadata={"pattern": pattern, "example": example})


class ExpertConditions(Schema):
    """What makes somebody an expert: needs, words of their experience, or both."""

    need = fields.List(
        _texts(NEED, "12:3", "Give <skill_id>:<min_level 1-5>, and :<min_interest 0-5> if it matters."),
        load_default=list,
        validate=validate.Length(max=MOST_NEEDS),
        metadata={"description": NEED_HELP},
    )
    not_ = fields.List(
        _texts(WITHOUT, "14", "Give <skill_id>, and :<level 1-5> if it matters."),
        data_key="not",
        attribute="not",
        load_default=list,
        validate=validate.Length(max=MOST_NEEDS),
        metadata={"description": NOT_HELP},
    )
    match = String(
        3,
        load_default="all",
        validate=validate.OneOf(MATCHES),
        metadata={"description": "Whether all needs (and `text`) must be met, or any of them."},
    )
    team_id = Id(metadata={"description": TEAM_HELP})
    text = String(200, metadata={"description": TEXT_HELP, "example": "kafka migration"})

    @validates_schema(skip_on_field_errors=True)
    def _asks_for_something(self, data: dict[str, Any], **more: Any) -> None:
        if not data.get("need") and not data.get("text"):
            raise ValidationError("Say what is needed: `need`, `text`, or both.", "need")


class ExpertQuery(ExpertConditions, ListQuery):
    """A search for experts."""


class ExpertReasonSchema(Schema):
    """One reason why somebody was found."""

    skill_id = Id(required=True, allow_none=True, metadata={"description": "Null for what their experience says."})
    fact = String(
        500, required=True, metadata={"example": "level 4, confirmed 3 months ago, confidence 0.82, endorsed by 2"}
    )


class SnippetPartSchema(Schema):
    """A piece of a snippet: plain text, to be escaped as any other text."""

    text = String(20_000, required=True, blank=True, trim=False)
    is_match = Boolean(required=True)


class ExpertMatchSchema(Schema):
    """Where the words were found."""

    experience_id = Id(required=True)
    field = String(20, required=True, validate=validate.OneOf(("title", "organisation", "summary")))
    snippet = fields.List(fields.Nested(SnippetPartSchema), required=True)


class ExpertSchema(Schema):
    """Somebody who was found, with a score from 0 to 1 and the reasons for it."""

    user_id = Id(required=True)
    full_name = String(200, required=True)
    title = String(200, required=True, allow_none=True)
    team_id = Id(required=True, allow_none=True)
    score = Float(0, 1, required=True)
    why = fields.List(fields.Nested(ExpertReasonSchema), required=True)
    matches = fields.List(fields.Nested(ExpertMatchSchema), required=True)


class SavedSearchFields(Schema):
    """A search that its owner keeps."""

    name = String(120, required=True, metadata={"example": "Kafka people"})
    query = Nested(
        ExpertConditions,
        required=True,
        metadata={"description": "What `/api/skills/experts` takes.", "example": {"text": "kafka", "match": "all"}},
    )
    is_watched = Boolean(
        load_default=False, metadata={"description": "Tell me when somebody matches who does not match now."}
    )


class SavedSearchSchema(SavedSearchFields):
    """A kept search as its owner sees it."""

    id = Id(dump_only=True)
    created_at = UtcDateTime(dump_only=True)
    updated_at = UtcDateTime(dump_only=True)


class SavedSearchChangesSchema(SavedSearchFields):
    """Some of a kept search."""

    def __init__(self, **more: Any) -> None:
        super().__init__(**{"partial": True, **more})


class SavedSearchQuery(ListQuery):
    """Filters of my kept searches."""

    is_watched = Boolean()
