"""Level scales over HTTP, and what the levels of a skill mean."""

from flask import url_for
from flask.views import MethodView

from smartskill.kit.blueprint import Blueprint
from smartskill.kit.etag import check_if_match
from smartskill.kit.pagination import page_of
from smartskill.kit.transaction import commit
from smartskill.skills.models.catalogue import LevelScale
from smartskill.skills.schemas.scales import (
    LevelScaleChangesSchema,
    LevelScaleQuery,
    LevelScaleReplacementSchema,
    LevelScaleSchema,
    SkillLevelSchema,
    SkillLevelsSchema,
)
from smartskill.skills.services import scales as service
from smartskill.skills.services.catalogue import get_skill

scales = Blueprint("scales", __name__, url_prefix="/api/skills", description="What levels are called and mean.")


def _load_to_write(scale_id: int) -> LevelScale:
    scale = service.get_scale(scale_id, is_locked=True)
    check_if_match(scale)
    return scale


@scales.route("/scales/")
class Scales(MethodView):
    @scales.login_required()
    @scales.arguments(LevelScaleQuery, location="query")
    @scales.listing(LevelScaleSchema)
    @scales.doc(operationId="listLevelScales")
    def get(self, query):
        """List the level scales"""
        rows, headers = page_of(service.search_scales(), query)
        return [service.shown_scale(row) for row in rows], headers

    @scales.login_required(role="hr")
    @scales.arguments(LevelScaleSchema)
    @scales.response(200, LevelScaleSchema, etag=True, created=True)
    @scales.doc(operationId="createLevelScale")
    def post(self, data):
        """Add a level scale

        Levels are 1 to 5 in all of them; a scale says what the five are called. A new default replaces the old one.
        """
        scale = service.add_scale(data)
        commit()
        return service.shown_scale(scale), 200, {"Location": url_for(".Scale", scale_id=scale.id)}


@scales.route("/scales/<id:scale_id>")
class Scale(MethodView):
    @scales.login_required()
    @scales.response(200, LevelScaleSchema, etag=True)
    @scales.doc(operationId="getLevelScale")
    def get(self, scale_id):
        """Read a level scale"""
        return service.shown_scale(service.get_scale(scale_id))

    @scales.login_required(role="hr")
    @scales.arguments(LevelScaleReplacementSchema)
    @scales.response(200, LevelScaleSchema, etag=True)
    @scales.doc(operationId="replaceLevelScale")
    def put(self, data, scale_id):
        """Replace a level scale"""
        scale = service.change_scale(_load_to_write(scale_id), data)
        commit()
        return service.shown_scale(scale)

    @scales.login_required(role="hr")
    @scales.arguments(LevelScaleChangesSchema)
    @scales.response(200, LevelScaleSchema, etag=True)
    @scales.doc(operationId="changeLevelScale")
    def patch(self, data, scale_id):
        """Change a level scale"""
        scale = service.change_scale(_load_to_write(scale_id), data)
        commit()
        return service.shown_scale(scale)

    @scales.login_required(role="hr")
    @scales.response(200, LevelScaleSchema, etag=True)
    @scales.doc(operationId="deleteLevelScale")
    def delete(self, scale_id):
        """Delete a level scale that nothing uses"""
        scale = _load_to_write(scale_id)
        shown = service.shown_scale(scale)
        service.remove_scale(scale)
        commit()
        return shown


@scales.route("/<id:skill_id>/levels")
class SkillLevels(MethodView):
    @scales.login_required()
    @scales.response(200, SkillLevelSchema(many=True))
    @scales.doc(operationId="listSkillLevels")
    def get(self, skill_id):
        """Read what the levels of a skill mean

        All five, named by its scale (its own, else the nearest category's, else the default), in its own words where it
        has some.
        """
        return service.word_levels(get_skill(skill_id))

    @scales.login_required(role="hr")
    @scales.arguments(SkillLevelsSchema)
    @scales.response(200, SkillLevelSchema(many=True))
    @scales.doc(operationId="replaceSkillLevels")
    def put(self, data, skill_id):
        """Word the levels of a skill

        A level that is left out, or has no wording, has its scale's again. Names are the scale's.
        """
        skill = get_skill(skill_id, is_locked=True)
        check_if_match(skill)
        levels = service.replace_wordings(skill, data["levels"])
        commit()
        return levels
