"""The page behind a mail's one-tap link. Only `POST` acts, because scanners follow links; nobody is signed in by it."""

import base64
import hashlib
from importlib.resources import files

from flask import Response, current_app
from flask.views import MethodView

from smartskill.engagement.services.confirming import confirm_by_link, find_confirmable, render_page
from smartskill.kit.blueprint import Blueprint
from smartskill.kit.transaction import commit

blp = Blueprint(
    "confirm", __name__, url_prefix="/api/notifications/confirm", description="Confirming levels from a mail."
)
STYLE = (files("smartskill.notifications") / "templates/pages/page.css").read_text(encoding="utf-8")
DIGEST = base64.b64encode(hashlib.sha256(STYLE.encode()).digest()).decode()
CSP = f"default-src 'none'; style-src 'sha256-{DIGEST}'; form-action 'self'; base-uri 'none'; frame-ancestors 'none'"
HEADERS = {"Content-Security-Policy": CSP, "X-Robots-Tag": "noindex", "Cache-Control": "no-store"}


def answer(html: str) -> Response:
    """A page that runs nothing and is kept by nobody."""
    return current_app.response_class(html, mimetype="text/html", headers=HEADERS)


@blp.route("/<token>")
class Confirm(MethodView):
    @blp.public(produces="text/html")
    @blp.response(200, {"type": "string"}, content_type="text/html")
    @blp.doc(operationId="showConfirmation")
    def get(self, token):
        """Show the levels that the link confirms"""
        user, rows = find_confirmable(token)
        return answer(render_page(user, rows, None, STYLE))

    @blp.public(produces="text/html")
    @blp.response(200, {"type": "string"}, content_type="text/html")
    @blp.doc(operationId="confirmByLink")
    def post(self, token):
        """Confirm the levels that the link names

        Those that were spoken for since the mail are left alone, so a second time changes nothing.
        """
        user, count = confirm_by_link(token)
        commit()
        return answer(render_page(user, [], count, STYLE))
