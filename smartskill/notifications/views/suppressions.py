"""Addresses that get no mail: what bounced or complained, and what administrators add and lift."""

from flask import url_for
from flask.views import MethodView

from smartskill.kit.blueprint import Blueprint
from smartskill.kit.pagination import page_of
from smartskill.kit.transaction import commit
from smartskill.notifications.schemas import LiftSchema, SuppressionQuery, SuppressionSchema
from smartskill.notifications.services.suppressions import get_suppression, lift, search_suppressions, suppress

blp = Blueprint(
    "suppressions", __name__, url_prefix="/api/notifications/suppressions", description="Addresses that get no mail."
)


@blp.route("/")
class Suppressions(MethodView):
    @blp.login_required(role="admin")
    @blp.arguments(SuppressionQuery, location="query")
    @blp.listing(SuppressionSchema)
    @blp.doc(operationId="listSuppressions")
    def get(self, query):
        """List the addresses that get no mail

        The newest first.
        """
        found = search_suppressions(
            email=query.get("email"), scope=query.get("scope"), is_lifted=bool(query.get("lifted"))
        )
        return page_of(found, query)

    @blp.login_required(role="admin")
    @blp.arguments(SuppressionSchema)
    @blp.response(200, SuppressionSchema, created=True)
    @blp.doc(operationId="addSuppression")
    def post(self, data):
        """Stop mail to an address

        Said twice, it is done once; one that was lifted holds again.
        """
        row = suppress(data["email"], data["scope"], "by_hand")
        commit()
        return row, 200, {"Location": url_for(".Suppression", suppression_id=row.id)}


@blp.route("/<id:suppression_id>")
class Suppression(MethodView):
    @blp.login_required(role="admin")
    @blp.response(200, SuppressionSchema)
    @blp.doc(operationId="getSuppression")
    def get(self, suppression_id):
        """Read a suppression"""
        return get_suppression(suppression_id)


@blp.route("/<id:suppression_id>/lift")
class Lift(MethodView):
    @blp.login_required(role="admin")
    @blp.arguments(LiftSchema)
    @blp.response(200, SuppressionSchema)
    @blp.doc(operationId="liftSuppression")
    def post(self, data, suppression_id):
        """Let mail go to an address again

        The suppression stays, with the reason; the next hard bounce puts it in force again.
        """
        row = lift(get_suppression(suppression_id, for_update=True), data["because"])
        commit()
        return row
