"""Role profiles, who has which, and exemptions over HTTP."""

from typing import Literal

from flask import url_for
from flask.views import MethodView

from smartskill.kit.access import current_user
from smartskill.kit.blueprint import Blueprint
from smartskill.kit.etag import check_if_match
from smartskill.kit.pagination import page_of
from smartskill.kit.transaction import commit
from smartskill.planning.models.roles import Exemption, RoleProfile
from smartskill.planning.schemas.roles import (
    AssigningSchema,
    AssignmentQuery,
    EndingQuery,
    ExemptionQuery,
    ExemptionSchema,
    NewRoleSchema,
    RoleAssignmentSchema,
    RoleChangesSchema,
    RoleFields,
    RoleQuery,
    RoleRowSchema,
    RoleSchema,
)
from smartskill.planning.services.readiness import exemptions
from smartskill.planning.services.roles import assigning, profiles
from smartskill.skills.views.rows import answer_rows
from smartskill.user.models import User
from smartskill.user.services.accounts import get_user

roles = Blueprint("roles", __name__, url_prefix="/api/skills/roles", description="What jobs ask for.")
held_roles = Blueprint(
    "held_roles", __name__, url_prefix="/api/users", description="Which roles people have, and their exemptions."
)


def _load_to_write(role_id: int) -> RoleProfile:
    role = profiles.get_role(role_id, is_locked=True)
    check_if_match(role)
    return role


def _seen(user_id: int | Literal["me"]) -> User:
    user = get_user(user_id, current_user())
    assigning.require_sight(current_user(), user.id)
    return user


def _planned(user_id: int | Literal["me"]) -> User:
    user = get_user(user_id, current_user())
    assigning.require_planner(current_user(), user.id)
    return user


def _load_exemption(user: User, exemption_id: int) -> Exemption:
    row = exemptions.get_exemption(user.id, exemption_id, is_locked=True)
    check_if_match(row)
    return row


@roles.route("/")
class Roles(MethodView):
    @roles.login_required()
    @roles.arguments(RoleQuery, location="query")
    @roles.listing(RoleRowSchema)
    @roles.doc(operationId="listRoles")
    def get(self, query):
        """List or search role profiles

        Active ones, unless `status` says otherwise. Show the `attribution` of those that have one beside them.
        """
        rows, headers = page_of(profiles.search_roles(query), query, scalars=False)
        return answer_rows([dict(row._mapping) for row in rows], headers)

    @roles.login_required(role="hr")
    @roles.arguments(NewRoleSchema)
    @roles.response(200, RoleSchema, etag=True, created=True)
    @roles.doc(operationId="createRole")
    def post(self, data):
        """Add a role profile

        With `from_id` it is derived from a template (or another profile): what is not given is taken from there.
        """
        role = profiles.add_role(data)
        commit()
        return profiles.show_role(role), 200, {"Location": url_for(".Role", role_id=role.id)}


@roles.route("/<id:role_id>")
class Role(MethodView):
    @roles.login_required()
    @roles.response(200, RoleSchema, etag=True)
    @roles.doc(operationId="getRole")
    def get(self, role_id):
        """Read a role profile"""
        return profiles.show_role(profiles.get_role(role_id))

    @roles.login_required(role="hr")
    @roles.arguments(RoleFields)
    @roles.response(200, RoleSchema, etag=True)
    @roles.doc(operationId="replaceRole")
    def put(self, data, role_id):
        """Replace a role profile

        Without `status` that stays. A template is kept as its source has it.
        """
        role = profiles.change_role(_load_to_write(role_id), data)
        commit()
        return profiles.show_role(role)

    @roles.login_required(role="hr")
    @roles.arguments(RoleChangesSchema)
    @roles.response(200, RoleSchema, etag=True)
    @roles.doc(operationId="changeRole")
    def patch(self, data, role_id):
        """Change a role profile

        `requirements`, where given, replaces them all.
        """
        role = profiles.change_role(_load_to_write(role_id), data)
        commit()
        return profiles.show_role(role)

    @roles.login_required(role="hr")
    @roles.response(200, RoleSchema, etag=True)
    @roles.doc(operationId="deleteRole")
    def delete(self, role_id):
        """Delete a role profile

        Only one that nobody has or had; retire the others.
        """
        role = _load_to_write(role_id)
        former = profiles.show_role(role)
        profiles.remove_role(role)
        commit()
        return former


@held_roles.route("/<user:user_id>/roles/")
class UserRoles(MethodView):
    @held_roles.login_required()
    @held_roles.arguments(AssignmentQuery, location="query")
    @held_roles.listing(RoleAssignmentSchema)
    @held_roles.doc(operationId="listUserRoles")
    def get(self, query, user_id):
        """List a person's roles, today or as of a day

        For the person, managers above and HR.
        """
        found = assigning.search_assignments(_seen(user_id).id, query.get("as_of"))
        rows, headers = page_of(found, query, scalars=False)
        return answer_rows([assigning.shown_assignment(row) for row in rows], headers)


@held_roles.route("/<user:user_id>/roles/<id:role_id>")
class UserRole(MethodView):
    @held_roles.login_required()
    @held_roles.arguments(AssigningSchema)
    @held_roles.response(200, RoleAssignmentSchema)
    @held_roles.doc(operationId="assignUserRole")
    def put(self, data, user_id, role_id):
        """Give a person a role, from a day on

        By HR or a manager above. One can have several roles.
        """
        given = assigning.assign_role(_planned(user_id), role_id, **data)
        commit()
        return given

    @held_roles.login_required()
    @held_roles.arguments(EndingQuery, location="query")
    @held_roles.response(200, RoleAssignmentSchema)
    @held_roles.doc(operationId="endUserRole")
    def delete(self, query, user_id, role_id):
        """Take a role from a person, from a day on

        By HR or a manager above. That they had it before stays known.
        """
        taken = assigning.end_assignment(_planned(user_id), role_id, **query)
        commit()
        return taken


@held_roles.route("/<user:user_id>/exemptions/")
class Exemptions(MethodView):
    @held_roles.login_required()
    @held_roles.arguments(ExemptionQuery, location="query")
    @held_roles.listing(ExemptionSchema)
    @held_roles.doc(operationId="listExemptions")
    def get(self, query, user_id):
        """List a person's exemptions

        Those over and withdrawn included, unless `as_of` names a day. For the person, managers above and HR.
        """
        found = exemptions.search_exemptions(_seen(user_id).id, query.get("as_of"))
        rows, headers = page_of(found, query, scalars=False)
        return answer_rows([exemptions.shown_row(row) for row in rows], headers)

    @held_roles.login_required()
    @held_roles.arguments(ExemptionSchema)
    @held_roles.response(200, ExemptionSchema, etag=True, created=True)
    @held_roles.doc(operationId="grantExemption")
    def post(self, data, user_id):
        """Exempt a person from a skill or a qualification

        By HR or a manager above, for at most two years; it ends by itself.
        """
        row = exemptions.grant_exemption(_planned(user_id), data, current_user())
        commit()
        place = url_for(".ExemptionItem", user_id=row.user_id, exemption_id=row.id)
        return exemptions.show_exemption(row), 200, {"Location": place}


@held_roles.route("/<user:user_id>/exemptions/<id:exemption_id>")
class ExemptionItem(MethodView):
    @held_roles.login_required()
    @held_roles.response(200, ExemptionSchema, etag=True)
    @held_roles.doc(operationId="getExemption")
    def get(self, user_id, exemption_id):
        """Read an exemption"""
        return exemptions.show_exemption(exemptions.get_exemption(_seen(user_id).id, exemption_id))

    @held_roles.login_required()
    @held_roles.response(200, ExemptionSchema, etag=True)
    @held_roles.doc(operationId="withdrawExemption")
    def delete(self, user_id, exemption_id):
        """Withdraw an exemption

        It held until yesterday, and stays in the list as withdrawn.
        """
        row = exemptions.withdraw_exemption(_load_exemption(_planned(user_id), exemption_id))
        commit()
        return exemptions.show_exemption(row)
