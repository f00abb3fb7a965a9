"""Flask-DebugToolbar for whoever develops: only in development, only with `--debug`, never imported elsewhere."""

from flask import Flask, Response

CSP = "default-src 'self' 'unsafe-inline' data:; base-uri 'none'; frame-ancestors 'none'"


def attach_toolbar(app: Flask) -> None:
    """Show the toolbar on HTML pages of `flask run --debug`."""
    if not (app.debug and app.config["ENV"] == "development" and app.config["DEBUG_TOOLBAR"] and not app.testing):
        return
    from flask_debugtoolbar import DebugToolbarExtension  # not installed in the image

    app.config |= {"DEBUG_TB_INTERCEPT_REDIRECTS": False}
    app.after_request(_allow_toolbar)
    DebugToolbarExtension(app)


def _allow_toolbar(response: Response) -> Response:
    """Its scripts and styles are inline, which the policy of every other page forbids."""
    if response.mimetype == "text/html":
        response.headers["Content-Security-Policy"] = CSP
    return response
