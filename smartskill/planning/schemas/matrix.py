"""The matrix of people and skills."""

from marshmallow import fields, validate

from smartskill.kit.schemas import Date, Float, Id, Integer, QuerySchema, Schema, String

MOST_SKILLS = 200


class MatrixQuery(QuerySchema):
    """Whose levels, in what, on which day."""

    team_id = Id(metadata={"description": "This team and those below it; all whom one may plan for if left out."})
    as_of = Date(metadata={"description": "The day; today if left out, and never later.", "example": "2026-06-30"})
    skill_id = fields.List(
        Id(),
        load_default=list,
        validate=validate.Length(max=MOST_SKILLS),
        metadata={"description": "Repeat it for several; the skills that most of these people have if left out."},
    )
    category_id = Id(metadata={"description": "Only skills of this category and all below it."})
    min_confidence = Float(0, 1, metadata={"description": "Only levels as sure as that; 0.5 is fresh.", "example": 0.5})


class MatrixPersonSchema(Schema):
    """A row of the matrix, with the team of that day."""

    user_id = Id(required=True)
    full_name = String(200, required=True)
    team_id = Id(required=True, allow_none=True)


class MatrixSkillSchema(Schema):
    """A column of the matrix."""

    skill_id = Id(required=True)
    name = String(200, required=True)


class MatrixCellSchema(Schema):
    """A level. Who was not rated has no cell: not known is not zero."""

    user_id = Id(required=True)
    skill_id = Id(required=True)
    level = Integer(1, 5, required=True)
    confidence = Float(0, 1, required=True)


class MatrixCoverageSchema(Schema):
    """How many people hold a skill at a level, and how many a target asks for; a skill has a row for each target."""

    skill_id = Id(required=True)
    level = Integer(1, 5, required=True, metadata={"description": "The target's; 1 where there is none."})
    holders = Integer(0, required=True, metadata={"description": "Of all people, shown or not."})
    required = Integer(1, required=True, allow_none=True, metadata={"description": "Null without a target."})


class MatrixSchema(Schema):
    """People, skills and what is known of them. The totals tell how many there are where not all are shown."""

    as_of = Date(required=True)
    people_total = Integer(0, required=True)
    skills_total = Integer(0, required=True)
    people = fields.List(fields.Nested(MatrixPersonSchema), required=True)
    skills = fields.List(fields.Nested(MatrixSkillSchema), required=True)
    cells = fields.List(fields.Nested(MatrixCellSchema), required=True)
    coverage = fields.List(fields.Nested(MatrixCoverageSchema), required=True)
