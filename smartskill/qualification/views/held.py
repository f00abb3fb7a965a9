"""Qualifications that people hold, and their review, over HTTP."""

from flask import url_for
from flask.views import MethodView

from smartskill.kit.access import current_user
from smartskill.kit.blueprint import Blueprint
from smartskill.kit.etag import check_if_match
from smartskill.kit.pagination import page_of
from smartskill.kit.transaction import commit
from smartskill.qualification.schemas import (
    QualificationItemSchema,
    QualificationPatchSchema,
    QualificationQuery,
    QualificationSchema,
    ReviewSchema,
)
from smartskill.qualification.services import held
from smartskill.qualification.services.policy import get_holder, require_holder, require_reviewer
from smartskill.qualification.services.review import review

qualification = Blueprint(
    "qualification",
    __name__,
    url_prefix="/api/qualification",
    description="Degrees, certificates, licences: held, reviewed, renewed, expiring.",
)


def load_to_write(qualification_id):
    """The row, locked, as the caller knows it, and theirs."""
    row = held.get_qualification(qualification_id, current_user(), is_locked=True)
    check_if_match(row)
    require_holder(row, current_user())
    return row


@qualification.route("/")
class Qualifications(MethodView):
    @qualification.login_required()
    @qualification.arguments(QualificationQuery, location="query")
    @qualification.listing(QualificationSchema)
    @qualification.doc(operationId="listQualifications")
    def get(self, query):
        """List qualifications

        One's own; those of the people below for a manager, of all for HR.
        """
        return page_of(held.search_qualifications(query, current_user()), query)

    @qualification.login_required()
    @qualification.arguments(QualificationSchema, required=True)
    @qualification.response(200, QualificationSchema, etag=True, created=True)
    @qualification.doc(operationId="createQualification")
    def post(self, data):
        """Add a qualification

        Needs a title or a type. A renewal is a new one whose `renews_id` names the old.
        """
        row = held.add_qualification(get_holder(data, current_user()), data, by=current_user())
        commit()
        return row, 200, {"Location": url_for(".Qualification", qualification_id=row.id)}


@qualification.route("/<id:qualification_id>")
class Qualification(MethodView):
    @qualification.login_required()
    @qualification.response(200, QualificationSchema, etag=True)
    @qualification.doc(operationId="getQualification")
    def get(self, qualification_id):
        """Read a qualification"""
        return held.get_qualification(qualification_id, current_user())

    @qualification.login_required()
    @qualification.arguments(QualificationItemSchema, required=True)
    @qualification.response(200, QualificationSchema, etag=True)
    @qualification.doc(operationId="replaceQualification")
    def put(self, data, qualification_id):
        """Replace a qualification

        What was submitted, verified or rejected becomes a draft again.
        """
        row = held.replace_qualification(load_to_write(qualification_id), data)
        commit()
        return row

    @qualification.login_required()
    @qualification.arguments(QualificationPatchSchema(partial=True))
    @qualification.response(200, QualificationSchema, etag=True)
    @qualification.doc(operationId="changeQualification")
    def patch(self, data, qualification_id):
        """Change a part of a qualification

        What was submitted, verified or rejected becomes a draft again.
        """
        row = held.change_qualification(load_to_write(qualification_id), data)
        commit()
        return row

    @qualification.login_required()
    @qualification.response(200, QualificationSchema, etag=True)
    @qualification.doc(operationId="deleteQualification")
    def delete(self, qualification_id):
        """Delete a qualification and its evidence"""
        row = held.remove_qualification(load_to_write(qualification_id))
        commit()
        return row


@qualification.route("/<id:qualification_id>/review")
class Review(MethodView):
    @qualification.login_required()
    @qualification.arguments(ReviewSchema)
    @qualification.response(200, QualificationSchema, etag=True)
    @qualification.doc(operationId="reviewQualification")
    def post(self, data, qualification_id):
        """Submit, verify, reject or revoke a qualification

        draft or rejected → submitted → verified or rejected; verified → revoked. The holder (or who may add for them)
        submits; HR decides, never on their own. Once verified, the skills that its type shows become ratings of source
        `assessment`, as of the day of issue.
        """
        row = held.get_qualification(qualification_id, current_user(), is_locked=True)
        check_if_match(row)
        require_reviewer(row, current_user(), data["decision"])
        review(row, data["decision"], data["note"], by=current_user())
        commit()
        return row
