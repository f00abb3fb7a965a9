"""Suggestions from one's own words over HTTP: one's own alone."""

from flask import url_for
from flask.views import MethodView

from smartskill.kit.access import current_user
from smartskill.kit.blueprint import Blueprint
from smartskill.kit.pagination import page_of
from smartskill.kit.transaction import commit
from smartskill.planning.schemas.suggestions import AcceptanceSchema, ReadingSchema, SuggestionQuery, SuggestionSchema
from smartskill.planning.services import suggestions as services

suggestions = Blueprint(
    "suggestions", __name__, url_prefix="/api/users/me/suggestions", description="Skills that my own words speak of."
)
LOCATION = {"Location": {"description": "Where the reading can be followed.", "schema": {"type": "string"}}}


def _load(suggestion_id: int):
    return services.get_suggestion(suggestion_id, current_user(), is_locked=True)


@suggestions.route("/")
class Suggestions(MethodView):
    @suggestions.login_required()
    @suggestions.arguments(SuggestionQuery, location="query")
    @suggestions.listing(SuggestionSchema)
    @suggestions.doc(operationId="listSuggestions")
    def get(self, query):
        """List the skills suggested to me

        The open ones, best first. New words are read nightly, or when I ask.
        """
        rows, headers = page_of(services.search_suggestions(current_user()), query, scalars=False)
        return [services.show_suggestion(row) for row in rows], headers


@suggestions.route("/refresh")
class Reading(MethodView):
    @suggestions.login_required()
    @suggestions.response(200, ReadingSchema)
    @suggestions.doc(operationId="getReading")
    def get(self):
        """Follow the reading of my words"""
        return services.show_reading(services.get_reading(current_user()))

    @suggestions.login_required()
    @suggestions.response(202, ReadingSchema, headers=LOCATION)
    @suggestions.doc(operationId="readMyWords")
    def post(self):
        """Have my words read now

        Answers at once; the suggestions follow in the background.
        """
        row = services.ask_reading(current_user())
        commit()
        return services.show_reading(row), 202, {"Location": url_for(".Reading")}


@suggestions.route("/<id:suggestion_id>/accept")
class Acceptance(MethodView):
    @suggestions.login_required()
    @suggestions.arguments(AcceptanceSchema)
    @suggestions.response(200, SuggestionSchema)
    @suggestions.doc(operationId="acceptSuggestion")
    def post(self, data, suggestion_id):
        """Accept a suggestion

        Rates oneself, and links the skill to the experience that names it.
        """
        row = _load(suggestion_id)
        services.accept_suggestion(row, data, current_user())
        shown = services.shown_suggestion(row)
        commit()
        return shown


@suggestions.route("/<id:suggestion_id>/reject")
class Rejection(MethodView):
    @suggestions.login_required()
    @suggestions.response(200, SuggestionSchema)
    @suggestions.doc(operationId="rejectSuggestion")
    def post(self, suggestion_id):
        """Reject a suggestion for good"""
        row = _load(suggestion_id)
        services.reject_suggestion(row)
        shown = services.shown_suggestion(row)
        commit()
        return shown


@suggestions.route("/<id:suggestion_id>/later")
class PuttingOff(MethodView):
    @suggestions.login_required()
    @suggestions.response(200, SuggestionSchema)
    @suggestions.doc(operationId="putOffSuggestion")
    def post(self, suggestion_id):
        """Put a suggestion off for a month"""
        row = _load(suggestion_id)
        services.put_off_suggestion(row)
        shown = services.shown_suggestion(row)
        commit()
        return shown
