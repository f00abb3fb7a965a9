"""The matrix over HTTP."""

from collections.abc import Callable
from typing import Any

from flask import Response, request
from flask.views import MethodView

from smartskill.kit.access import current_user
from smartskill.kit.blueprint import Blueprint
from smartskill.kit.errors import NotAcceptable
from smartskill.planning.schemas.matrix import MatrixQuery, MatrixSchema
from smartskill.planning.services.matrix.answer import read_matrix
from smartskill.planning.services.matrix.writing import as_csv, as_json

matrix = Blueprint("matrix", __name__, url_prefix="/api/skills/matrix", description="Who can do what, on any day.")
WRITERS: dict[str, Callable[[Any], bytes | str]] = {"application/json": as_json, "text/csv": as_csv}


@matrix.route("/")
class Matrix(MethodView):
    @matrix.login_required(produces="*/*")
    @matrix.arguments(MatrixQuery, location="query")
    @matrix.response(200, MatrixSchema)
    @matrix.doc(operationId="getSkillMatrix")
    def get(self, query):
        """Read the matrix of people and skills

        Levels as of a day, of the people who belonged on that day; for managers the people below them, for HR all. At
        most 2,000 people (by name) and 200 skills (those most held first, or as asked): `people_total` and
        `skills_total` tell where that is not all. `coverage` counts everybody. What is not known has no cell.
        `Accept: text/csv` gets the levels as a table.
        """
        accepted = request.accept_mimetypes.best_match(WRITERS) if request.accept_mimetypes else "application/json"
        if accepted is None:
            raise NotAcceptable("This address answers application/json and text/csv.")
        return Response(WRITERS[accepted](read_matrix(query, current_user())), mimetype=accepted)
