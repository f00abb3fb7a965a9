"""Signing in: in two names, in two forms, and without telling who has an account."""

import pytest
from argon2 import PasswordHasher
from sqlalchemy import select

from smartskill.activity.models import InteractionEvent
from smartskill.extensions import db
from smartskill.user.models import User, UserSession
from tests.factories import make_user
from tests.user.people import PASSWORD, bearer, login, make_account


def test_signing_in_answers_tokens_and_the_person(client):
    user = make_account()
    response = login(client, user.email)
    assert response.status_code == 200
    assert set(response.json) == {"access_token", "token_type", "expires_in", "refresh_token", "user"}
    assert (response.json["token_type"], response.json["expires_in"]) == ("Bearer", 600)
    assert response.json["user"]["email"] == user.email
    assert response.headers["Cache-Control"] == "no-store"
    assert client.get("/api/users/me", headers=bearer(response)).json["id"] == user.id


def test_a_user_name_serves_as_well(client):
    user = make_account(username="Anna")
    response = client.post("/api/users/login", json={"username": "anna", "password": PASSWORD})
    assert response.json["user"]["id"] == user.id


@pytest.mark.parametrize(
    ("body", "field"),
    [
        ({"password": PASSWORD}, "email"),
        ({"email": "a@example.org", "username": "a", "password": PASSWORD}, "email"),
        ({"email": "a@example.org"}, "password"),
        ({"email": "a@example.org", "password": PASSWORD, "refresh": "header"}, "refresh"),
        ({"email": "a@example.org", "password": PASSWORD, "remember": True}, "remember"),
    ],
)
def test_a_sign_in_that_is_wrong_in_itself_is_400(client, body, field):
    response = client.post("/api/users/login", json=body)
    assert response.status_code == 400
    assert list(response.json["errors"]) == [field]


def test_every_refusal_is_the_same(client):
    known = make_account()
    invited = make_user(password_hash=None)
    inactive = make_account(is_active=False)
    answers = [
        login(client, known.email, "wrong"),
        login(client, "nobody@example.org", "wrong"),
        login(client, "not an address", "wrong"),
        login(client, invited.email, PASSWORD),
        login(client, inactive.email, PASSWORD),
        client.post("/api/users/login", json={"username": "nobody", "password": "wrong"}),
    ]
    assert {answer.status_code for answer in answers} == {401}
    assert len({answer.json["detail"] for answer in answers}) == 1
    assert {tuple(sorted(answer.json)) for answer in answers} == {("detail", "request_id", "status", "title", "type")}
    assert all("Bearer" in answer.headers["WWW-Authenticate"] for answer in answers)
    assert all("Set-Cookie" not in answer.headers for answer in answers)


def test_a_stranger_takes_as_much_work_as_an_account(client, monkeypatch):
    verified = []
    verify = PasswordHasher.verify
    monkeypatch.setattr(PasswordHasher, "verify", lambda self, *given: verified.append(1) or verify(self, *given))
    login(client, make_account().email, "wrong")
    login(client, "nobody@example.org", "wrong")
    login(client, make_account(is_active=False).email, PASSWORD)
    login(client, make_user(password_hash=None).email, PASSWORD)
    assert len(verified) == 4


def test_a_hash_with_weaker_parameters_is_renewed_at_sign_in(client):
    weak = PasswordHasher(time_cost=1, memory_cost=8192, parallelism=1).hash(PASSWORD)
    user = make_user(password_hash=weak)
    assert login(client, user.email).status_code == 200
    assert db.session.get(User, user.id).password_hash.startswith("$argon2id$v=19$m=65536,t=3,p=4$")
    assert login(client, user.email).status_code == 200


def test_a_sign_in_leaves_a_session_and_an_event_without_the_address(client):
    user = make_account()
    login(client, user.email, address="198.51.100.7")
    session = db.session.scalars(select(UserSession).where(UserSession.user_id == user.id)).one()
    assert len(session.network_digest) == 64
    assert "198" not in str(session.user_agent)
    event = db.session.scalars(select(InteractionEvent).where(InteractionEvent.user_id == user.id)).one()
    assert (event.kind, event.props) == ("signed_in", {"is_new_device": True})


def test_an_idempotency_key_keeps_no_tokens(client):
    user = make_account()
    key = {"Idempotency-Key": "sign-in-1"}
    body = {"email": user.email, "password": PASSWORD}
    first, again = (client.post("/api/users/login", json=body, headers=key) for _ in range(2))
    assert first.json["refresh_token"] != again.json["refresh_token"]


def test_in_cookie_mode_the_refresh_token_is_out_of_reach_of_scripts(client):
    response = login(client, make_account().email, refresh="cookie")
    assert "refresh_token" not in response.json
    refresh = client.get_cookie("refresh_token_cookie", path="/api/users")
    assert refresh.http_only
    assert (refresh.same_site, refresh.path, refresh.secure) == ("Strict", "/api/users", False)
    assert refresh.max_age == 14 * 86_400
    csrf = client.get_cookie("csrf_refresh_token")
    assert not csrf.http_only
    assert (csrf.same_site, csrf.path, csrf.max_age) == ("Strict", "/", 14 * 86_400)


def test_in_production_every_cookie_is_secure(client, app, monkeypatch):
    monkeypatch.setitem(app.config, "JWT_COOKIE_SECURE", True)
    response = login(client, make_account().email, refresh="cookie")
    cookies = response.headers.getlist("Set-Cookie")
    assert len(cookies) == 3
    assert all("; Secure" in cookie for cookie in cookies)
