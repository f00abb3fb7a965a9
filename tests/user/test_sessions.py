"""Where one is signed in, and ending it."""

from sqlalchemy import select

from smartskill.extensions import db
from smartskill.user.models import User
from smartskill.user.services import credentials
from tests.factories import make_user, sign_in
from tests.user.people import OTHER_PASSWORD, PASSWORD, bearer, login, make_account


def alive(client, *headers) -> list[bool]:
    return [client.get("/api/users/me", headers=each).status_code == 200 for each in headers]


def test_i_see_my_sessions_and_which_one_this_is(client):
    user, other = make_user(), make_user()
    here, _there, _theirs = sign_in(user), sign_in(user), sign_in(other)
    sessions = client.get("/api/users/sessions", headers=here).json
    assert len(sessions) == 2
    assert [session["is_current"] for session in sessions].count(True) == 1


def test_logging_out_ends_the_session_for_its_access_token_too(client):
    tokens = login(client, make_account().email)
    response = client.post("/api/users/logout", json={"refresh_token": tokens.json["refresh_token"]})
    assert response.status_code == 200
    assert response.json["revoked_at"]
    assert alive(client, bearer(tokens)) == [False]
    assert client.post("/api/users/refresh", json={"refresh_token": tokens.json["refresh_token"]}).status_code == 401
    assert client.post("/api/users/logout", json={"refresh_token": tokens.json["refresh_token"]}).status_code == 401


def test_logging_out_with_the_cookie_takes_it_away(client):
    login(client, make_account().email, refresh="cookie")
    csrf = client.get_cookie("csrf_refresh_token").value
    assert client.post("/api/users/logout", headers={"X-CSRF-TOKEN": csrf}).status_code == 200
    assert client.get_cookie("refresh_token_cookie", path="/api/users") is None
    assert client.get_cookie("csrf_refresh_token") is None


def test_an_access_token_is_enough_to_log_out(client):
    user = make_user()
    here, there = sign_in(user), sign_in(user)
    assert client.post("/api/users/logout", headers=here).status_code == 200
    assert alive(client, here, there) == [False, True]


def test_logging_out_without_anything_is_401(client):
    assert client.post("/api/users/logout").status_code == 401


def test_one_session_can_be_ended_from_another(client):
    user = make_user()
    here, there = sign_in(user), sign_in(user)
    [other] = [each for each in client.get("/api/users/sessions", headers=here).json if not each["is_current"]]
    assert client.delete(f"/api/users/sessions/{other['id']}", headers=here).status_code == 200
    assert alive(client, here, there) == [True, False]
    assert client.delete(f"/api/users/sessions/{other['id']}", headers=here).status_code == 404


def test_all_others_can_be_ended_at_once(client):
    user = make_user()
    here, *others = (sign_in(user) for _ in range(4))
    ended = client.delete("/api/users/sessions", headers=here)
    assert len(ended.json) == 3
    assert alive(client, here, *others) == [True, False, False, False]


def test_another_persons_session_is_not_there(client):
    user, other = make_user("admin"), make_user()
    theirs = sign_in(other)
    session_id = client.get("/api/users/sessions", headers=theirs).json[0]["id"]
    assert client.delete(f"/api/users/sessions/{session_id}", headers=sign_in(user)).status_code == 404
    assert alive(client, theirs) == [True]


def change(client, headers, current=PASSWORD, new=OTHER_PASSWORD):
    body = {"current_password": current, "new_password": new}
    return client.post("/api/users/password", json=body, headers=headers)


def test_changing_the_password_signs_out_everywhere_else(client):
    user = make_account()
    here, there = sign_in(user), sign_in(user)
    assert change(client, here).status_code == 200
    assert alive(client, here, there) == [True, False]
    assert login(client, user.email, PASSWORD).status_code == 401
    assert login(client, user.email, OTHER_PASSWORD).status_code == 200


def test_changing_the_password_needs_the_present_one(client):
    user = make_account()
    headers = sign_in(user)
    response = change(client, headers, current="wrong")
    assert response.status_code == 400
    assert response.json["errors"] == {"current_password": ["This is not your current password."]}
    assert login(client, user.email, PASSWORD).status_code == 200


def test_a_guessable_new_password_is_named_as_such(client):
    response = change(client, sign_in(make_account()), new="password1")
    assert list(response.json["errors"]) == ["new_password"]


def test_guessing_at_the_present_password_with_a_stolen_token_soon_ends(client, limits, monkeypatch):
    monkeypatch.setattr(credentials, "CONFIRMATIONS", "3 per hour")
    headers = sign_in(make_account())
    codes = [change(client, headers, current="wrong").status_code for _ in range(4)]
    assert codes == [400] * 3 + [429]
    assert change(client, headers).status_code == 429


def test_switching_an_account_off_ends_its_sessions_and_on_again_does_not_revive_them(client):
    admin, user = make_user("admin"), make_user()
    headers = sign_in(user)
    boss = sign_in(admin)
    client.patch(f"/api/users/{user.id}", json={"is_active": False}, headers=boss)
    assert alive(client, headers) == [False]
    client.patch(f"/api/users/{user.id}", json={"is_active": True}, headers=boss)
    assert alive(client, headers) == [False]


def test_a_role_counts_from_the_next_request_on(client):
    user = make_user("hr")
    headers = sign_in(user)
    team = {"name": "Platform"}
    assert client.post("/api/users/teams/", json=team, headers=headers).status_code == 200
    db.session.scalars(select(User).where(User.id == user.id)).one().role = "employee"
    assert client.post("/api/users/teams/", json={"name": "Data"}, headers=headers).status_code == 403
