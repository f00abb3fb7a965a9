"""Levels that want confirming, over HTTP."""

from flask.views import MethodView

from smartskill.kit.access import current_user
from smartskill.kit.blueprint import Blueprint
from smartskill.kit.pagination import page_of
from smartskill.planning.schemas.stale import StaleLevelSchema, StaleQuery
from smartskill.planning.services.stale import search_stale, shown_stale
from smartskill.skills.services.projection import today
from smartskill.skills.views.rows import answer_rows

stale = Blueprint("stale", __name__, url_prefix="/api/skills/stale", description="Levels that want confirming.")


@stale.route("/")
class StaleLevels(MethodView):
    @stale.login_required()
    @stale.arguments(StaleQuery, location="query")
    @stale.listing(StaleLevelSchema)
    @stale.doc(operationId="listStaleLevels")
    def get(self, query):
        """List levels that want confirming

        Of the people below for a manager, of all for HR; the longest unconfirmed first. One's own are in one's levels,
        with `is_stale=true`.
        """
        rows, headers = page_of(search_stale(query, current_user()), query, scalars=False)
        return answer_rows([shown_stale(row, today()) for row in rows], headers)
