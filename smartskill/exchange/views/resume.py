"""The CV over HTTP."""

import marshmallow as ma
from flask import request
from flask.views import MethodView

from smartskill.exchange.schemas.resume import ResumeImportQuery, ResumeImportSchema, ResumeSchema
from smartskill.exchange.services.resume.exporting import make_resume
from smartskill.exchange.services.resume.importing import import_resume, require_owner
from smartskill.kit.access import current_user
from smartskill.kit.blueprint import Blueprint
from smartskill.kit.errors import Invalid
from smartskill.kit.transaction import commit
from smartskill.user.services.accounts import get_user

exchange = Blueprint("exchange", __name__, url_prefix="/api/users", description="CVs in and out.")


@exchange.route("/<user:user_id>/resume")
class Resume(MethodView):
    @exchange.login_required()
    @exchange.response(200, ResumeSchema)
    @exchange.doc(operationId="getResume")
    def get(self, user_id):
        """Read a CV as JSON Resume

        Experience and levels that are shown; for the person, managers above them and HR also certificates and the
        sections that came in with an import and have no home here.
        """
        me = current_user()
        return make_resume(get_user(user_id, me), me)

    @exchange.login_required()
    @exchange.arguments(ResumeImportQuery, location="query")
    @exchange.arguments(ResumeSchema, unknown=ma.INCLUDE, required=True)
    @exchange.response(200, ResumeImportSchema)
    @exchange.doc(operationId="importResume")
    def put(self, query, document, user_id):
        """Bring in a CV as JSON Resume

        Adds and updates; the same document twice changes nothing. All of it or nothing: each entry at fault is named.
        A null or empty `endDate` is "current", unless `strict`. Skills with a level become self ratings. Levels, and
        what HR verified, are never removed.
        """
        owner = get_user(user_id, current_user())
        require_owner(owner, current_user())
        if not request.get_data():  # read as {}, which with `replace` would empty the CV
            raise Invalid.field("_body", "Send a JSON Resume.")
        report = import_resume(
            owner,
            document,
            is_replacing=query["replace"],
            is_dry_run=query["dry_run"],
            is_strict=query["strict"],
        )
        commit()
        return report
