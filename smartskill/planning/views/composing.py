"""Composing a team over HTTP: asked for, followed, cancelled."""

from flask import url_for
from flask.views import MethodView

from smartskill.kit.access import current_user
from smartskill.kit.blueprint import Blueprint
from smartskill.kit.transaction import commit
from smartskill.planning.schemas.composing import TeamPlanSchema, TeamRequestSchema
from smartskill.planning.services.composing.plans import begin_plan, drop_plan, get_plan
from smartskill.planning.services.composing.words import show_plan

composing = Blueprint(
    "composing", __name__, url_prefix="/api/skills/team", description="The smallest team that can do what is needed."
)
LOCATION = {"Location": {"description": "Where it can be followed.", "schema": {"type": "string"}}}


@composing.route("/")
class TeamPlans(MethodView):
    @composing.login_required()
    @composing.arguments(TeamRequestSchema)
    @composing.response(202, TeamPlanSchema, headers=LOCATION)
    @composing.doc(operationId="composeTeam")
    def post(self, data):
        """Compose a team

        Answers at once; the team is found in the background, exactly where at most 2,000 people meet a need, greedily
        beyond. First the musts, then as few people as possible, then the other needs, then confidence. One person may
        meet several needs.
        """
        row = begin_plan(data, by=current_user())
        commit()
        return show_plan(row, current_user()), 202, {"Location": url_for(".TeamPlan", plan_id=row.id)}


@composing.route("/<id:plan_id>")
class TeamPlan(MethodView):
    @composing.login_required()
    @composing.response(200, TeamPlanSchema)
    @composing.doc(operationId="getTeamPlan")
    def get(self, plan_id):
        """Follow a team that is being composed

        Only for whoever asked for it; kept for 30 days.
        """
        return show_plan(get_plan(plan_id, current_user()), current_user())

    @composing.login_required()
    @composing.response(200, TeamPlanSchema)
    @composing.doc(operationId="cancelTeamPlan")
    def delete(self, plan_id):
        """Cancel a team that is being composed, or forget a finished one"""
        row = get_plan(plan_id, current_user(), is_locked=True)
        shown = show_plan(drop_plan(row), current_user())
        commit()
        return shown
