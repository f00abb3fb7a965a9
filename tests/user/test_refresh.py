"""Rotating refresh tokens: one successor each, a short grace, and the end of the family for a thief."""

import threading
from datetime import timedelta

import pytest
from sqlalchemy import func, select, update

from smartskill.database import now
from smartskill.extensions import db
from smartskill.kit.tokens import issue_refresh_token
from smartskill.user.models import RefreshToken, UserSession
from smartskill.user.services.sessions import sweep_sessions
from smartskill.user.services.signing_in import read_device
from tests.user.people import bearer, login, make_account


def refresh(client, token):
    return client.post("/api/users/refresh", json={"refresh_token": token})


def long_ago(seconds: int = 11) -> None:
    """Let every use of a refresh token be some seconds older."""
    earlier = RefreshToken.used_at - timedelta(seconds=seconds)
    db.session.execute(update(RefreshToken).where(RefreshToken.used_at.is_not(None)).values(used_at=earlier))


def test_a_refresh_answers_new_tokens_in_the_body(client):
    user = make_account()
    first = login(client, user.email).json
    response = refresh(client, first["refresh_token"])
    assert response.status_code == 200
    assert set(response.json) == set(first)
    assert response.json["refresh_token"] != first["refresh_token"]
    assert response.headers["Cache-Control"] == "no-store"
    assert "Set-Cookie" not in response.headers
    assert client.get("/api/users/me", headers=bearer(response)).status_code == 200


def test_the_last_token_used_again_at_once_gets_the_same_successor(client):
    token = login(client, make_account().email).json["refresh_token"]
    successors = [refresh(client, token).json["refresh_token"] for _ in range(3)]
    assert len(set(successors)) == 1
    assert refresh(client, successors[0]).status_code == 200


def test_a_later_reuse_ends_the_family(client):
    first = login(client, make_account().email)
    second = refresh(client, first.json["refresh_token"])
    long_ago()
    reused = refresh(client, first.json["refresh_token"])
    assert reused.status_code == 401
    assert reused.mimetype == "application/problem+json"
    assert refresh(client, second.json["refresh_token"]).status_code == 401
    assert client.get("/api/users/me", headers=bearer(second)).status_code == 401


def test_the_grace_is_for_the_last_token_only(client):
    first = login(client, make_account().email).json["refresh_token"]
    second = refresh(client, first).json["refresh_token"]
    third = refresh(client, second).json["refresh_token"]
    assert refresh(client, first).status_code == 401
    assert refresh(client, third).status_code == 401


def test_a_reuse_ends_that_family_and_no_other(client, stranger):
    user = make_account()
    stolen, other = login(client, user.email).json, login(stranger, user.email).json
    refresh(client, stolen["refresh_token"])
    long_ago()
    refresh(client, stolen["refresh_token"])
    assert refresh(stranger, other["refresh_token"]).status_code == 200


def test_the_end_of_a_family_is_kept_although_the_answer_is_a_refusal(client, committed):
    token = login(client, make_account().email).json["refresh_token"]
    refresh(client, token)
    long_ago()
    db.session.commit()
    refresh(client, token)
    db.session.rollback()
    assert db.session.scalar(select(UserSession.revoked_at)) is not None


def test_each_use_lets_the_session_last_longer(client):
    user = make_account()
    token = login(client, user.email).json["refresh_token"]
    session = db.session.scalars(select(UserSession)).one()
    session.expires_at = now() + timedelta(days=1)
    refresh(client, token)
    assert session.expires_at > now() + timedelta(days=13)


def test_a_session_that_is_over_gives_no_new_tokens(client):
    token = login(client, make_account().email).json["refresh_token"]
    db.session.execute(update(UserSession).values(expires_at=now()))
    assert refresh(client, token).status_code == 401


def test_an_account_that_is_switched_off_gets_no_new_tokens(client):
    user = make_account()
    token = login(client, user.email).json["refresh_token"]
    user.is_active = False
    assert refresh(client, token).status_code == 401


@pytest.mark.parametrize("body", [{}, {"refresh_token": "x"}, {"refresh_token": "a.b.c"}])
def test_without_a_good_token_there_is_nothing(client, body):
    response = client.post("/api/users/refresh", json=body)
    assert response.status_code == 401
    assert "Bearer" in response.headers["WWW-Authenticate"]


def test_an_access_token_is_no_refresh_token_and_the_reverse(client):
    tokens = login(client, make_account().email).json
    assert refresh(client, tokens["access_token"]).status_code == 401
    swapped = {"Authorization": f"Bearer {tokens['refresh_token']}"}
    assert client.get("/api/users/me", headers=swapped).status_code == 401


def test_a_well_signed_token_that_was_never_issued_counts_for_nothing_and_ends_nothing(client):
    user = make_account()
    tokens = login(client, user.email).json
    session = db.session.scalars(select(UserSession)).one()
    invented = issue_refresh_token(user.id, session.id, "invented", now(), now() + timedelta(days=1))
    assert refresh(client, invented).status_code == 401
    assert refresh(client, tokens["refresh_token"]).status_code == 200


def cookie_refresh(client, csrf=None):
    return client.post("/api/users/refresh", headers={} if csrf is None else {"X-CSRF-TOKEN": csrf})


def test_a_cookie_is_answered_with_a_cookie(client):
    login(client, make_account().email, refresh="cookie")
    before = client.get_cookie("refresh_token_cookie", path="/api/users").value
    response = cookie_refresh(client, client.get_cookie("csrf_refresh_token").value)
    assert response.status_code == 200
    assert "refresh_token" not in response.json
    assert client.get_cookie("refresh_token_cookie", path="/api/users").value != before
    assert cookie_refresh(client, client.get_cookie("csrf_refresh_token").value).status_code == 200


@pytest.mark.parametrize("csrf", [None, "", "wrong", "ünïcode"])
def test_a_cookie_without_its_counterpart_is_refused_and_harms_nothing(client, csrf):
    login(client, make_account().email, refresh="cookie")
    assert cookie_refresh(client, csrf).status_code == 401
    assert client.post("/api/users/logout").status_code == 401
    assert cookie_refresh(client, client.get_cookie("csrf_refresh_token").value).status_code == 200


def test_another_sessions_counterpart_does_not_do(client, stranger):
    login(client, make_account().email, refresh="cookie")
    login(stranger, make_account().email, refresh="cookie")
    assert cookie_refresh(client, stranger.get_cookie("csrf_refresh_token").value).status_code == 401


def test_a_refused_cookie_is_taken_away(client):
    login(client, make_account().email, refresh="cookie")
    csrf = client.get_cookie("csrf_refresh_token").value
    db.session.execute(update(UserSession).values(revoked_at=now()))
    assert cookie_refresh(client, csrf).status_code == 401
    assert client.get_cookie("refresh_token_cookie", path="/api/users") is None


def test_a_cookie_alone_never_authorises_a_write(client):
    user = make_account()
    login(client, user.email, refresh="cookie")
    csrf = {"X-CSRF-TOKEN": client.get_cookie("csrf_refresh_token").value}
    assert client.patch("/api/users/me", json={"title": "x"}, headers=csrf).status_code == 401


ROUNDS, USES = 12, 10


def test_ten_uses_at_once_make_one_successor(app, client, committed):
    token = login(client, make_account().email).json["refresh_token"]
    for _ in range(ROUNDS):
        answers, gate = [], threading.Barrier(USES)

        def use(token=token, answers=answers, gate=gate):
            with app.app_context():
                gate.wait()
                answers.append(refresh(app.test_client(), token))

        threads = [threading.Thread(target=use) for _ in range(USES)]
        for thread in threads:
            thread.start()
        for thread in threads:
            thread.join()
        assert [answer.status_code for answer in answers] == [200] * USES
        [token] = {answer.json["refresh_token"] for answer in answers}
    assert db.session.scalar(select(func.count()).select_from(RefreshToken)) == ROUNDS + 1


def test_old_rows_are_swept_and_living_ones_stay(client):
    user = make_account()
    login(client, user.email)
    old = now() - timedelta(days=91)
    over = UserSession(user_id=user.id, expires_at=old)
    recent = UserSession(user_id=user.id, expires_at=now() - timedelta(days=80))
    db.session.add_all([over, recent])
    db.session.flush()
    db.session.add(RefreshToken(jti="spent", session_id=recent.id, expires_at=now() - timedelta(seconds=1)))
    db.session.flush()
    assert sweep_sessions() == 2
    assert db.session.scalar(select(func.count()).select_from(UserSession)) == 2
    assert db.session.scalar(select(func.count()).select_from(RefreshToken)) == 1


@pytest.mark.parametrize("mark", [None, "", "x", "a.b.c", "x" * 5000, "ü"])
def test_a_device_mark_that_is_none_names_no_device(app, mark):
    assert read_device(mark, 1) is None
