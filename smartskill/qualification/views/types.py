"""Types of qualification over HTTP: HR writes, everybody reads."""

from flask import url_for
from flask.views import MethodView

from smartskill.kit.blueprint import Blueprint
from smartskill.kit.etag import check_if_match
from smartskill.kit.pagination import page_of
from smartskill.kit.transaction import commit
from smartskill.qualification.schemas import (
    QualificationTypePatchSchema,
    QualificationTypeQuery,
    QualificationTypeSchema,
)
from smartskill.qualification.services.types import add_type, change_type, get_type, remove_type, search_types

types = Blueprint(
    "qualification_types",
    __name__,
    url_prefix="/api/qualification/types",
    description="Qualifications that many can hold, and the skills they show.",
)


def _load_to_write(type_id):
    row = get_type(type_id, is_locked=True)
    check_if_match(row)
    return row


@types.route("/")
class QualificationTypes(MethodView):
    @types.login_required()
    @types.arguments(QualificationTypeQuery, location="query")
    @types.listing(QualificationTypeSchema)
    @types.doc(operationId="listQualificationTypes")
    def get(self, query):
        """List types of qualification"""
        return page_of(search_types(query), query)

    @types.login_required(role="hr")
    @types.arguments(QualificationTypeSchema)
    @types.response(200, QualificationTypeSchema, etag=True, created=True)
    @types.doc(operationId="createQualificationType")
    def post(self, data):
        """Add a type of qualification"""
        row = add_type(data)
        commit()
        return row, 200, {"Location": url_for(".QualificationType", type_id=row.id)}


@types.route("/<id:type_id>")
class QualificationType(MethodView):
    @types.login_required()
    @types.response(200, QualificationTypeSchema, etag=True)
    @types.doc(operationId="getQualificationType")
    def get(self, type_id):
        """Read a type of qualification"""
        return get_type(type_id)

    @types.login_required(role="hr")
    @types.arguments(QualificationTypeSchema)
    @types.response(200, QualificationTypeSchema, etag=True)
    @types.doc(operationId="replaceQualificationType")
    def put(self, data, type_id):
        """Replace a type of qualification

        Qualifications already held keep what they were given; verified holders' levels follow the skills it shows.
        """
        row = change_type(_load_to_write(type_id), data)
        commit()
        return row

    @types.login_required(role="hr")
    @types.arguments(QualificationTypePatchSchema(partial=True))
    @types.response(200, QualificationTypeSchema, etag=True)
    @types.doc(operationId="changeQualificationType")
    def patch(self, data, type_id):
        """Change a part of a type of qualification

        The levels of verified holders follow the skills it shows.
        """
        row = change_type(_load_to_write(type_id), data)
        commit()
        return row

    @types.login_required(role="hr")
    @types.response(200, QualificationTypeSchema, etag=True)
    @types.doc(operationId="deleteQualificationType")
    def delete(self, type_id):
        """Delete a type of qualification that nobody holds"""
        row = remove_type(_load_to_write(type_id))
        commit()
        return row
