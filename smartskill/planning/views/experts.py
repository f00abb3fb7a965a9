"""Experts over HTTP, and the searches for them that people keep."""

from flask import url_for
from flask.views import MethodView

from smartskill.kit.access import current_user
from smartskill.kit.blueprint import Blueprint
from smartskill.kit.etag import check_if_match
from smartskill.kit.pagination import HEADER, page_of
from smartskill.kit.transaction import commit
from smartskill.planning.models.searches import SavedSearch
from smartskill.planning.schemas.experts import (
    ExpertQuery,
    ExpertSchema,
    SavedSearchChangesSchema,
    SavedSearchQuery,
    SavedSearchSchema,
)
from smartskill.planning.services.experts.listing import list_experts
from smartskill.planning.services.watching import searches as watching
from smartskill.skills.views.rows import answer_rows

experts = Blueprint("experts", __name__, url_prefix="/api/skills/experts", description="Who can do what is needed.")
HEADERS = {
    **HEADER,
    "X-No-Match": {
        "description": (
            "Only with an empty list: the fewest conditions without which there would be hits. `need.0, team_id`: "
            "either; `need.0+need.1`: both together; `need.0|text`: alternatives none of which is met."
        ),
        "schema": {"type": "string"},
    },
    "X-Corrected-Text": {
        "description": "What was looked for instead of `text`, which found nothing; percent-encoded.",
        "schema": {"type": "string"},
    },
}


@experts.route("/")
class Experts(MethodView):
    @experts.login_required()
    @experts.arguments(ExpertQuery, location="query")
    @experts.response(200, ExpertSchema(many=True), headers=HEADERS)
    @experts.doc(operationId="findExperts")
    def get(self, query):
        """Find experts

        Who meets the needs, the best first, and why. The score is the mean over the needs of 0.4 · level ÷ 5 +
        0.3 · confidence + 0.2 · recency + 0.1 · interest ÷ 5, where recency halves with each `review_months` since the
        last confirmation and an interest that was not stated counts 2.5; a `text` counts as one more need, 0.5 and up
        to 0.5 more by how well the best experience meets it. Levels and experience that the caller may not see count
        as not there.
        """
        return answer_rows(*list_experts(query, current_user()))


def _load_to_write(search_id: int) -> SavedSearch:
    row = watching.get_saved(search_id, current_user(), is_locked=True)
    check_if_match(row)
    return row


@experts.route("/saved/")
class SavedSearches(MethodView):
    @experts.login_required()
    @experts.arguments(SavedSearchQuery, location="query")
    @experts.listing(SavedSearchSchema)
    @experts.doc(operationId="listSavedSearches")
    def get(self, query):
        """List my kept searches"""
        return page_of(watching.search_saved(current_user(), query), query)

    @experts.login_required()
    @experts.arguments(SavedSearchSchema)
    @experts.response(200, SavedSearchSchema, etag=True, created=True)
    @experts.doc(operationId="createSavedSearch")
    def post(self, data):
        """Keep a search

        A watched one tells me, in the inbox and by mail, when somebody matches who does not match now; at most 500
        people may.
        """
        row = watching.save_search(data, current_user())
        commit()
        return row, 200, {"Location": url_for(".SavedSearchItem", search_id=row.id)}


@experts.route("/saved/<id:search_id>")
class SavedSearchItem(MethodView):
    @experts.login_required()
    @experts.response(200, SavedSearchSchema, etag=True)
    @experts.doc(operationId="getSavedSearch")
    def get(self, search_id):
        """Read one of my kept searches"""
        return watching.get_saved(search_id, current_user())

    @experts.login_required()
    @experts.arguments(SavedSearchSchema)
    @experts.response(200, SavedSearchSchema, etag=True)
    @experts.doc(operationId="replaceSavedSearch")
    def put(self, data, search_id):
        """Replace one of my kept searches"""
        row = watching.change_search(_load_to_write(search_id), data, current_user())
        commit()
        return row

    @experts.login_required()
    @experts.arguments(SavedSearchChangesSchema)
    @experts.response(200, SavedSearchSchema, etag=True)
    @experts.doc(operationId="changeSavedSearch")
    def patch(self, data, search_id):
        """Change one of my kept searches

        Another query, or being watched from now on, begins with whoever matches now.
        """
        row = watching.change_search(_load_to_write(search_id), data, current_user())
        commit()
        return row

    @experts.login_required()
    @experts.response(200, SavedSearchSchema, etag=True)
    @experts.doc(operationId="deleteSavedSearch")
    def delete(self, search_id):
        """Delete one of my kept searches"""
        row = watching.remove_search(_load_to_write(search_id))
        commit()
        return row
