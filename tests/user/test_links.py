"""The links of account mails: each works once, for its purpose, by POST only."""

from datetime import timedelta

import pytest
import time_machine

from smartskill.database import now
from smartskill.extensions import db
from smartskill.notifications.services.recipients import find_recipient
from smartskill.user.mails import PAGES
from smartskill.user.services.mail_tokens import make_token
from tests.factories import make_user, sign_in
from tests.user.people import OTHER_PASSWORD, PASSWORD, link_of, login, mails, make_account


def verify(client, token):
    return client.post("/api/users/verify-email", json={"token": token})


def reset(client, token, password=OTHER_PASSWORD):
    return client.post("/api/users/password-reset/confirm", json={"token": token, "password": password})


def test_an_address_is_verified_by_its_link_once(client):
    client.post("/api/users/", json={"email": "anna@example.org", "password": PASSWORD})
    path, token = link_of(mails()[0])
    assert path == "/verify-email"
    response = verify(client, token)
    assert (response.status_code, response.json["is_verified"]) == (200, True)
    assert verify(client, token).status_code == 400


def test_asking_for_a_reset_says_the_same_whether_there_is_an_account(client):
    known, inactive = make_account(), make_account(is_active=False)
    emails = [known.email, inactive.email, "nobody@example.org"]
    answers = [client.post("/api/users/password-reset", json={"email": email}) for email in emails]
    assert {answer.status_code for answer in answers} == {200}
    assert len({answer.text for answer in answers}) == 1
    assert [(mail.kind, mail.user_id) for mail in mails()] == [("password_reset", known.id)]


def test_a_reset_sets_the_password_signs_out_everywhere_and_tells(client):
    user = make_account(verified_at=None)
    session = sign_in(user)
    client.post("/api/users/password-reset", json={"email": user.email.upper()})
    path, token = link_of(mails()[0])
    assert path == "/reset-password"
    assert reset(client, token).json["is_verified"] is True
    assert client.get("/api/users/me", headers=session).status_code == 401
    assert login(client, user.email, PASSWORD).status_code == 401
    assert login(client, user.email, OTHER_PASSWORD).status_code == 200
    assert mails()[-1].kind == "password_changed"


def test_a_reset_link_is_spent_by_its_use_and_by_any_other_change_of_the_password(client):
    user = make_account()
    first, second = (make_token("password_reset", user) for _ in range(2))
    assert reset(client, first, "password1").status_code == 400
    assert reset(client, first).status_code == 200
    for spent in (first, second):
        response = reset(client, spent, PASSWORD)
        assert response.status_code == 400
        assert list(response.json["errors"]) == ["token"]


@pytest.mark.parametrize(
    ("purpose", "days"), [("password_reset", 1 / 24), ("verify_email", 7), ("invitation", 14), ("email_change", 7)]
)
def test_a_link_works_for_its_time_only(client, purpose, days):
    user = make_user(password_hash=None, verified_at=None)
    token = make_token(purpose, user, email="new@example.org")
    body = {"token": token, "password": OTHER_PASSWORD}
    address = {
        "password_reset": "password-reset/confirm",
        "verify_email": "verify-email",
        "invitation": "invitations/accept",
        "email_change": "email/confirm",
    }[purpose]
    body = body if purpose in ("password_reset", "invitation") else {"token": token}
    with time_machine.travel(now() + timedelta(days=days, seconds=5), tick=False):
        assert client.post(f"/api/users/{address}", json=body).status_code == 400
    with time_machine.travel(now() + timedelta(days=days, seconds=-5), tick=False):
        assert client.post(f"/api/users/{address}", json=body).status_code == 200


@pytest.mark.parametrize("purpose", PAGES)
def test_a_link_is_for_one_purpose(client, purpose):
    token = make_token(purpose, make_account(verified_at=None))
    answers = {
        "verify_email": verify(client, token).status_code,
        "password_reset": reset(client, token).status_code,
    }
    assert {name for name, code in answers.items() if code == 200} == answers.keys() & {purpose}


def test_a_link_of_an_account_that_is_switched_off_or_gone_does_nothing(client):
    user = make_account(verified_at=None)
    token = make_token("verify_email", user)
    user.is_active = False
    assert verify(client, token).status_code == 400
    db.session.delete(user)
    assert verify(client, token).status_code == 400


@pytest.mark.parametrize("token", ["", "x", "a.b.c", "\u0000", "x" * 1001, None, 7])
def test_a_link_that_was_never_made_is_400(client, token):
    assert verify(client, token).status_code == 400


def test_a_changed_token_is_refused(client):
    token = make_token("verify_email", make_user(verified_at=None))
    for place in range(0, len(token) - 1, 7):
        other = "A" if token[place] != "A" else "B"
        assert verify(client, token[:place] + other + token[place + 1 :]).status_code == 400


def test_the_verification_mail_can_be_sent_again_some_times(client, limits):
    user = make_account(verified_at=None)
    headers = sign_in(user)
    codes = [client.post("/api/users/verify-email/resend", headers=headers).status_code for _ in range(6)]
    assert codes == [200] * 5 + [429]
    user.verified_at = now()
    assert client.post("/api/users/verify-email/resend", headers=headers).status_code == 409


def ask_change(client, user, email="new@example.org", password=PASSWORD):
    return client.post("/api/users/email", json={"email": email, "password": password}, headers=sign_in(user))


def confirm_change(client, token):
    return client.post("/api/users/email/confirm", json={"token": token})


def test_a_new_address_is_taken_when_its_link_is_followed_and_the_old_one_is_told(client):
    user = make_account(email="old@example.org")
    assert ask_change(client, user).status_code == 200
    assert user.email == "old@example.org"
    [mail] = mails()
    assert find_recipient(mail).email == "new@example.org"
    assert confirm_change(client, link_of(mail)[1]).json["email"] == "new@example.org"
    assert find_recipient(mails()[-1]).email == "old@example.org"
    assert mails()[-1].kind == "email_changed"
    assert login(client, "old@example.org").status_code == 401
    assert login(client, "new@example.org").status_code == 200


def test_changing_the_address_needs_the_password(client):
    response = ask_change(client, make_account(), password="wrong")
    assert response.status_code == 400
    assert list(response.json["errors"]) == ["password"]
    assert mails() == []


def test_whether_a_new_address_is_in_use_is_not_told(client):
    user, other = make_account(), make_account()
    free, taken = ask_change(client, user), ask_change(client, user, other.email)
    assert (free.status_code, free.text) == (taken.status_code, taken.text)
    assert len(mails()) == 1


def test_an_address_that_was_taken_meanwhile_is_409(client):
    user = make_account()
    token = make_token("email_change", user, email="new@example.org")
    make_user(email="New@example.org")
    assert confirm_change(client, token).status_code == 409


def test_a_changed_address_spends_links_to_the_old_one(client):
    user = make_account()
    old = make_token("password_reset", user)
    confirm_change(client, make_token("email_change", user, email="new@example.org"))
    assert reset(client, old).status_code == 400
