"""People's levels over HTTP: read, rated, endorsed, confirmed."""

from typing import Literal

from flask import request, url_for
from flask.views import MethodView

from smartskill.kit.access import current_user
from smartskill.kit.blueprint import Blueprint
from smartskill.kit.errors import NotFound, Stale
from smartskill.kit.etag import check_if_match
from smartskill.kit.pagination import page_of
from smartskill.kit.schemas import ListQuery
from smartskill.kit.transaction import commit
from smartskill.skills.models.levels import UserSkill
from smartskill.skills.schemas.levels import (
    MOST_AT_ONCE,
    EndorsementSchema,
    LevelQuery,
    SkillConfirmationSchema,
    SkillRatingSchema,
    UserSkillChangesSchema,
    UserSkillEntrySchema,
    UserSkillSchema,
)
from smartskill.skills.services import endorsing, profile, rating
from smartskill.skills.services import levels as writing
from smartskill.skills.services.history import search_history
from smartskill.skills.services.policy import sees_all_of
from smartskill.skills.services.projection import today
from smartskill.skills.views.rows import answer_rows
from smartskill.user.services.accounts import get_user

MANY = {"type": "array", "items": UserSkillEntrySchema, "maxItems": MOST_AT_ONCE}
AT_MOST = {"content": {"application/json": {"schema": MANY}}}
levels = Blueprint("levels", __name__, url_prefix="/api/users", description="People's levels in skills.")


def _owner_id(user_id: int | Literal["me"]) -> int:
    return get_user(user_id, current_user()).id


def _load_to_write(owner_id: int, skill_id: int) -> UserSkill | None:
    row = writing.load_for_write(owner_id, skill_id, current_user())
    if row is not None:
        check_if_match(row)
    elif "If-Match" in request.headers:
        raise Stale()
    return row


def _load_existing(owner_id: int, skill_id: int) -> UserSkill:
    row = _load_to_write(owner_id, skill_id)
    if row is None:
        raise NotFound()
    return row


def _shown(row: UserSkill) -> profile.ShownLevel:
    return profile.show_level(row, current_user())


@levels.route("/<user:user_id>/skills/")
class UserSkills(MethodView):
    @levels.login_required()
    @levels.arguments(LevelQuery, location="query")
    @levels.listing(UserSkillSchema)
    @levels.doc(operationId="listUserSkills")
    def get(self, query, user_id):
        """List a person's levels

        Those that the caller may see; what was never rated is not there.
        """
        owner_id, asker, day = _owner_id(user_id), current_user(), today()
        rows, headers = page_of(profile.search_levels(owner_id, asker, query), query, scalars=False)
        is_whole = sees_all_of(asker, owner_id)
        return answer_rows([profile.shown_row(row, is_whole, day) for row in rows], headers)

    @levels.login_required()
    @levels.arguments(UserSkillEntrySchema(many=True))
    @levels.response(200, UserSkillSchema(many=True))
    @levels.doc(operationId="rateUserSkills", requestBody=AT_MOST)
    def put(self, data, user_id):
        """Write many levels

        At most 200, all or none. Skills that the list does not name, and what an entry leaves out, stay as they are.
        """
        rows = writing.write_levels(_owner_id(user_id), data, current_user())
        commit()
        return [_shown(row) for row in rows]


@levels.route("/<user:user_id>/skills/<id:skill_id>")
class UserSkillItem(MethodView):
    @levels.login_required()
    @levels.response(200, UserSkillSchema, etag=True)
    @levels.doc(operationId="getUserSkill")
    def get(self, user_id, skill_id):
        """Read a level"""
        return _shown(profile.get_level(_owner_id(user_id), skill_id, current_user()))

    @levels.login_required()
    @levels.arguments(UserSkillSchema)
    @levels.response(200, UserSkillSchema, etag=True)
    @levels.doc(operationId="putUserSkill")
    def put(self, data, user_id, skill_id):
        """Write a level

        By its owner a self rating and wishes, where a wish left out is forgotten; by a manager above a manager's
        rating (`level`, `note`, `effective_on`).
        """
        owner_id = _owner_id(user_id)
        _load_to_write(owner_id, skill_id)
        row = writing.replace_level(owner_id, skill_id, data, current_user())
        commit()
        return _shown(row)

    @levels.login_required()
    @levels.arguments(UserSkillChangesSchema)
    @levels.response(200, UserSkillSchema, etag=True)
    @levels.doc(operationId="changeUserSkill")
    def patch(self, data, user_id, skill_id):
        """Change a level"""
        row = _load_existing(_owner_id(user_id), skill_id)
        row = writing.write_level(row.user_id, skill_id, data, current_user())
        commit()
        return _shown(row)

    @levels.login_required()
    @levels.response(200, UserSkillSchema, etag=True)
    @levels.doc(operationId="deleteUserSkill")
    def delete(self, user_id, skill_id):
        """Take a level back

        What one said oneself, and one's wishes; what others said stays. Answers the level as it was.
        """
        row = _load_existing(_owner_id(user_id), skill_id)
        former = _shown(row)
        writing.remove_level(row, current_user())
        commit()
        return former


@levels.route("/<user:user_id>/skills/<id:skill_id>/confirm")
class Confirmation(MethodView):
    @levels.login_required()
    @levels.response(200, UserSkillSchema)
    @levels.doc(operationId="confirmUserSkill")
    def post(self, user_id, skill_id):
        """Confirm one's level

        Writes a self rating at the present level, today.
        """
        row = profile.get_own_level(_owner_id(user_id), skill_id, current_user())
        row = rating.confirm_skill(row.user_id, skill_id)
        commit()
        return _shown(row)


@levels.route("/me/skills/confirm")
class Confirmations(MethodView):
    @levels.login_required()
    @levels.arguments(SkillConfirmationSchema)
    @levels.response(200, UserSkillSchema(many=True))
    @levels.doc(operationId="confirmMySkills")
    def post(self, data):
        """Confirm many of one's levels, all or none"""
        rows = rating.confirm_skills(current_user().id, data["skill_ids"])
        commit()
        return [_shown(row) for row in rows]


@levels.route("/<user:user_id>/skills/<id:skill_id>/history")
class History(MethodView):
    @levels.login_required()
    @levels.arguments(ListQuery, location="query")
    @levels.listing(SkillRatingSchema)
    @levels.doc(operationId="listUserSkillHistory")
    def get(self, query, user_id, skill_id):
        """List what was said about a level

        Newest first, ratings taken back included; for the person, managers above and HR.
        """
        found = search_history(_owner_id(user_id), skill_id, current_user())
        rows, headers = page_of(found, query, scalars=False)
        return answer_rows([dict(row._mapping) for row in rows], headers)


@levels.route("/<user:user_id>/skills/<id:skill_id>/endorsements")
class Endorsements(MethodView):
    @levels.login_required()
    @levels.arguments(ListQuery, location="query")
    @levels.listing(EndorsementSchema)
    @levels.doc(operationId="listEndorsements")
    def get(self, query, user_id, skill_id):
        """List who endorsed a level"""
        row = profile.get_level(_owner_id(user_id), skill_id, current_user())
        rows, headers = page_of(endorsing.search_endorsements(row.user_id, skill_id), query, scalars=False)
        return answer_rows([endorsing.shown_endorsement(given, current_user()) for given in rows], headers)

    @levels.login_required()
    @levels.arguments(EndorsementSchema)
    @levels.response(200, EndorsementSchema, created=True)
    @levels.doc(operationId="createEndorsement")
    def post(self, data, user_id, skill_id):
        """Endorse a colleague's level

        A peer rating at the given level, or at the present one; once per colleague and skill.
        """
        row = profile.get_level(_owner_id(user_id), skill_id, current_user(), is_locked=True)
        given = endorsing.endorse(row, current_user(), **data)
        commit()
        return given, 200, {"Location": url_for(".Endorsements", user_id=row.user_id, skill_id=skill_id)}

    @levels.login_required()
    @levels.response(200, EndorsementSchema)
    @levels.doc(operationId="deleteEndorsement")
    def delete(self, user_id, skill_id):
        """Take one's own endorsement back"""
        given = endorsing.withdraw_endorsement(_owner_id(user_id), skill_id, current_user())
        commit()
        return given
