"""The link in every mail that one can refuse: RFC 8058's one click, and a page with a button for people.

Only `POST` acts, because scanners follow links. No cookie, no session: the link alone says which mail is meant. The
body is not read: mail programs send a form, people the page's form, clients what they like.
"""

from flask import Response, request
from flask.views import MethodView

from smartskill.kit.blueprint import Blueprint
from smartskill.kit.pages import STYLE, html_page
from smartskill.kit.transaction import commit
from smartskill.notifications.models import Delivery
from smartskill.notifications.schemas import UnsubscribedSchema
from smartskill.notifications.services.preferences import find_subscription, kinds_of, unsubscribe
from smartskill.notifications.services.recipients import find_recipient
from smartskill.notifications.services.rendering import render_unsubscribe_page

blp = Blueprint("unsubscribe", __name__, description="One click, and no more mail of a kind.")
HTML = {"description": "The page.", "content": {"text/html": {"schema": {"type": "string"}}}}


def page(delivery: Delivery, *, is_done: bool) -> Response:
    """The page, in its reader's language."""
    recipient = find_recipient(delivery)
    language = recipient.language if recipient else "en"
    html = render_unsubscribe_page(delivery, language, kinds=kinds_of(delivery), is_done=is_done, style=STYLE)
    return html_page(html)


def stop(token: str) -> Response | dict:
    """Unsubscribe, and say so in the form that was asked for."""
    delivery = find_subscription(token)
    kinds = unsubscribe(delivery)
    commit()
    if request.accept_mimetypes.best_match(["application/json", "text/html"]) == "text/html":
        return page(delivery, is_done=True)
    return {"kind": delivery.kind, "kinds": kinds, "is_wanted": False}


@blp.route("/api/notifications/unsubscribe/<token>")
class Unsubscribe(MethodView):
    @blp.public(produces="text/html")
    @blp.response(200, {"type": "string"}, content_type="text/html")
    @blp.doc(operationId="showUnsubscribe")
    def get(self, token):
        """Show the page that asks whether to unsubscribe"""
        return page(find_subscription(token), is_done=False)

    @blp.public(produces="*/*")
    @blp.response(200, UnsubscribedSchema)
    @blp.doc(operationId="unsubscribe", responses={200: HTML})
    def post(self, token):
        """Unsubscribe from the kind of mail that this link came in

        Of a mail that joined several service notices, from all their kinds. Any body is accepted, that of RFC 8058
        among them. Answers JSON, or a page to a browser.
        """
        return stop(token)


@blp.route("/u/<token>")
class ShortUnsubscribe(MethodView):
    """The same at a short address: `List-Unsubscribe` must stay within 72 characters."""

    @blp.public(produces="text/html")
    @blp.response(200, {"type": "string"}, content_type="text/html")
    @blp.doc(operationId="showUnsubscribeShort")
    def get(self, token):
        """Show the page that asks whether to unsubscribe (short address)"""
        return page(find_subscription(token), is_done=False)

    @blp.public(produces="*/*")
    @blp.response(200, UnsubscribedSchema)
    @blp.doc(operationId="unsubscribeShort", responses={200: HTML})
    def post(self, token):
        """Unsubscribe from the kind of mail that this link came in (short address)"""
        return stop(token)
