"""Events from clients, and consent."""

from flask.views import MethodView

from smartskill.activity.schemas import ConsentsSchema, EventBatchAnswerSchema, EventBatchSchema, EventMonthSchema
from smartskill.activity.services.consent import get_consents, set_consents
from smartskill.activity.services.months import search_months
from smartskill.activity.services.recording import record_batch
from smartskill.kit.access import current_user
from smartskill.kit.blueprint import Blueprint
from smartskill.kit.pagination import page_of
from smartskill.kit.schemas import ListQuery
from smartskill.kit.transaction import commit

events = Blueprint(
    "activity", __name__, url_prefix="/api/notifications/events", description="What people do, with their consent."
)
consents = Blueprint(
    "consents", __name__, url_prefix="/api/users/me/consents", description="What may be recorded and predicted."
)
blueprints = (events, consents)


@events.route("/")
class Events(MethodView):
    @events.login_required()
    @events.arguments(EventBatchSchema)
    @events.response(200, EventBatchAnswerSchema)
    @events.doc(operationId="recordEvents")
    def post(self, data):
        """Record a batch of my events

        Repeating a batch is harmless. Without consent to tracking nothing is kept, and the answer says so.
        """
        answer = record_batch(current_user().id, data["events"])
        commit()
        return answer


@events.route("/months")
class EventMonths(MethodView):
    @events.login_required(role="admin")
    @events.arguments(ListQuery, location="query")
    @events.listing(EventMonthSchema)
    @events.doc(operationId="listEventMonths")
    def get(self, query):
        """List what whole months came to

        Counts by kind and source that name nobody, the latest month first; they stay when the events are dropped.
        """
        return page_of(search_months(), query)


@consents.route("/")
class Consents(MethodView):
    @consents.login_required()
    @consents.response(200, ConsentsSchema)
    @consents.doc(operationId="getConsents")
    def get(self):
        """Read my consents"""
        return get_consents(current_user().id)

    @consents.login_required()
    @consents.arguments(ConsentsSchema)
    @consents.response(200, ConsentsSchema)
    @consents.doc(operationId="replaceConsents")
    def put(self, data):
        """Replace my consents

        A switch that is left out is off.
        """
        answer = set_consents(current_user().id, data)
        commit()
        return answer
