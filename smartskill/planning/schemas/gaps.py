"""What people lack for a role, which roles fit them, who fits a role, and a team's gaps."""

from marshmallow import fields, validate

from smartskill.kit.schemas import (
    Boolean,
    Date,
    Float,
    Id,
    Integer,
    ListQuery,
    Nested,
    QuerySchema,
    Schema,
    Sort,
    String,
)
from smartskill.planning.schemas.roles import AS_OF_HELP, TargetSchema

STATES = ("met", "below", "missing", "exempt")
READINESS = (
    "Σ weight · min(level, required) ÷ Σ weight · required, without what one is exempt from; null: nothing asked."
)
COMPLIANCE = "Requirements met ÷ requirements, partial not counted, exempt ones left out; null: nothing asked."


class FiguresSchema(Schema):
    """How far somebody is."""

    readiness = Float(0, 1, required=True, allow_none=True, metadata={"description": READINESS, "example": 0.5})
    compliance = Float(0, 1, required=True, allow_none=True, metadata={"description": COMPLIANCE, "example": 0.5})
    failed_musts = fields.List(
        Nested(TargetSchema),
        required=True,
        metadata={"description": "What nothing makes up for and is below or missing; exempt ones are not failed."},
    )


class RoleFiguresSchema(FiguresSchema):
    """How far somebody is from one role."""

    role_id = Id(required=True)
    name = String(200, required=True, metadata={"example": "Calibration technician"})
    status = String(20, required=True)
    source = String(20, required=True, allow_none=True)
    attribution = String(
        5000,
        required=True,
        allow_none=True,
        metadata={"description": "The sentence that the source's licence asks to be shown beside it."},
    )


class GapQuery(QuerySchema):
    """Against which role, on which day."""

    role_id = Id(
        metadata={"description": "Any role or template; if not given, the roles that the person has that day."}
    )
    as_of = Date(metadata={"description": AS_OF_HELP})


class ExcuseSchema(Schema):
    """The exemption that holds."""

    id = Id(required=True)
    reason = String(1000, required=True)
    ends_on = Date(required=True)


class GapRequirementSchema(TargetSchema):
    """A requirement and what the person has of it."""

    required = Integer(1, 5, required=True, metadata={"example": 3, "description": "The level; 1 of a qualification."})
    held = Integer(
        1, 5, required=True, allow_none=True, metadata={"description": "Null: none, which is not a level of 0."}
    )
    state = String(10, required=True, validate=validate.OneOf(STATES), metadata={"example": "below"})
    weight = Float(0, 100, required=True)
    must = Boolean(required=True)
    role_ids = fields.List(Id(), required=True, metadata={"description": "Which of the roles ask for it."})
    confidence = Float(0, 1, required=True, allow_none=True, metadata={"description": "In the level of a skill."})
    is_fresh = Boolean(required=True, allow_none=True, metadata={"description": "Whether confidence is at least 0.5."})
    last_confirmed_on = Date(required=True, allow_none=True, metadata={"description": "Of a skill."})
    qualification_id = Id(required=True, allow_none=True, metadata={"description": "The one that counts."})
    expires_on = Date(required=True, allow_none=True, metadata={"description": "Its last valid day."})
    exemption = Nested(ExcuseSchema, required=True, allow_none=True)


class GapSchema(FiguresSchema):
    """What a person has and lacks of what their roles ask together."""

    user_id = Id(required=True)
    as_of = Date(required=True)
    roles = fields.List(Nested(RoleFiguresSchema), required=True, metadata={"description": "Each of them by itself."})
    requirements = fields.List(
        Nested(GapRequirementSchema),
        required=True,
        metadata={"description": "Failed musts first, then what is below or missing. Each once, at its highest level."},
    )


class FitQuery(ListQuery):
    """Which roles to look at."""

    include = fields.List(
        String(20, validate=validate.OneOf(("templates",))),
        validate=validate.Length(max=1),
        metadata={"description": "`templates`: also the occupations of taxonomies.", "example": ["templates"]},
    )


class CandidateQuery(ListQuery):
    """Whom to look at."""

    team_id = Id(metadata={"description": "Only people of this team or the teams below it."})


class CandidateSchema(FiguresSchema):
    """How far somebody is from the role."""

    user_id = Id(required=True)
    full_name = String(200, required=True)
    title = String(200, required=True, allow_none=True)
    team_id = Id(required=True, allow_none=True)
    has_role = Boolean(required=True, metadata={"description": "Whether it is theirs today."})


class TeamGapQuery(ListQuery):
    """Whose gaps, against what, when. Pages are pages of people; requirements and totals are of all of them."""

    team_id = Id(metadata={"description": "This team and those below it; all whom one plans for if not given."})
    role_id = Id(metadata={"description": "Hold everybody against this role; if not given, each against their own."})
    as_of = Date(metadata={"description": AS_OF_HELP})
    sort = Sort("readiness", "compliance", "full_name", default="readiness")


class PersonGapSchema(FiguresSchema):
    """How far somebody is from their roles together."""

    user_id = Id(required=True)
    full_name = String(200, required=True)
    role_ids = fields.List(Id(), required=True)


class TeamRequirementSchema(TargetSchema):
    """How the people stand of whom something is asked."""

    required = Integer(0, required=True, metadata={"description": "Of how many people it is asked."})
    highest_level = Integer(1, 5, required=True)
    must = Boolean(required=True, metadata={"description": "Whether it is a must for somebody."})
    met = Integer(0, required=True)
    below = Integer(0, required=True)
    missing = Integer(0, required=True)
    exempt = Integer(0, required=True)


class TeamTotalsSchema(Schema):
    """Everybody together."""

    people = Integer(0, required=True)
    with_role = Integer(0, required=True, metadata={"description": "Of whom something is asked."})
    compliant = Integer(0, required=True, metadata={"description": "Who meet all that is asked of them."})
    with_failed_musts = Integer(0, required=True)
    readiness = Float(0, 1, required=True, allow_none=True, metadata={"description": "The mean of those who have one."})
    compliance = Float(0, 1, required=True, allow_none=True, metadata={"description": "The mean, likewise."})


class TeamGapSchema(Schema):
    """The gaps of a team."""

    as_of = Date(required=True)
    people = fields.List(Nested(PersonGapSchema), required=True)
    requirements = fields.List(
        Nested(TeamRequirementSchema), required=True, metadata={"description": "The widest gaps first."}
    )
    totals = Nested(TeamTotalsSchema, required=True)
