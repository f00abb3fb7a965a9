"""How a CV is asked for."""

from marshmallow import validate

from smartskill.kit.schemas import QuerySchema, String


class CvQuery(QuerySchema):
    """How a CV is to be drawn."""

    language = String(
        5,
        validate=validate.OneOf(("en", "de")),
        metadata={"example": "en", "description": "Of headings, levels and dates; the reader's if left out."},
    )
