"""What was decided and predicted about me. There is no address at which anybody sees another person's."""

from flask.views import MethodView

from smartskill.engagement.schemas.decisions import DecisionSchema, PageQuery, PredictionSchema
from smartskill.engagement.services.explaining import (
    search_decisions,
    search_predictions,
    show_decisions,
    word_decisions,
)
from smartskill.kit.access import current_user
from smartskill.kit.blueprint import Blueprint
from smartskill.kit.pagination import page_of
from smartskill.notifications.services.texts import language_of

blp = Blueprint(
    "decisions", __name__, url_prefix="/api/notifications", description="What was decided about me, and why."
)


@blp.route("/decisions")
class Decisions(MethodView):
    @blp.login_required()
    @blp.arguments(PageQuery, location="query")
    @blp.listing(DecisionSchema)
    @blp.doc(operationId="listMyDecisions")
    def get(self, query):
        """List the decisions about me

        The newest first, each with its reasons: gates in order, evidence, scores and odds. Only mine, for anybody.
        """
        rows, headers = page_of(search_decisions(current_user().id), query)
        return word_decisions(show_decisions(rows), language_of(current_user().locale)), headers


@blp.route("/predictions")
class Predictions(MethodView):
    @blp.login_required()
    @blp.arguments(PageQuery, location="query")
    @blp.listing(PredictionSchema)
    @blp.doc(operationId="listMyPredictions")
    def get(self, query):
        """List what is predicted about me

        With what moved each score. Only mine, for anybody; empty where I do not allow prediction.
        """
        return page_of(search_predictions(current_user().id), query)
