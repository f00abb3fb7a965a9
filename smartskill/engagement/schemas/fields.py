"""The fields of answers that only tell: each with its example and what it means."""

from marshmallow import fields


def read(
    field: type[fields.Field], example: object = None, description: str | None = None, **more: object
) -> fields.Field:
    told = {"example": example, "description": description}
    metadata = {name: value for name, value in told.items() if value is not None}
    return field(dump_only=True, metadata=metadata, **more)  # type: ignore[arg-type]


def figures(example: dict, description: str) -> fields.Dict:
    return fields.Dict(
        keys=fields.String(),
        values=fields.Float(),
        dump_only=True,
        allow_none=True,
        metadata={"example": example, "description": description},
    )
