"""Teams: a tree of which any day's state can be asked."""

from flask import url_for
from flask.views import MethodView

from smartskill.kit.access import current_user
from smartskill.kit.blueprint import Blueprint
from smartskill.kit.etag import check_if_match
from smartskill.kit.pagination import page_of
from smartskill.kit.transaction import commit
from smartskill.user.schemas.accounts import UserSchema
from smartskill.user.schemas.teams import MemberQuery, TeamChangeSchema, TeamQuery, TeamSchema
from smartskill.user.services.directory import search_members
from smartskill.user.services.policy import show_all
from smartskill.user.services.teams import change_team, create_team, end_team, get_team, search_teams

blp = Blueprint("teams", __name__, url_prefix="/api/users/teams", description="The organisation as a dated tree.")


@blp.route("/")
class Teams(MethodView):
    @blp.login_required()
    @blp.arguments(TeamQuery, location="query")
    @blp.listing(TeamSchema)
    @blp.doc(operationId="listTeams")
    def get(self, query):
        """List teams"""
        return page_of(search_teams(query), query, scalars=False)

    @blp.login_required(role="hr")
    @blp.arguments(TeamSchema)
    @blp.response(200, TeamSchema, etag=True, created=True)
    @blp.doc(operationId="createTeam")
    def post(self, data):
        """Create a team"""
        team = create_team(**data)
        commit()
        return team, 200, {"Location": url_for(".Team", team_id=team.id)}


@blp.route("/<id:team_id>")
class Team(MethodView):
    @blp.login_required()
    @blp.response(200, TeamSchema, etag=True)
    @blp.doc(operationId="getTeam")
    def get(self, team_id):
        """Read a team"""
        return get_team(team_id)

    @blp.login_required(role="hr")
    @blp.arguments(TeamSchema)
    @blp.response(200, TeamSchema, etag=True)
    @blp.doc(operationId="replaceTeam")
    def put(self, data, team_id):
        """Replace a team

        Without `parent_id` it moves to the top.
        """
        return self._change(data, team_id)

    @blp.login_required(role="hr")
    @blp.arguments(TeamChangeSchema)
    @blp.response(200, TeamSchema, etag=True)
    @blp.doc(operationId="changeTeam")
    def patch(self, data, team_id):
        """Rename a team, or move it in the tree from a day on"""
        return self._change(data, team_id)

    def _change(self, data, team_id):
        team = get_team(team_id, is_locked=True)
        check_if_match(team)
        change_team(team, data)
        commit()
        return team

    @blp.login_required(role="hr")
    @blp.response(200, TeamSchema, etag=True)
    @blp.doc(operationId="endTeam")
    def delete(self, team_id):
        """End a team

        One that somebody was ever in stays as history, with `ended_on`; any other is removed.
        """
        team = get_team(team_id, is_locked=True)
        check_if_match(team)
        end_team(team)
        commit()
        return team


@blp.route("/<id:team_id>/members")
class Members(MethodView):
    @blp.login_required()
    @blp.arguments(MemberQuery, location="query")
    @blp.listing(UserSchema)
    @blp.doc(operationId="listMembers")
    def get(self, query, team_id):
        """List the people of a team, today or as of a day"""
        people, headers = page_of(search_members(get_team(team_id).id, query, current_user()), query)
        return show_all(current_user(), people), headers
