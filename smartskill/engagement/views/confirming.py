"""The page behind a mail's one-tap link. Only `POST` acts, because scanners follow links; nobody is signed in by it."""

from flask.views import MethodView

from smartskill.engagement.services.confirming import confirm_by_link, find_confirmable, render_page
from smartskill.kit.blueprint import Blueprint
from smartskill.kit.pages import STYLE, html_page
from smartskill.kit.transaction import commit

blp = Blueprint(
    "confirm", __name__, url_prefix="/api/notifications/confirm", description="Confirming levels from a mail."
)


@blp.route("/<token>")
class Confirm(MethodView):
    @blp.public(produces="text/html")
    @blp.response(200, {"type": "string"}, content_type="text/html")
    @blp.doc(operationId="showConfirmation")
    def get(self, token):
        """Show the levels that the link confirms"""
        user, rows = find_confirmable(token)
        return html_page(render_page(user, rows, None, STYLE))

    @blp.public(produces="text/html")
    @blp.response(200, {"type": "string"}, content_type="text/html")
    @blp.doc(operationId="confirmByLink")
    def post(self, token):
        """Confirm the levels that the link names

        Those that were spoken for since the mail are left alone, so a second time changes nothing.
        """
        user, count = confirm_by_link(token)
        commit()
        return html_page(render_page(user, [], count, STYLE))
