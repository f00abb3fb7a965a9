"""Levels that want confirming, on the wire."""

from smartskill.kit.schemas import Boolean, Date, Float, Id, Integer, ListQuery, Schema, String


class StaleQuery(ListQuery):
    """Whose stale levels."""

    team_id = Id(metadata={"description": "With the teams below it; all whom one may plan for if left out."})
    skill_id = Id()
    critical = Boolean(metadata={"description": "Only of critical skills, or only of others."})


class StaleLevelSchema(Schema):
    """A level that nobody has spoken for since longer than its skill's `review_months`."""

    user_id = Id()
    full_name = String(200, metadata={"example": "Ada Bauer"})
    skill_id = Id()
    skill_name = String(200, metadata={"example": "Python"})
    critical = Boolean()
    level = Integer(1, 5)
    confidence = Float(0, 1)
    last_confirmed_on = Date()
    review_months = Integer(1, 120)
    overdue_months = Float(0, 10_000, metadata={"example": 2.4, "description": "For how long it has been stale."})
