"""The pages that links lead to: opening one does nothing, its button does."""

import re

from smartskill.user.services.mail_tokens import make_token
from tests.user.people import OTHER_PASSWORD, login, make_account

BROWSER = {"Accept": "text/html,application/xhtml+xml,application/xml;q=0.9,*/*;q=0.8"}


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


def test_the_form_leads_to_an_address_without_the_token(client):
    """A form without an action is sent to the page's own address, `?token=…` included, which the API refuses."""
    user = make_account(verified_at=None)
    page = client.get(f"/verify-email?token={make_token('verify_email', user)}")
    action = re.search(r'<form method="post" action="([^"]+)">', page.text)[1]
    sent = re.search(r'name="token" value="([^"]+)"', page.text)[1]
    assert client.post(action, data={"token": sent}, headers=BROWSER).status_code == 200
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


def test_the_address_page_takes_the_new_address(client):
    user = make_account()
    token = make_token("email_change", user, email="new@example.org")
    assert client.post("/confirm-email", data={"token": token}).status_code == 200
    assert user.email == "new@example.org"
