"""Teams."""

from smartskill.kit.schemas import Boolean, Date, Id, ListQuery, Schema, Sort, String, UtcDateTime
from smartskill.user.schemas.fields import Line


class TeamSchema(Schema):
    """A team, hanging in a tree."""

    id = Id(dump_only=True, metadata={"example": 3})
    name = Line(200, required=True, metadata={"example": "Data platform"})
    parent_id = Id(allow_none=True, load_default=None, metadata={"example": 1})
    effective_on = Date(
        load_only=True, metadata={"description": "From when the place in the tree holds. Default: today."}
    )
    ended_on = Date(dump_only=True, allow_none=True, metadata={"description": "Since when the team is history."})
    created_at = UtcDateTime(dump_only=True)
    updated_at = UtcDateTime(dump_only=True)


class TeamChangeSchema(TeamSchema):
    """What may be changed of a team."""

    name = Line(200, metadata={"example": "Data platform"})
    parent_id = Id(allow_none=True, metadata={"example": 1})


class TeamQuery(ListQuery):
    """Filters of the teams."""

    q = String(100, metadata={"description": "A part of the name."})
    parent_id = Id()
    as_of = Date(metadata={"description": "The teams, and their places in the tree, of that day. Default: today."})
    sort = Sort("name", "created_at", default="name")


class MemberQuery(ListQuery):
    """Whose members, and when."""

    as_of = Date(metadata={"description": "Who was in it that day. Default: today."})
    within = Boolean(load_default=True, metadata={"description": "Count the teams below it, too."})
    sort = Sort("name", "created_at", "id", default="name")
