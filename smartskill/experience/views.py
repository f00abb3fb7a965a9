"""Experience over HTTP."""

from typing import Any

from flask import url_for
from flask.views import MethodView

from smartskill.database import now
from smartskill.experience import services
from smartskill.experience.schemas import (
    ExperienceItemSchema,
    ExperiencePatchSchema,
    ExperienceQuery,
    ExperienceSchema,
    SkillYearsSchema,
)
from smartskill.kit.access import current_user
from smartskill.kit.blueprint import Blueprint
from smartskill.kit.etag import check_if_match
from smartskill.kit.pagination import page_of
from smartskill.kit.transaction import commit
from smartskill.user.services.accounts import get_user

experience = Blueprint(
    "experience", __name__, url_prefix="/api/experience", description="Jobs, projects, studies, talks, volunteering."
)
years = Blueprint("experience_years", __name__, url_prefix="/api/users", description="Years of use per skill.")
blueprints = (experience, years)


def _load_to_write(experience_id: int) -> Any:
    row = services.get_experience(experience_id, current_user(), is_locked=True)
    check_if_match(row)
    services.require_owner(row, current_user())
    return row


@experience.route("/")
class Experiences(MethodView):
    @experience.login_required()
    @experience.arguments(ExperienceQuery, location="query")
    @experience.listing(ExperienceSchema)
    @experience.doc(operationId="listExperience")
    def get(self, query):
        """List experience

        One's own, what others show in their CV, and everything of the people below for a manager, of all for HR.
        """
        return page_of(services.search_experience(query, current_user()), query)

    @experience.login_required()
    @experience.arguments(ExperienceSchema)
    @experience.response(200, ExperienceSchema, etag=True, created=True)
    @experience.doc(operationId="createExperience")
    def post(self, data):
        """Add an experience

        For oneself; `user_id` only from a manager above or HR.
        """
        row = services.add_experience(services.get_owner(data, current_user()), data, by=current_user())
        commit()
        return row, 200, {"Location": url_for(".Experience", experience_id=row.id)}


@experience.route("/<id:experience_id>")
class Experience(MethodView):
    @experience.login_required()
    @experience.response(200, ExperienceSchema, etag=True)
    @experience.doc(operationId="getExperience")
    def get(self, experience_id):
        """Read an experience"""
        return services.get_experience(experience_id, current_user())

    @experience.login_required()
    @experience.arguments(ExperienceItemSchema)
    @experience.response(200, ExperienceSchema, etag=True)
    @experience.doc(operationId="replaceExperience")
    def put(self, data, experience_id):
        """Replace an experience

        What the body leaves out gets its default.
        """
        row = services.change_experience(_load_to_write(experience_id), data, by=current_user())
        commit()
        return row

    @experience.login_required()
    @experience.arguments(ExperiencePatchSchema(partial=True))
    @experience.response(200, ExperienceSchema, etag=True)
    @experience.doc(operationId="changeExperience")
    def patch(self, data, experience_id):
        """Change a part of an experience"""
        row = services.change_experience(_load_to_write(experience_id), data, by=current_user())
        commit()
        return row

    @experience.login_required()
    @experience.response(200, ExperienceSchema, etag=True)
    @experience.doc(operationId="deleteExperience")
    def delete(self, experience_id):
        """Delete an experience"""
        row = services.remove_experience(_load_to_write(experience_id))
        commit()
        return row


@years.route("/<user:user_id>/experience/years")
class SkillYears(MethodView):
    @years.login_required()
    @years.response(200, SkillYearsSchema(many=True))
    @years.doc(operationId="listSkillYears")
    def get(self, user_id):
        """Tell how long a person used each skill

        Overlapping periods count once. A month counts if any day of it can belong to a period; dates known to the year
        are taken from January to December. Computed from the experience that the caller may see.
        """
        me = current_user()
        return services.list_skill_years(get_user(user_id, me), me, now().date())
