"""The evidence behind a level, on the wire."""

from marshmallow import fields

from smartskill.kit.schemas import Boolean, Date, Float, Id, Integer, Nested, PartialDateField, Schema, String
from smartskill.skills.schemas.levels import EndorsementSchema

WHOLE = "Null for colleagues."
AGE = {"example": 6.5, "description": "Days ÷ 30.4375."}


class SpokenSchema(Schema):
    """A rating that stands."""

    rating_id = Id()
    source = String(20, metadata={"example": "manager"})
    rater_id = Id(allow_none=True)
    rater_name = String(200, allow_none=True)
    level = Integer(1, 5)
    effective_on = Date()
    age_months = Float(0, 10_000, metadata=AGE)
    note = String(2000, allow_none=True)
    qualification_id = Id(allow_none=True, metadata={"description": "The certificate that says it."})


class DecidingRatingSchema(SpokenSchema):
    """The rating that the level is that of."""

    because = String(
        40,
        metadata={
            "enum": ["most_trusted_within_window", "newest_of_any"],
            "description": "The newest of the most trusted source within its window; else the newest of any source.",
        },
    )
    window_months = Integer(1, 1_000, metadata={"description": "2 × `review_months`."})
    next_change_on = Date(allow_none=True, metadata={"description": "When another will decide, if nobody speaks."})


class VoiceSchema(SpokenSchema):
    """The latest word of one rater, and what it adds to the confidence."""

    weight = Float(0, 1, metadata={"example": 0.8, "description": "Its source's."})
    strength = Float(0, 1, metadata={"description": "weight · 2^(−age ÷ review_months): the confidence by it alone."})
    contribution = Float(0, 1, metadata={"description": "Its part; all parts add up to the confidence."})


class UsedSchema(Schema):
    """An experience that used the skill."""

    experience_id = Id()
    kind = String(20)
    organisation = String(200)
    title = String(200)
    start = PartialDateField()
    end = PartialDateField(allow_none=True)
    duration_months = Integer(0)


class UseSchema(Schema):
    """For how long the skill was used, of what the caller may see; each month counted once."""

    duration_months = Integer(0, metadata={"example": 30})
    years = Float(0, 200, metadata={"example": 2.5})
    items = fields.List(Nested(UsedSchema))


class CertificateSchema(Schema):
    """A certificate whose type shows the skill."""

    qualification_id = Id()
    title = String(200)
    issuer = String(200, allow_none=True)
    issued_on = PartialDateField(allow_none=True)
    expires_on = Date(allow_none=True)
    status = String(20)
    review_state = String(20)
    level = Integer(1, 5, metadata={"description": "The level that its type shows."})
    rating_id = Id(allow_none=True, metadata={"description": "The rating it came to."})
    effect = String(
        20,
        metadata={
            "enum": ["counts", "outranked", "not_yet", "not_verified"],
            "description": "outranked: a higher one that was valid by then says more.",
        },
    )


class LevelEvidenceSchema(Schema):
    """A level with all that stands behind it."""

    user_id = Id()
    skill_id = Id()
    skill_name = String(200)
    level = Integer(1, 5, allow_none=True)
    confidence = Float(0, 1, metadata={"example": 0.88})
    is_fresh = Boolean(metadata={"description": "Whether the confidence is at least 0.5."})
    is_stale = Boolean()
    review_months = Integer(1, 120)
    last_confirmed_on = Date(allow_none=True)
    decided_by = Nested(DecidingRatingSchema, allow_none=True, metadata={"description": WHOLE})
    voices = fields.List(Nested(VoiceSchema), allow_none=True, metadata={"description": WHOLE})
    endorsements = fields.List(Nested(EndorsementSchema))
    experience = Nested(UseSchema)
    certificates = fields.List(Nested(CertificateSchema), allow_none=True, metadata={"description": WHOLE})
