"""The links in mails: remember the click, and on to the page. No cookie is read or set."""

import re

from flask import Response, redirect, request
from flask.views import MethodView

from smartskill.kit.blueprint import Blueprint
from smartskill.kit.settings import setting
from smartskill.kit.transaction import commit
from smartskill.notifications.services.clicks import note_click, read_click

blp = Blueprint("clicks", __name__, description="Links in mails.")
MACHINES = re.compile(
    r"bot|crawl|spider|scan|preview|prefetch|barracuda|proofpoint|mimecast|curl|wget|python|go-http", re.I
)
HINTS = ("Purpose", "Sec-Purpose", "X-Purpose", "X-Moz")  # how browsers tell that they only fetch ahead


def looks_automated() -> bool:
    """Whether the request itself says that nobody is reading."""
    agent = request.headers.get("User-Agent", "")
    return not agent or bool(MACHINES.search(agent)) or any(name in request.headers for name in HINTS)


@blp.route("/c/<token>")
class Link(MethodView):
    @blp.public(produces="*/*")
    @blp.response(302, {"type": "string"}, content_type="text/html", description="On to the page.")
    @blp.doc(operationId="followLink")
    def get(self, token):
        """Follow a link of a mail

        Leads to a page of ours and nowhere else, and signs nobody in. `HEAD` is answered alike and not remembered.
        """
        target = read_click(token)
        if request.method == "GET":
            note_click(target, is_automated=looks_automated())
            commit()
        response: Response = redirect(f"{setting('PUBLIC_URL')}{target.path}")  # type: ignore[assignment]
        response.headers["Cache-Control"] = "no-store"
        response.headers["Referrer-Policy"] = "no-referrer"
        return response
