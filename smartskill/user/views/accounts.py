"""People: registering, the directory, profiles, invitations, import."""

from flask import request, url_for
from flask.views import MethodView
from flask_smorest.fields import Upload

from smartskill.kit.access import current_session_id, current_user
from smartskill.kit.blueprint import Blueprint
from smartskill.kit.etag import check_if_match
from smartskill.kit.pagination import page_of
from smartskill.kit.schemas import Schema
from smartskill.kit.transaction import commit
from smartskill.user.schemas.accounts import (
    ImportAnswerSchema,
    ImportQuery,
    InvitationAnswerSchema,
    InvitationSchema,
    ManagerPlaceSchema,
    RegistrationSchema,
    TeamPlaceSchema,
    UserChangeSchema,
    UserQuery,
    UserReplacementSchema,
    UserSchema,
)
from smartskill.user.services.accounts import (
    change_user,
    check_may_erase,
    erase_user,
    get_user,
    get_user_to_change,
    register,
    view_profile,
)
from smartskill.user.services.credentials import reset_password
from smartskill.user.services.directory import search_people
from smartskill.user.services.importing import import_people
from smartskill.user.services.invitations import invite
from smartskill.user.services.organisation import place_user
from smartskill.user.services.policy import show, show_all
from smartskill.user.services.throttling import admit_registration

blp = Blueprint("users", __name__, url_prefix="/api/users", description="People and their accounts.")


class ImportFileSchema(Schema):
    """The file of people: CSV with a heading."""

    file = Upload(required=True)


@blp.route("/")
class Users(MethodView):
    @blp.login_required()
    @blp.arguments(UserQuery, location="query")
    @blp.listing(UserSchema)
    @blp.doc(operationId="listUsers")
    def get(self, query):
        """List people"""
        people, headers = page_of(search_people(query, current_user()), query)
        return show_all(current_user(), people), headers

    @blp.public(is_idempotent=True)
    @blp.arguments(RegistrationSchema)
    @blp.response(200, UserSchema, etag=True, created=True)
    @blp.doc(operationId="register")
    def post(self, data):
        """Register

        Where registration is open (else 403). A mail asks whether the address is yours; you can sign in and work before
        you answer it. Guessable passwords are refused with the reason; `quiet otter crosses nine rivers` is a good one.
        """
        admit_registration(request.remote_addr or "")
        user = register(data)
        commit()
        return show(user, user), 200, {"Location": url_for(".User", user_id=user.id)}


@blp.route("/<user:user_id>")
class User(MethodView):
    @blp.login_required()
    @blp.response(200, UserSchema, etag=True)
    @blp.doc(operationId="getUser")
    def get(self, user_id):
        """Read a person

        Address, user name, locale and time zone are null for colleagues.
        """
        return show(current_user(), view_profile(get_user(user_id, current_user()), by=current_user()))

    @blp.login_required()
    @blp.arguments(UserReplacementSchema)
    @blp.response(200, UserSchema, etag=True)
    @blp.doc(operationId="replaceUser")
    def put(self, data, user_id):
        """Replace a profile

        Left-out fields of the profile get their defaults; the account's (email, role, team, manager, leaves_on,
        is_active) stay.
        """
        return self._change(data, user_id)

    @blp.login_required()
    @blp.arguments(UserChangeSchema)
    @blp.response(200, UserSchema, etag=True)
    @blp.doc(operationId="changeUser")
    def patch(self, data, user_id):
        """Change a person

        Everybody their own profile; HR title, team, manager and last day of anybody; a manager above the last day;
        admins everything. `is_active` false signs them out everywhere and keeps their history.
        """
        return self._change(data, user_id)

    def _change(self, data, user_id):
        user = get_user_to_change(user_id, current_user())
        check_if_match(user)
        change_user(user, data, by=current_user())
        commit()
        return show(current_user(), user)

    @blp.login_required()
    @blp.response(200, UserSchema, etag=True)
    @blp.doc(operationId="eraseUser")
    def delete(self, user_id):
        """Erase a person and everything about them

        Oneself, within 15 minutes of signing in; anybody, as an admin. To keep the history, set `is_active` to false.
        """
        user = show(current_user(), get_user_to_change(user_id, current_user(), is_last=True))
        check_if_match(user)
        check_may_erase(user, current_user(), current_session_id())
        erase_user(user)
        commit()
        return user


@blp.route("/<user:user_id>/team")
class UserTeam(MethodView):
    @blp.login_required(role="hr")
    @blp.arguments(TeamPlaceSchema)
    @blp.response(200, UserSchema, etag=True)
    @blp.doc(operationId="placeUserInTeam")
    def put(self, data, user_id):
        """Put a person in a team, from a day on"""
        return _place(user_id, data)


@blp.route("/<user:user_id>/manager")
class UserManager(MethodView):
    @blp.login_required(role="hr")
    @blp.arguments(ManagerPlaceSchema)
    @blp.response(200, UserSchema, etag=True)
    @blp.doc(operationId="setUserManager")
    def put(self, data, user_id):
        """Say to whom a person reports, from a day on"""
        return _place(user_id, data)


def _place(user_id, data):
    user = get_user_to_change(user_id, current_user())
    check_if_match(user)
    place_user(user, **data)
    commit()
    return show(current_user(), user)


@blp.route("/invitations")
class Invitations(MethodView):
    @blp.login_required(role="hr")
    @blp.arguments(InvitationSchema)
    @blp.response(200, UserSchema, etag=True, created=True)
    @blp.doc(operationId="inviteUser")
    def post(self, data):
        """Invite a person

        They get a mail and choose a password. Inviting somebody again who has not come yet sends another mail.
        """
        user = invite(data, by=current_user())
        commit()
        return show(current_user(), user), 200, {"Location": url_for(".User", user_id=user.id)}


@blp.route("/invitations/accept")
class InvitationAnswer(MethodView):
    @blp.public()
    @blp.arguments(InvitationAnswerSchema)
    @blp.response(200, UserSchema)
    @blp.doc(operationId="acceptInvitation")
    def post(self, data):
        """Accept an invitation by choosing a password"""
        user = reset_password(data.pop("token"), data.pop("password"), "invitation", **data)
        commit()
        return show(user, user)


@blp.route("/import")
class PeopleFile(MethodView):
    @blp.login_required(role="hr")
    @blp.arguments(ImportFileSchema, location="files")
    @blp.arguments(ImportQuery, location="query")
    @blp.response(200, ImportAnswerSchema)
    @blp.doc(operationId="importUsers")
    def post(self, files, query):
        """Import people from a CSV file

        Columns: email (required), full_name, title, team, manager_email, locale, timezone. People are matched by
        address; an empty cell changes nothing; unknown teams are made. All or nothing: with an error anywhere
        nothing is written, and every line at fault is named.
        """
        answer = import_people(files["file"].read(), by=current_user(), **query)
        commit()
        return answer
