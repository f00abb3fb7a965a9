"""Head-count targets, and how they are met, over HTTP."""

from flask import url_for
from flask.views import MethodView

from smartskill.kit.access import current_user
from smartskill.kit.blueprint import Blueprint
from smartskill.kit.etag import check_if_match
from smartskill.kit.pagination import page_of
from smartskill.kit.transaction import commit
from smartskill.planning.schemas.coverage import (
    CoverageQuery,
    CoverageSchema,
    CoverageTargetFields,
    CoverageTargetPatchSchema,
    CoverageTargetSchema,
    TargetQuery,
)
from smartskill.planning.services.coverage.answer import list_coverage
from smartskill.planning.services.coverage.targets import (
    add_target,
    change_target,
    get_target,
    remove_target,
    search_targets,
    show_target,
)
from smartskill.skills.views.rows import answer_rows

targets = Blueprint(
    "targets", __name__, url_prefix="/api/skills/targets", description="How many people a team wants who can do what."
)

coverage = Blueprint(
    "coverage", __name__, url_prefix="/api/skills/coverage", description="What a team can do, now and in 90 days."
)


@targets.route("/")
class Targets(MethodView):
    @targets.login_required()
    @targets.arguments(TargetQuery, location="query")
    @targets.listing(CoverageTargetSchema)
    @targets.doc(operationId="listTargets")
    def get(self, query):
        """List head-count targets

        All for HR; for a manager those of teams in which everybody reports to them.
        """
        return page_of(search_targets(query, current_user()), query, scalars=False)

    @targets.login_required()
    @targets.arguments(CoverageTargetFields)
    @targets.response(200, CoverageTargetSchema, etag=True, created=True)
    @targets.doc(operationId="createTarget")
    def post(self, data):
        """Set a head-count target

        By HR, or by a manager for a team in which everybody reports to them.
        """
        row = add_target(data, by=current_user())
        commit()
        return show_target(row), 200, {"Location": url_for(".Target", target_id=row.id)}


@targets.route("/<id:target_id>")
class Target(MethodView):
    @targets.login_required()
    @targets.response(200, CoverageTargetSchema, etag=True)
    @targets.doc(operationId="getTarget")
    def get(self, target_id):
        """Read a head-count target"""
        return show_target(get_target(target_id, current_user()))

    @targets.login_required()
    @targets.arguments(CoverageTargetFields)
    @targets.response(200, CoverageTargetSchema, etag=True)
    @targets.doc(operationId="replaceTarget")
    def put(self, data, target_id):
        """Replace a head-count target"""
        return self._change(data, target_id)

    @targets.login_required()
    @targets.arguments(CoverageTargetPatchSchema)
    @targets.response(200, CoverageTargetSchema, etag=True)
    @targets.doc(operationId="changeTarget")
    def patch(self, data, target_id):
        """Change a part of a head-count target"""
        return self._change(data, target_id)

    def _change(self, data, target_id):
        row = get_target(target_id, current_user(), is_locked=True)
        check_if_match(row)
        change_target(row, data, by=current_user())
        commit()
        return show_target(row)

    @targets.login_required()
    @targets.response(200, CoverageTargetSchema, etag=True)
    @targets.doc(operationId="deleteTarget")
    def delete(self, target_id):
        """Delete a head-count target"""
        row = get_target(target_id, current_user(), is_locked=True)
        check_if_match(row)
        shown = remove_target(row, by=current_user())
        commit()
        return shown


@coverage.route("/")
class Coverage(MethodView):
    @coverage.login_required()
    @coverage.arguments(CoverageQuery, location="query")
    @coverage.listing(CoverageSchema)
    @coverage.doc(operationId="listCoverage")
    def get(self, query):
        """Compare head-counts with their targets

        What is held on the day, and 90 days on: without who leaves, without what expires, at the levels that what is
        said now will come to. `falls_below` is what `without` breaks: targets that are met and would no longer be.
        The worst come first. A manager counts the people below them and themselves; without `team_id` the answer is
        about the teams in which everybody reports to them, for HR about all targets.
        """
        return answer_rows(*list_coverage(query, current_user()))
