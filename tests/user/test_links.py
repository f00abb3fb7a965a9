"""The links of account mails: each works once, for its purpose, by POST only."""

import re
from datetime import timedelta

import pytest
import time_machine
from sqlalchemy import select

from smartskill.database import now
from smartskill.extensions import db
from smartskill.notifications.models import Delivery
from smartskill.notifications.services.recipients import find_recipient
from smartskill.notifications.services.rendering import KINDS, render
from smartskill.user.mails import LINKLESS, PAGES, TEXTS, make_content, still_holds
from smartskill.user.models import User
from smartskill.user.services.mail_tokens import make_token
from tests.factories import make_user, sign_in
from tests.user.people import OTHER_PASSWORD, PASSWORD, bearer, login, make_account

BROWSER = {"Accept": "text/html,application/xhtml+xml,application/xml;q=0.9,*/*;q=0.8"}


def mails() -> list[Delivery]:
    return list(db.session.scalars(select(Delivery).order_by(Delivery.id)))


def link_of(mail: Delivery) -> tuple[str, str]:
    """Path and token of the link in a mail as it would be sent now."""
    address = make_content(mail)["button"]["url"]
    path, token = re.fullmatch(r"(/[a-z-]+)\?token=(.+)", address).groups()
    return path, token


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


def test_opening_a_link_changes_nothing_and_its_button_does(client):
    user = make_account(verified_at=None)
    token = make_token("verify_email", user)
    page = client.get(f"/verify-email?token={token}")
    assert page.status_code == 200
    assert page.mimetype == "text/html"
    assert user.verified_at is None
    sent = re.search(r'name="token" value="([^"]+)"', page.text)[1]
    assert client.post("/verify-email", data={"token": sent}).status_code == 200
    assert user.verified_at is not None


def test_the_pages_are_shut_tight(client):
    page = client.get("/reset-password?token=x")
    assert "default-src 'none'" in page.headers["Content-Security-Policy"]
    assert "form-action 'self'" in page.headers["Content-Security-Policy"]
    assert page.headers["Cache-Control"] == "no-store"
    assert page.headers["Referrer-Policy"] == "no-referrer"


def test_a_page_shows_what_it_was_given_as_text(client):
    page = client.get("/verify-email", query_string={"token": '"><script>alert(1)</script>'})
    assert "<script>" not in page.text


def test_a_browser_is_answered_a_page_when_a_link_is_spent_and_a_program_a_problem(client):
    form = {"token": "spent"}
    page = client.post("/verify-email", data=form, headers=BROWSER)
    assert (page.status_code, page.mimetype) == (400, "text/html")
    assert "does not work any more" in page.text
    problem = client.post("/verify-email", data=form)
    assert (problem.status_code, problem.mimetype) == (400, "application/problem+json")


def test_the_reset_page_says_why_a_password_is_refused_and_keeps_its_form(client):
    user = make_account()
    token = make_token("password_reset", user)
    page = client.post("/reset-password", data={"token": token, "password": "password1"}, headers=BROWSER)
    assert page.status_code == 400
    assert "common password" in page.text
    assert token in page.text
    done = client.post("/reset-password", data={"token": token, "password": OTHER_PASSWORD}, headers=BROWSER)
    assert done.status_code == 200
    assert login(client, user.email, OTHER_PASSWORD).status_code == 200


def test_pages_speak_the_readers_language(client):
    page = client.get("/verify-email?token=x", headers={"Accept-Language": "de-AT,de;q=0.9"})
    assert "Adresse bestätigen" in page.text
    assert '<html lang="de">' in page.text


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


def test_the_address_page_takes_the_new_address(client):
    user = make_account()
    token = make_token("email_change", user, email="new@example.org")
    assert client.post("/confirm-email", data={"token": token}).status_code == 200
    assert user.email == "new@example.org"


@pytest.mark.parametrize("kind", [*PAGES, *LINKLESS])
@pytest.mark.parametrize("locale", ["en", "de-AT"])
def test_every_account_mail_can_be_written_in_every_language(app, kind, locale):
    user = make_user(locale=locale, full_name="Anna")
    mail = Delivery(
        user_id=user.id, kind=kind, mail_class="account", campaign_key=kind, message_id=kind,
        content={"email": "new@example.org"},
    )  # fmt: skip
    db.session.add(mail)
    db.session.flush()
    text, html = render(make_content(mail), mail, find_recipient(mail))
    assert "Anna" in text
    assert ("http" in text) == (kind in PAGES)
    assert "{" not in text
    assert "<html" in html
    assert KINDS[kind].mail_class == "account"


def test_both_languages_say_the_same_things():
    assert TEXTS["en"].keys() == TEXTS["de"].keys()


def test_a_mail_with_nothing_left_to_say_is_not_sent(app):
    user = make_user()
    facts = {"user_id": user.id, "mail_class": "account", "content": {}}
    assert not still_holds(Delivery(kind="verify_email", **facts))
    user.verified_at = None
    assert still_holds(Delivery(kind="verify_email", **facts))
    assert still_holds(Delivery(kind="invitation", **facts))
    user.password_hash = "hash"
    assert not still_holds(Delivery(kind="invitation", **facts))
    assert db.session.get(User, user.id) is user
