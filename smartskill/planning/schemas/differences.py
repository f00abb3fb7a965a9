"""Differences between what people, managers and peers say, on the wire."""

from marshmallow import fields, validate

from smartskill.kit.schemas import Float, Id, Integer, ListQuery, Schema, String

UNKNOWN = "Null: unknown, which is not 0."


class LevelDifferenceSchema(Schema):
    """A level as the person, the managers and peers see it."""

    user_id = Id()
    skill_id = Id()
    skill_name = String(200)
    level = Integer(1, 5, metadata={"description": "The effective level."})
    self_level = Integer(1, 5, allow_none=True, metadata={"example": 4, "description": UNKNOWN})
    manager_level = Integer(1, 5, allow_none=True, metadata={"example": 3, "description": UNKNOWN})
    peer_median = Float(1, 5, allow_none=True, metadata={"example": 3.5, "description": UNKNOWN})
    peer_count = Integer(0, metadata={"example": 2, "description": "How many peers it is the median of."})
    difference = Integer(-4, 4, allow_none=True, metadata={"example": 1, "description": f"Self − manager. {UNKNOWN}"})
    peer_difference = Float(
        -4, 4, allow_none=True, metadata={"example": 0.5, "description": f"Self − peers' median. {UNKNOWN}"}
    )
    missing_voices = fields.List(
        fields.String(validate=validate.OneOf(("self", "manager", "peer"))),
        metadata={"example": [], "description": "The voices that are missing."},
    )


class TeamDifferenceQuery(ListQuery):
    """Whose differences, and over what they are summed."""

    team_id = Id(metadata={"description": "With the teams below it; all whom one may plan for if left out."})
    by = String(10, load_default="person", validate=validate.OneOf(("person", "skill")))


class DifferenceSumSchema(Schema):
    """How the own view differs from the managers', over one person's skills or one skill's people."""

    user_id = Id(allow_none=True, metadata={"description": "With `by=person`."})
    skill_id = Id(allow_none=True, metadata={"description": "With `by=skill`."})
    name = String(200, metadata={"example": "Ada Bauer"})
    pairs = Integer(0, metadata={"example": 12, "description": "Levels that both sides stated."})
    mean_difference = Float(-4, 4, allow_none=True, metadata={"example": 0.42, "description": "Self − manager."})
    mean_size = Float(0, 4, allow_none=True, metadata={"example": 0.75, "description": "Mean of |self − manager|."})
    self_higher = Integer(0)
    self_lower = Integer(0)
    equal = Integer(0)
    self_unknown = Integer(0, metadata={"description": "Levels that the person did not state."})
    manager_unknown = Integer(0, metadata={"description": "Levels that no manager stated."})
    peer_pairs = Integer(0, metadata={"description": "Levels that the person and some peer stated."})
    mean_peer_difference = Float(-4, 4, allow_none=True, metadata={"description": "Self − peers' median."})
