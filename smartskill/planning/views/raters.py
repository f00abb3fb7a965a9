"""The severity of raters over HTTP, for HR."""

from flask.views import MethodView

from smartskill.kit.blueprint import Blueprint
from smartskill.kit.pagination import page_of
from smartskill.kit.schemas import ListQuery
from smartskill.planning.schemas.raters import RaterSchema
from smartskill.planning.services.raters import search_raters, shown_rater
from smartskill.skills.views.rows import answer_rows

raters = Blueprint("raters", __name__, url_prefix="/api/skills/raters", description="How strict raters are.")


@raters.route("/")
class Raters(MethodView):
    @raters.login_required(role="hr")
    @raters.arguments(ListQuery, location="query")
    @raters.listing(RaterSchema)
    @raters.doc(operationId="listRaters")
    def get(self, query):
        """List how strict or mild raters are

        Managers and peers beside the others who rated the same people in the same skills: the mean deviation with its
        95 % interval, where there are 10 levels over 5 people beside 3 other raters; else counts only. It changes no
        level. The strictest first, then those of whom too little is known.
        """
        rows, headers = page_of(search_raters(), query, scalars=False)
        return answer_rows([shown_rater(row) for row in rows], headers)
