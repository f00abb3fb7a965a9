"""Differences between what people, managers and peers say, over HTTP."""

from flask.views import MethodView

from smartskill.kit.access import current_user
from smartskill.kit.blueprint import Blueprint
from smartskill.kit.pagination import page_of
from smartskill.kit.schemas import ListQuery
from smartskill.planning.schemas.differences import DifferenceSumSchema, LevelDifferenceSchema, TeamDifferenceQuery
from smartskill.planning.services import differences
from smartskill.skills.views.rows import answer_rows
from smartskill.user.services.accounts import get_user

mine = Blueprint(
    "differences", __name__, url_prefix="/api/users", description="Where a person, managers and peers see it otherwise."
)
teams = Blueprint(
    "team_differences", __name__, url_prefix="/api/skills/differences", description="The same over many people."
)
SEARCHES = {"person": differences.search_people_differences, "skill": differences.search_skill_differences}


@mine.route("/<user:user_id>/skills/differences")
class Differences(MethodView):
    @mine.login_required()
    @mine.arguments(ListQuery, location="query")
    @mine.listing(LevelDifferenceSchema)
    @mine.doc(operationId="listLevelDifferences")
    def get(self, query, user_id):
        """List where a person, the managers and peers see a level differently

        The largest difference first. For the person, managers above and HR; the peers are a median.
        """
        me = current_user()
        found = differences.search_differences(get_user(user_id, me).id, me)
        rows, headers = page_of(found, query, scalars=False)
        return answer_rows([differences.shown_difference(row) for row in rows], headers)


@teams.route("/")
class TeamDifferences(MethodView):
    @teams.login_required()
    @teams.arguments(TeamDifferenceQuery, location="query")
    @teams.listing(DifferenceSumSchema)
    @teams.doc(operationId="listTeamDifferences")
    def get(self, query):
        """List how far people and their managers see levels differently

        For each person, or with `by=skill` for each skill; the largest mean size first. For managers, of the people
        below them, and HR. A voice that is missing is counted as unknown and takes no part in a mean.
        """
        rows, headers = page_of(SEARCHES[query["by"]](query, current_user()), query, scalars=False)
        return answer_rows([differences.shown_sums(row) for row in rows], headers)
