"""Swagger UI comes from this machine, under a policy that allows nothing else; the addresses people try lead there."""

import re

import pytest
from flask import request

from tests.kit.conftest import make_app


@pytest.fixture
def client(kit_app):
    """An HTTP client that follows redirects."""
    return kit_app.test_client()


@pytest.mark.parametrize("path", ["/", "/docs", "/docs/", "/swagger-ui", "/swagger-ui/", "/apidocs"])
def test_the_address_leads_to_the_docs(client, path):
    answer = client.get(path, follow_redirects=True)
    assert (answer.status_code, answer.request.path) == (200, "/api/docs/")


def test_the_short_address_leads_to_the_specification(client):
    assert client.get("/openapi.json", follow_redirects=True).json["openapi"] == "3.1.0"


def test_everything_the_page_loads_is_here(client):
    page = client.get("/api/docs/")
    assert "default-src 'none'" in page.headers["Content-Security-Policy"]
    assert "script-src 'self'" in page.headers["Content-Security-Policy"]
    loaded = re.findall(r'(?:src|href)="([^"]+)"', page.text)
    assert len(loaded) == 5
    for address in loaded:
        assert address.startswith("/api/")
        assert client.get(address).status_code == 200
    assert "<script>" not in page.text


def test_the_page_keeps_its_authorisation(client):
    assert "persistAuthorization: true" in client.get("/api/docs/start.js").text


def test_the_index_lists_the_collections(kit_app):
    answer = kit_app.test_client().get("/api")
    assert "/api/things/" in answer.json["collections"]
    assert answer.json["openapi"] == "/api/openapi.json"


def test_the_docs_can_be_switched_off(app):
    client = make_app(app, API_DOCS=False).test_client()
    assert [client.get(path).status_code for path in ("/api/docs", "/docs", "/")] == [404, 404, 404]
    assert client.get("/api/openapi.json").status_code == 200


HEADERS = {
    "X-Content-Type-Options": "nosniff",
    "X-Frame-Options": "DENY",
    "Referrer-Policy": "no-referrer",
    "Cross-Origin-Opener-Policy": "same-origin",
}


@pytest.mark.parametrize("path", ["/api/", "/api/docs/", "/api/nothing", "/health/live"])
def test_every_answer_carries_the_security_headers(client, path):
    answer = client.get(path)
    assert {name: answer.headers[name] for name in HEADERS} == HEADERS
    assert "frame-ancestors 'none'" in answer.headers["Content-Security-Policy"]
    assert "base-uri 'none'" in answer.headers["Content-Security-Policy"]
    assert "Strict-Transport-Security" not in answer.headers


def test_https_is_remembered(client):
    assert "max-age=" in client.get("/api/", base_url="https://skills.example.org").headers["Strict-Transport-Security"]


def test_answers_about_people_are_not_kept_by_others(client):
    answer = client.get("/api/")
    assert "private" in answer.headers["Cache-Control"]
    assert "Authorization" in answer.headers["Vary"]


def preflight(client, origin):
    asked = {"Origin": origin, "Access-Control-Request-Method": "PUT", "Access-Control-Request-Headers": "If-Match"}
    return client.options("/api/things/1", headers=asked)


def test_only_the_listed_origins_may_read(app):
    client = make_app(app, CORS_ORIGINS="https://spa.example.org").test_client()
    allowed = preflight(client, "https://spa.example.org")
    assert allowed.headers["Access-Control-Allow-Origin"] == "https://spa.example.org"
    assert "if-match" in allowed.headers["Access-Control-Allow-Headers"].lower()
    read = client.get("/api/", headers={"Origin": "https://spa.example.org"})
    assert {"X-Pagination", "ETag", "Location"} <= set(read.headers["Access-Control-Expose-Headers"].split(", "))
    for other in ("https://evil.example", "null", "https://spa.example.org.evil.example"):
        assert "Access-Control-Allow-Origin" not in preflight(client, other).headers


def test_without_a_list_nobody_may(app):
    client = make_app(app, CORS_ORIGINS="").test_client()
    for origin in ("http://localhost:3000", "https://evil.example"):
        assert "Access-Control-Allow-Origin" not in preflight(client, origin).headers
        assert "Access-Control-Allow-Origin" not in client.get("/api/", headers={"Origin": origin}).headers


@pytest.mark.parametrize(("proxies", "seen"), [(0, "127.0.0.1"), (1, "203.0.113.9"), (2, "198.51.100.1")])
def test_a_forwarded_address_is_believed_from_as_many_proxies_as_there_are(app, proxies, seen):
    made = make_app(app, TRUSTED_PROXIES=proxies)
    found = []
    made.before_request(lambda: found.append(request.remote_addr))
    made.test_client().get("/api/", headers={"X-Forwarded-For": "192.0.2.5, 198.51.100.1, 203.0.113.9"})
    assert found == [seen]


@pytest.mark.parametrize(
    ("debug", "settings", "is_there"),
    [(True, {}, True), (False, {}, False), (True, {"DEBUG_TOOLBAR": False}, False), (True, {"TESTING": True}, False)],
)
def test_the_toolbar_is_for_development_only(app, monkeypatch, debug, settings, is_there):
    monkeypatch.setenv("FLASK_DEBUG", "1" if debug else "0")
    made = make_app(app, **{"TESTING": False, "LOG_LEVEL": "WARNING", **settings})
    assert ("debugtoolbar" in made.blueprints) is is_there
