"""The queue of reviews, counts, and chains of renewals over HTTP."""

from flask.views import MethodView

from smartskill.database import now
from smartskill.kit.access import current_user
from smartskill.kit.blueprint import Blueprint
from smartskill.kit.pagination import page_of
from smartskill.qualification.schemas import (
    QualificationCountsSchema,
    RenewalChainSchema,
    WaitingQuery,
    WaitingReviewSchema,
)
from smartskill.qualification.services.held import get_qualification
from smartskill.qualification.services.overview import count_qualifications, search_waiting, shown_waiting
from smartskill.qualification.services.renewing import describe_chain

overview = Blueprint(
    "qualification_overview",
    __name__,
    url_prefix="/api/qualification",
    description="What waits, what stands where, what renewed what.",
)


@overview.route("/reviews/")
class WaitingReviews(MethodView):
    @overview.login_required(role="hr")
    @overview.arguments(WaitingQuery, location="query")
    @overview.listing(WaitingReviewSchema)
    @overview.doc(operationId="listWaitingReviews")
    def get(self, query):
        """List what waits for a review

        The longest waiting first. One's own is there, for others to decide.
        """
        rows, headers = page_of(search_waiting(query), query, scalars=False)
        return [shown_waiting(row, current_user()) for row in rows], headers


@overview.route("/counts")
class QualificationCounts(MethodView):
    @overview.login_required()
    @overview.response(200, QualificationCountsSchema)
    @overview.doc(operationId="countQualifications")
    def get(self):
        """Count qualifications by state and status

        One's own; with those of the people below for a manager, of all for HR. Statuses as of today (UTC).
        """
        return count_qualifications(current_user(), now().date())


@overview.route("/<id:qualification_id>/renewals")
class Renewals(MethodView):
    @overview.login_required()
    @overview.response(200, RenewalChainSchema)
    @overview.doc(operationId="getRenewals")
    def get(self, qualification_id):
        """Read the chain of renewals of a qualification

        All that it renews and that renews it, the first one first, with the seams between them, as of today (UTC).
        """
        return describe_chain(get_qualification(qualification_id, current_user()), now().date())
