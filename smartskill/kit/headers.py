"""Security headers, who may call from another origin, and whose word is taken on a request's origin."""

from flask import Flask, Response, request
from flask_cors import CORS
from werkzeug.middleware.proxy_fix import ProxyFix

CSP = "default-src 'none'; frame-ancestors 'none'; base-uri 'none'; form-action 'none'"
DOCS_CSP = (
    "default-src 'none'; script-src 'self'; style-src 'self'; img-src 'self' data:; "
    "connect-src 'self'; font-src 'self'; object-src 'none'; base-uri 'none'; form-action 'none'; "
    "frame-ancestors 'none'"
)
EXPOSED = ["X-Pagination", "ETag", "Location", "X-Request-ID", "Retry-After", "Idempotency-Replayed"]
EXPOSED += ["X-No-Match", "X-Corrected-Text"]


def configure_headers(app: Flask) -> None:
    """Add the headers to every response; believe `X-Forwarded-*` of as many proxies as stand in front."""
    proxies = app.config["TRUSTED_PROXIES"]
    if proxies:
        app.wsgi_app = ProxyFix(app.wsgi_app, x_for=proxies, x_proto=proxies, x_host=proxies)  # type: ignore[method-assign]
    CORS(
        app,
        origins=app.config["CORS_ORIGINS"],
        expose_headers=EXPOSED,
        supports_credentials=True,
        max_age=600,
        allow_headers=["Authorization", "Content-Type", "If-Match", "If-None-Match", "Idempotency-Key", "X-CSRF-TOKEN"],
    )
    app.after_request(_protect)


def _protect(response: Response) -> Response:
    headers = response.headers
    if not response.content_length and request.method == "OPTIONS":
        headers.pop("Content-Type", None)  # an empty answer has none
    headers.setdefault("Content-Security-Policy", DOCS_CSP if request.path.startswith("/api/docs") else CSP)
    headers.setdefault("X-Content-Type-Options", "nosniff")
    headers.setdefault("Referrer-Policy", "no-referrer")
    headers.setdefault("X-Frame-Options", "DENY")
    headers.setdefault("Cross-Origin-Opener-Policy", "same-origin")
    headers.setdefault("Permissions-Policy", "camera=(), microphone=(), geolocation=()")
    if request.is_secure:
        headers.setdefault("Strict-Transport-Security", "max-age=31536000; includeSubDomains")
    if request.path.startswith("/api/") and "Cache-Control" not in headers and "/docs" not in request.path:
        headers["Cache-Control"] = "private, no-cache"
        headers.add("Vary", "Authorization")
    return response
