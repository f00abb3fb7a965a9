"""Merging skills over HTTP, and what uses one."""

from flask.views import MethodView

from smartskill.kit.access import current_user
from smartskill.kit.blueprint import Blueprint
from smartskill.kit.pagination import page_of
from smartskill.kit.transaction import commit
from smartskill.skills.schemas.merging import MergeQuery, MergeSchema, SkillMergeSchema, SkillUsageSchema
from smartskill.skills.services import merging as service
from smartskill.skills.services.catalogue import get_skill
from smartskill.skills.services.usage import count_usage
from smartskill.skills.views.rows import answer_rows

merging = Blueprint("merging", __name__, url_prefix="/api/skills", description="Doubles in the catalogue.")


@merging.route("/<id:skill_id>/merge")
class SkillMerging(MethodView):
    @merging.login_required(role="hr")
    @merging.arguments(SkillMergeSchema)
    @merging.response(200, MergeSchema)
    @merging.doc(operationId="mergeSkill")
    def post(self, data, skill_id):
        """Merge a skill into another

        Its levels, ratings and all else that refers to it become the other's, its names aliases; it is retired. With
        `dry_run` the answer says what would happen and nothing does. What was merged can be undone.
        """
        if data["dry_run"]:
            return service.preview_merge(skill_id, data["into_id"], current_user())
        merge = service.merge_skills(skill_id, data["into_id"], current_user())
        commit()
        return service.shown_merge(service.get_merge_row(merge.id))


@merging.route("/<id:skill_id>/usage")
class SkillUsage(MethodView):
    @merging.login_required(role="hr")
    @merging.response(200, SkillUsageSchema)
    @merging.doc(operationId="getSkillUsage")
    def get(self, skill_id):
        """Count what uses a skill"""
        return count_usage(get_skill(skill_id))


@merging.route("/merges/")
class Merges(MethodView):
    @merging.login_required(role="hr")
    @merging.arguments(MergeQuery, location="query")
    @merging.listing(MergeSchema)
    @merging.doc(operationId="listSkillMerges")
    def get(self, query):
        """List the merges of skills

        The latest first, undone ones too.
        """
        rows, headers = page_of(service.search_merges(query), query, scalars=False)
        return answer_rows([service.shown_merge(row) for row in rows], headers)


@merging.route("/merges/<id:merge_id>/undo")
class MergeUndo(MethodView):
    @merging.login_required(role="hr")
    @merging.response(200, MergeSchema)
    @merging.doc(operationId="undoSkillMerge")
    def post(self, merge_id):
        """Undo a merge of skills

        Everything goes back as it was; what was said of the other skill meanwhile stays with it. Where later merges
        build on this one, 409 names them in `undo_first`.
        """
        service.undo_merge(merge_id, current_user())
        commit()
        return service.shown_merge(service.get_merge_row(merge_id))
