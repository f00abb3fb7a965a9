"""Inviting people, and coming in."""

import pytest

from smartskill.user.mails import make_content
from tests.factories import make_user, sign_in
from tests.user.people import PASSWORD, bearer, link_of, login, mails, make_account


def invite(client, by, **body):
    return client.post("/api/users/invitations", json={"email": "guest@example.org", **body}, headers=sign_in(by))


def test_an_invited_person_chooses_a_password_and_is_in(client):
    hr, boss = make_user("hr", full_name="Maria Huber"), make_user()
    response = invite(client, hr, full_name="Guest", title="Nurse", manager_id=boss.id)
    assert response.status_code == 200
    assert response.headers["Location"] == f"/api/users/{response.json['id']}"
    path, token = link_of(mails()[0])
    assert path == "/accept-invitation"
    assert "Maria Huber" in make_content(mails()[0])["paragraphs"][0]
    assert login(client, "guest@example.org").status_code == 401
    body = {"token": token, "password": PASSWORD, "full_name": "Gust"}
    accepted = client.post("/api/users/invitations/accept", json=body)
    assert (accepted.json["full_name"], accepted.json["is_verified"]) == ("Gust", True)
    assert (accepted.json["title"], accepted.json["manager_id"]) == ("Nurse", boss.id)
    assert client.get("/api/users/me", headers=bearer(login(client, "guest@example.org"))).status_code == 200
    assert client.post("/api/users/invitations/accept", json=body).status_code == 400


def test_one_who_has_not_come_is_invited_again_and_one_who_has_is_409(client):
    hr = make_user("hr")
    assert invite(client, hr).json["id"] == invite(client, hr).json["id"]
    assert len(mails()) == 2
    make_account(email="here@example.org")
    assert invite(client, hr, email="here@example.org").status_code == 409


@pytest.mark.parametrize(
    ("mode", "role", "invited_role", "status"),
    [
        ("open", "employee", "employee", 403),
        ("open", "manager", "employee", 403),
        ("open", "hr", "employee", 200),
        ("open", "hr", "hr", 403),
        ("open", "admin", "hr", 200),
        ("invitation", "hr", "employee", 200),
        ("closed", "hr", "employee", 403),
        ("closed", "admin", "employee", 200),
    ],
)
def test_who_may_invite_whom(client, app, monkeypatch, mode, role, invited_role, status):
    monkeypatch.setitem(app.config, "REGISTRATION", mode)
    assert invite(client, make_user(role), role=invited_role).status_code == status


def test_an_invitation_is_accepted_on_its_page(client):
    invite(client, make_user("hr"))
    path, token = link_of(mails()[0])
    assert "minlength" in client.get(path, query_string={"token": token}).text
    assert client.post(path, data={"token": token, "password": PASSWORD}).status_code == 200
    assert login(client, "guest@example.org").status_code == 200
