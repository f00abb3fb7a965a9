"""Gaps over HTTP: of a person, of a team, and which roles and people fit each other."""

from typing import Literal

from flask.views import MethodView

from smartskill.kit.access import current_user
from smartskill.kit.blueprint import Blueprint
from smartskill.kit.pagination import HEADER
from smartskill.planning.schemas.gaps import (
    CandidateQuery,
    CandidateSchema,
    FitQuery,
    GapQuery,
    GapSchema,
    RoleFiguresSchema,
    TeamGapQuery,
    TeamGapSchema,
)
from smartskill.planning.services.gaps.fits import list_candidates, list_fits
from smartskill.planning.services.gaps.person import measure_person
from smartskill.planning.services.gaps.team import measure_team
from smartskill.planning.services.policy import people_to_plan
from smartskill.planning.services.roles.assigning import require_sight
from smartskill.planning.services.roles.profiles import get_role
from smartskill.user.services.accounts import get_user

gaps = Blueprint("gaps", __name__, url_prefix="/api", description="What people have and lack of what roles ask for.")


def _seen_id(user_id: int | Literal["me"]) -> int:
    user = get_user(user_id, current_user())
    require_sight(current_user(), user.id)
    return user.id


@gaps.route("/users/<user:user_id>/gap")
class Gap(MethodView):
    @gaps.login_required()
    @gaps.arguments(GapQuery, location="query")
    @gaps.response(200, GapSchema)
    @gaps.doc(operationId="getGap")
    def get(self, query, user_id):
        """Read what a person has and lacks

        Of a role, or of the roles they have. Readiness says how much of the way is behind them, compliance how many
        requirements are met; the failed musts stand beside both. For the person, managers above and HR.
        """
        return measure_person(_seen_id(user_id), **query)


@gaps.route("/users/<user:user_id>/fits")
class Fits(MethodView):
    @gaps.login_required()
    @gaps.arguments(FitQuery, location="query")
    @gaps.listing(RoleFiguresSchema)
    @gaps.doc(operationId="listFits")
    def get(self, query, user_id):
        """List which roles fit a person, best first

        Today. For the person, managers above and HR.
        """
        return list_fits(_seen_id(user_id), query)


@gaps.route("/skills/roles/<id:role_id>/candidates")
class Candidates(MethodView):
    @gaps.login_required()
    @gaps.arguments(CandidateQuery, location="query")
    @gaps.listing(CandidateSchema)
    @gaps.doc(operationId="listCandidates")
    def get(self, query, role_id):
        """List who fits a role, best first

        Today. For HR everybody, for a manager the people below them.
        """
        people = people_to_plan(current_user(), query.get("team_id"))
        return list_candidates(get_role(role_id), people, query)


@gaps.route("/skills/gaps")
class TeamGaps(MethodView):
    @gaps.login_required()
    @gaps.arguments(TeamGapQuery, location="query")
    @gaps.response(200, TeamGapSchema, headers=HEADER)
    @gaps.doc(operationId="getTeamGaps")
    def get(self, query):
        """Read the gaps of a team

        For HR of everybody, for a manager of the people below them.
        """
        people = people_to_plan(current_user(), query.get("team_id"), query.get("as_of"))
        answer, headers = measure_team(people, query)
        return answer, 200, headers
