"""For admins: plannings, models and what came of it all. Aggregates only; nobody's scores."""

from flask import url_for
from flask.views import MethodView

from smartskill.engagement.schemas.decisions import PageQuery
from smartskill.engagement.schemas.outcomes import OutcomesSchema
from smartskill.engagement.schemas.running import ModelCardSchema, ModelSchema, RunRequestSchema, RunSchema
from smartskill.engagement.services.outcomes import find_outcomes
from smartskill.engagement.services.registry import get_model, search_models, show_model
from smartskill.engagement.services.runs import get_run, show_run, start_run
from smartskill.kit.access import current_user
from smartskill.kit.blueprint import Blueprint
from smartskill.kit.pagination import page_of
from smartskill.kit.transaction import commit

blp = Blueprint(
    "engagement", __name__, url_prefix="/api/notifications", description="Plannings, models and outcomes, for admins."
)
LOCATION = {"Location": {"description": "Where the run can be followed.", "schema": {"type": "string"}}}


@blp.route("/runs")
class Runs(MethodView):
    @blp.login_required(role="admin")
    @blp.arguments(RunRequestSchema)
    @blp.response(202, RunSchema, headers=LOCATION)
    @blp.doc(operationId="startRun")
    def post(self, data):
        """Plan notices for everybody

        Answers at once; the run goes on in the background. Planning twice does nothing twice.
        """
        run = start_run(is_forced=data["is_forced"], requested_by_id=current_user().id)
        commit()
        return show_run(run), 202, {"Location": url_for(".Run", run_id=run.id)}


@blp.route("/runs/<id:run_id>")
class Run(MethodView):
    @blp.login_required(role="admin")
    @blp.response(200, RunSchema)
    @blp.doc(operationId="getRun")
    def get(self, run_id):
        """Follow a planning"""
        return show_run(get_run(run_id))


@blp.route("/models/")
class Models(MethodView):
    @blp.login_required(role="admin")
    @blp.arguments(PageQuery, location="query")
    @blp.listing(ModelSchema)
    @blp.doc(operationId="listModels")
    def get(self, query):
        """List the trained models

        The newest first. Where none is champion the rules serve.
        """
        rows, headers = page_of(search_models(), query)
        return [show_model(row) for row in rows], headers


@blp.route("/models/<id:model_id>")
class Model(MethodView):
    @blp.login_required(role="admin")
    @blp.response(200, ModelCardSchema)
    @blp.doc(operationId="getModel")
    def get(self, model_id):
        """Read a model's card"""
        return show_model(get_model(model_id))


@blp.route("/outcomes")
class Outcomes(MethodView):
    @blp.login_required(role="admin")
    @blp.response(200, OutcomesSchema)
    @blp.doc(operationId="getOutcomes")
    def get(self):
        """Read what the notices came to

        Decided, sent, acted and held out, and the lift with its interval and the smallest that could have been seen.
        Computed daily in the background.
        """
        return find_outcomes()
