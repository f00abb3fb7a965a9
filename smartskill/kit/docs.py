"""Swagger UI at /api/docs, from this machine's files under a strict CSP, and the addresses that people try first."""

from importlib.resources import files

from flask import Blueprint, Flask, Response, jsonify, redirect, render_template, url_for

SHORT = ("/docs", "/swagger-ui", "/apidocs")


def register_docs(app: Flask) -> None:
    """The page, its start script, and the short addresses that lead to it; nothing where `API_DOCS` is off."""
    if not app.config["API_DOCS"]:
        return
    docs = Blueprint(
        "docs",
        __name__,
        url_prefix="/api/docs",
        template_folder="templates",
        static_folder=str(files("flask_swagger_ui") / "dist"),
        static_url_path="/assets",
    )
    docs.add_url_rule("/", "page", _page)
    docs.add_url_rule("/start.js", "start", _start)
    app.register_blueprint(docs)
    for short in SHORT:
        app.add_url_rule(short, f"docs_at_{short.strip('/')}", _to_docs)
    app.add_url_rule("/openapi.json", "openapi_short", lambda: redirect(url_for("api-docs.openapi_json")))


def register_index(app: Flask) -> None:
    """`/api/` lists the collections; `/` leads to the docs."""
    app.add_url_rule("/api/", "api_index", lambda: jsonify(_index(app)))
    if app.config["API_DOCS"]:
        app.add_url_rule("/", "root", _to_docs)


def _page() -> str:
    return render_template("docs.html")


def _start() -> Response:
    return Response(render_template("docs.js", spec=url_for("api-docs.openapi_json")), mimetype="text/javascript")


def _to_docs():
    return redirect(url_for("docs.page"))


def _index(app: Flask) -> dict:
    return {
        "title": app.config["API_TITLE"],
        "version": app.config["API_VERSION"],
        "openapi": url_for("api-docs.openapi_json"),
        "docs": url_for("docs.page") if app.config["API_DOCS"] else None,
        "collections": sorted(rule.rule for rule in app.url_map.iter_rules() if _is_collection(rule.rule)),
    }


def _is_collection(path: str) -> bool:
    """`/api/skills/`, and not `/api/docs/` or what is below one."""
    return path.startswith("/api/") and path.endswith("/") and path.count("/") == 3 and path != "/api/docs/"
