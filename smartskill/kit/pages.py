"""The few pages that this service shows itself, in HTML: one stylesheet, written into the page, and one strict policy.

They are where links of mails lead, and they work without a session, a cookie or a script.
"""

import base64
import hashlib
from importlib.resources import files

from flask import Response, current_app, render_template

STYLE = (files("smartskill.kit") / "templates/page.css").read_text(encoding="utf-8")
DIGEST = base64.b64encode(hashlib.sha256(STYLE.encode()).digest()).decode()
HEADERS = {
    "Content-Security-Policy": f"default-src 'none'; style-src 'sha256-{DIGEST}'; form-action 'self'; base-uri 'none'; "
    "frame-ancestors 'none'",
    "Cache-Control": "no-store",
    "X-Robots-Tag": "noindex",
}


def html_page(html: str, status: int = 200) -> Response:
    """A response for a page that was rendered with `STYLE`."""
    return current_app.response_class(html, status=status, mimetype="text/html", headers=HEADERS)


def missing_page() -> Response:
    """For a person's browser at an address that no page answers; programs get problem+json."""
    return html_page(render_template("missing.html", style=STYLE, title=current_app.config["API_TITLE"]), 404)
