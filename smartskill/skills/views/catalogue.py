"""The catalogue over HTTP: skills, who has them, categories, sources."""

from flask import url_for
from flask.views import MethodView

from smartskill.kit.access import current_user
from smartskill.kit.blueprint import Blueprint
from smartskill.kit.etag import check_if_match
from smartskill.kit.pagination import page_of
from smartskill.kit.transaction import commit
from smartskill.skills.models.catalogue import Skill, SkillCategory
from smartskill.skills.schemas.catalogue import (
    CategoryQuery,
    PersonQuery,
    SkillCategoryChangesSchema,
    SkillCategoryRowSchema,
    SkillCategorySchema,
    SkillChangesSchema,
    SkillPersonSchema,
    SkillQuery,
    SkillReplacementSchema,
    SkillSchema,
    SkillSourceSchema,
)
from smartskill.skills.services import categories
from smartskill.skills.services.catalogue import change_skill, get_skill, propose_skill, record_view, remove_skill
from smartskill.skills.services.listing import list_skills, list_sources
from smartskill.skills.services.people import search_people, shown_person
from smartskill.skills.views.rows import answer_rows, answer_text

catalogue = Blueprint("skills", __name__, url_prefix="/api/skills", description="The catalogue of skills.")


def _load_to_write(skill_id: int) -> Skill:
    skill = get_skill(skill_id, is_locked=True)
    check_if_match(skill)
    return skill


def _load_category_to_write(category_id: int) -> SkillCategory:
    category = categories.get_category(category_id, is_locked=True)
    check_if_match(category)
    return category


@catalogue.route("/")
class Skills(MethodView):
    @catalogue.login_required()
    @catalogue.arguments(SkillQuery, location="query")
    @catalogue.listing(SkillSchema)
    @catalogue.doc(operationId="listSkills")
    def get(self, query):
        """List or search skills

        Active and proposed ones, unless `status` says otherwise. With `q`, the best come first.
        """
        return answer_text(*list_skills(query, current_user().id))

    @catalogue.login_required()
    @catalogue.arguments(SkillSchema)
    @catalogue.response(200, SkillSchema, etag=True, created=True)
    @catalogue.doc(operationId="createSkill")
    def post(self, data):
        """Propose a skill

        From HR it is active at once. A name that exists is refused with the `existing` skill; a similar one is made and
        answered with what it resembles.
        """
        skill = propose_skill(data, current_user())
        commit()
        return skill, 200, {"Location": url_for(".SkillItem", skill_id=skill.id)}


@catalogue.route("/<id:skill_id>")
class SkillItem(MethodView):
    @catalogue.login_required()
    @catalogue.response(200, SkillSchema, etag=True)
    @catalogue.doc(operationId="getSkill")
    def get(self, skill_id):
        """Read a skill"""
        skill = get_skill(skill_id)
        record_view(current_user().id, skill)
        return skill

    @catalogue.login_required()
    @catalogue.arguments(SkillReplacementSchema)
    @catalogue.response(200, SkillSchema, etag=True)
    @catalogue.doc(operationId="replaceSkill")
    def put(self, data, skill_id):
        """Replace a skill

        HR, or the proposer of a proposal that nobody else has used.
        """
        skill = change_skill(_load_to_write(skill_id), data, current_user())
        commit()
        return skill

    @catalogue.login_required()
    @catalogue.arguments(SkillChangesSchema)
    @catalogue.response(200, SkillSchema, etag=True)
    @catalogue.doc(operationId="changeSkill")
    def patch(self, data, skill_id):
        """Change a skill

        HR also approves it and retires it by its `status`.
        """
        skill = change_skill(_load_to_write(skill_id), data, current_user())
        commit()
        return skill

    @catalogue.login_required()
    @catalogue.response(200, SkillSchema, etag=True)
    @catalogue.doc(operationId="deleteSkill")
    def delete(self, skill_id):
        """Delete a skill

        Only one that nobody uses; retire the others.
        """
        skill = _load_to_write(skill_id)
        remove_skill(skill, current_user())
        commit()
        return skill


@catalogue.route("/<id:skill_id>/people")
class SkillPeople(MethodView):
    @catalogue.login_required()
    @catalogue.arguments(PersonQuery, location="query")
    @catalogue.listing(SkillPersonSchema)
    @catalogue.doc(operationId="listSkillPeople")
    def get(self, query, skill_id):
        """List who has a skill

        By level, confidence and name; hidden levels only for those who may see them.
        """
        get_skill(skill_id)
        rows, headers = page_of(search_people(skill_id, current_user(), query), query, scalars=False)
        return answer_rows([shown_person(row) for row in rows], headers)


@catalogue.route("/categories/")
class Categories(MethodView):
    @catalogue.login_required()
    @catalogue.arguments(CategoryQuery, location="query")
    @catalogue.listing(SkillCategoryRowSchema)
    @catalogue.doc(operationId="listSkillCategories")
    def get(self, query):
        """List the category tree

        In the order of the tree: each category is followed by those below it.
        """
        rows, headers = page_of(categories.search_categories(query), query, scalars=False)
        return answer_rows([dict(row._mapping) for row in rows], headers)

    @catalogue.login_required(role="hr")
    @catalogue.arguments(SkillCategorySchema)
    @catalogue.response(200, SkillCategorySchema, etag=True, created=True)
    @catalogue.doc(operationId="createSkillCategory")
    def post(self, data):
        """Add a category"""
        category = categories.add_category(data)
        commit()
        return category, 200, {"Location": url_for(".Category", category_id=category.id)}


@catalogue.route("/categories/<id:category_id>")
class Category(MethodView):
    @catalogue.login_required()
    @catalogue.response(200, SkillCategorySchema, etag=True)
    @catalogue.doc(operationId="getSkillCategory")
    def get(self, category_id):
        """Read a category"""
        return categories.get_category(category_id)

    @catalogue.login_required(role="hr")
    @catalogue.arguments(SkillCategorySchema)
    @catalogue.response(200, SkillCategorySchema, etag=True)
    @catalogue.doc(operationId="replaceSkillCategory")
    def put(self, data, category_id):
        """Replace a category"""
        category = categories.change_category(_load_category_to_write(category_id), data)
        commit()
        return category

    @catalogue.login_required(role="hr")
    @catalogue.arguments(SkillCategoryChangesSchema)
    @catalogue.response(200, SkillCategorySchema, etag=True)
    @catalogue.doc(operationId="changeSkillCategory")
    def patch(self, data, category_id):
        """Change a category"""
        category = categories.change_category(_load_category_to_write(category_id), data)
        commit()
        return category

    @catalogue.login_required(role="hr")
    @catalogue.response(200, SkillCategorySchema, etag=True)
    @catalogue.doc(operationId="deleteSkillCategory")
    def delete(self, category_id):
        """Delete an empty category"""
        category = _load_category_to_write(category_id)
        categories.remove_category(category)
        commit()
        return category


@catalogue.route("/sources/")
class Sources(MethodView):
    @catalogue.login_required()
    @catalogue.response(200, SkillSourceSchema(many=True))
    @catalogue.doc(operationId="listSkillSources")
    def get(self):
        """List the taxonomies in the catalogue

        With the sentence that each licence asks to be shown beside its data.
        """
        return list_sources()
