"""A multipart body of a file and fields, described by one schema: webargs knows the two only apart."""

from typing import Any

import marshmallow as ma
from webargs.multidictproxy import MultiDictProxy
from werkzeug.datastructures import CombinedMultiDict

from smartskill.kit.blueprint import Blueprint
from smartskill.kit.errors import Invalid
from smartskill.kit.parser import MAX_NAME, MAX_NAMED, Parser

PARTS = "parts"


class PartsParser(Parser):
    """The house's parser, with a location for all parts of a body."""

    DEFAULT_UNKNOWN_BY_LOCATION = {**Parser.DEFAULT_UNKNOWN_BY_LOCATION, PARTS: ma.RAISE}
    __location_map__ = {**Parser.__location_map__, PARTS: "load_parts"}

    def load_parts(self, req: Any, schema: ma.Schema) -> Any:
        """Fields and files, each once."""
        parts = CombinedMultiDict([req.form, req.files])
        repeated = [name for name in parts if len(req.form.getlist(name)) + len(req.files.getlist(name)) > 1]
        if repeated:
            raise Invalid(errors={name[:MAX_NAME]: ["Give this only once."] for name in repeated[:MAX_NAMED]})
        return MultiDictProxy(parts, schema)


class PartsBlueprint(Blueprint):
    """A blueprint whose operations may take such a body, with `location="parts"`."""

    ARGUMENTS_PARSER = PartsParser()
    DEFAULT_LOCATION_CONTENT_TYPE_MAPPING = {
        **Blueprint.DEFAULT_LOCATION_CONTENT_TYPE_MAPPING,
        PARTS: "multipart/form-data",
    }
