"""The next skill to learn and whom to learn it from, over HTTP."""

from flask.views import MethodView

from smartskill.kit.access import current_user
from smartskill.kit.blueprint import Blueprint
from smartskill.kit.pagination import page_of
from smartskill.kit.transaction import commit
from smartskill.planning.schemas.growth import (
    DismissedSkillSchema,
    MentorQuery,
    MentorSchema,
    NextSkillQuery,
    NextSkillSchema,
)
from smartskill.planning.services.growth.mentors import list_mentors
from smartskill.planning.services.growth.next_steps import (
    dismiss_skill,
    list_next_skills,
    restore_skill,
    search_dismissed,
)
from smartskill.planning.services.roles.assigning import require_sight
from smartskill.skills.views.rows import answer_rows
from smartskill.user.services.accounts import get_user

growth = Blueprint("growth", __name__, url_prefix="/api/users", description="What to learn next, and from whom.")


def _seen(user_id):
    user = get_user(user_id, current_user())
    require_sight(current_user(), user.id)
    return user


@growth.route("/<user:user_id>/next-skills")
class NextSkills(MethodView):
    @growth.login_required()
    @growth.arguments(NextSkillQuery, location="query")
    @growth.listing(NextSkillSchema)
    @growth.doc(operationId="listNextSkills")
    def get(self, query, user_id):
        """List what a person could learn next, best first

        The next level of a skill with three numbers: the readiness it adds to their roles (or to a role within reach),
        how much of their team's missing heads it brings, and their own interest. Ordered by 0.5 · readiness gained ÷
        the largest of the list + 0.3 · team coverage gained, at most 1, + 0.2 · interest ÷ 5; a gain in a role that is
        not theirs counts half. Without any role the share of the team that is ahead stands in for the first. A skill
        that was dismissed never returns. For the person, managers above and HR.
        """
        return answer_rows(*list_next_skills(_seen(user_id), query))


@growth.route("/me/next-skills/dismissed")
class DismissedSkills(MethodView):
    @growth.login_required()
    @growth.arguments(NextSkillQuery, location="query")
    @growth.listing(DismissedSkillSchema)
    @growth.doc(operationId="listDismissedSkills")
    def get(self, query):
        """List the skills that I dismissed"""
        return page_of(search_dismissed(current_user().id), query, scalars=False)


@growth.route("/me/next-skills/<id:skill_id>/dismiss")
class Dismissal(MethodView):
    @growth.login_required()
    @growth.response(200, DismissedSkillSchema)
    @growth.doc(operationId="dismissSkill")
    def post(self, skill_id):
        """Never suggest this skill to me as next again"""
        shown = dismiss_skill(current_user(), skill_id)
        commit()
        return shown

    @growth.login_required()
    @growth.response(200, DismissedSkillSchema)
    @growth.doc(operationId="restoreSkill")
    def delete(self, skill_id):
        """Take a dismissal back"""
        shown = restore_skill(current_user(), skill_id)
        commit()
        return shown


@growth.route("/<user:user_id>/mentors")
class Mentors(MethodView):
    @growth.login_required()
    @growth.arguments(MentorQuery, location="query")
    @growth.response(200, MentorSchema(many=True))
    @growth.doc(operationId="listMentors")
    def get(self, query, user_id):
        """Find whom a person could learn a skill from

        At most five colleagues two levels above (one where nobody is two), fresh levels first, then from other teams;
        among equals another one is named first to each learner, so that one expert is not named to everybody. Nobody
        from the line above, nobody who leaves within 90 days. For the person, managers above and HR.
        """
        return list_mentors(_seen(user_id), query["skill_id"], current_user())
