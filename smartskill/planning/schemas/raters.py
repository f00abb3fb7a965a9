"""The severity of raters, on the wire."""

from marshmallow import fields, validate

from smartskill.kit.schemas import Float, Id, Integer, Schema, String

STATES = ("reported", "not enough")


class RaterSchema(Schema):
    """How a rater's levels lie beside those that others gave for the same people and skills."""

    rater_id = Id()
    rater_name = String(200, metadata={"example": "Ada Bauer"})
    pair_count = Integer(0, metadata={"example": 24, "description": "Levels that another rater gave too."})
    people_count = Integer(0, metadata={"example": 8})
    other_count = Integer(0, metadata={"example": 5, "description": "The other raters."})
    state = String(
        20,
        metadata={
            "enum": list(STATES),
            "description": "reported: from 10 levels over 5 people beside 3 other raters.",
        },
    )
    mean_deviation = Float(
        -4,
        4,
        allow_none=True,
        metadata={"example": -0.4, "description": "Mean of level − mean of the others'; below 0 is stricter."},
    )
    interval = fields.List(
        fields.Float(),
        allow_none=True,
        validate=validate.Length(equal=2),
        metadata={"example": [-0.7, -0.1], "description": "Its 95 % interval, by people."},
    )
