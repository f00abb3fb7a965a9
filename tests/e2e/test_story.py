"""A new user's first hour: from registering to a notice read and unsubscribed from, by HTTP and two commands."""

import re
from datetime import date, timedelta

import pytest

from tests.e2e.product import Product, path_of, wait_until

PASSWORD = "plume-orbit-candle-29"
EMAIL = "ada@example.com"


@pytest.fixture(scope="module")
def product(tmp_path_factory):
    running = Product(tmp_path_factory.mktemp("e2e") / "instance", "--no-demo")
    running.wait_until_ready()
    yield running
    running.end()


@pytest.fixture(scope="module")
def token(product) -> str:
    status, headers, user = product.ask(
        "POST", "/api/users/", {"email": EMAIL, "password": PASSWORD, "full_name": "Ada Lovelace"}
    )
    assert (status, headers["Location"]) == (200, f"/api/users/{user['id']}"), user
    status, _, signed_in = product.ask("POST", "/api/users/login", {"email": EMAIL, "password": PASSWORD})
    assert (status, signed_in["token_type"], signed_in["user"]["email"]) == (200, "Bearer", EMAIL)
    return signed_in["access_token"]


def subjects(product) -> list[str]:
    return [mail["subject"] for mail in product.mails_to(EMAIL)]


def test_the_address_is_verified_by_the_mailed_link_on_post_only(product, token):
    wait_until(lambda: bool(product.mails_to(EMAIL)), 30)
    link = re.search(r"http://\S+/verify-email\?token=\S+", product.mails_to(EMAIL)[0]["text"])[0]
    status, _, page = product.ask("GET", path_of(link))
    assert status == 200
    assert "<form" in page
    assert product.ask("GET", "/api/users/me", token=token)[2]["is_verified"] is False
    status, _, answer = product.ask("POST", "/api/users/verify-email", {"token": link.partition("token=")[2]})
    assert status == 200, answer
    assert product.ask("GET", "/api/users/me", token=token)[2]["is_verified"] is True


def test_a_skill_is_added_and_rated_an_experience_and_a_qualification_recorded(product, token):
    status, _, skill = product.ask("POST", "/api/skills/", {"name": "Analytical engines"}, token)
    assert (status, skill["status"]) == (200, "proposed")
    status, _, rated = product.ask("PUT", f"/api/users/me/skills/{skill['id']}", {"level": 4, "interest": 5}, token)
    assert (status, rated["level"], rated["self_level"], rated["confidence"]) == (200, 4, 4, 0.4)
    experience = {
        "organisation": "Babbage & Co.",
        "title": "Programmer",
        "start": "1942-07",
        "skill_ids": [skill["id"]],
    }
    status, _, answer = product.ask("POST", "/api/experience/", experience, token)
    assert (status, answer["start"], answer["end"]) == (200, "1942-07", None)
    expires = (date.today() + timedelta(days=20)).isoformat()
    status, _, held = product.ask("POST", "/api/qualification/", {"title": "First aid", "expires_on": expires}, token)
    assert (status, held["status"]) == (200, "expiring"), held


def test_the_notice_is_planned_explained_sent_read_and_unsubscribed_from(product, token):
    planned = product.flask("notify", "plan", "--now")
    assert planned.returncode == 0, planned.stdout + planned.stderr
    explained = product.flask("notify", "explain", EMAIL)
    assert "qualification_expiring" in explained.stdout
    assert "First aid" in explained.stdout
    status, _, decisions = product.ask("GET", "/api/notifications/decisions", token=token)
    assert status == 200
    assert "qualification_expiring" in {decision["action"] for decision in decisions}

    wait_until(lambda: any("First aid" in subject for subject in subjects(product)), 60, lambda: str(subjects(product)))
    mail = next(mail for mail in product.mails_to(EMAIL) if "First aid" in mail["subject"])
    headers = (
        {name.lower(): value for name, value in mail["headers"]}
        if isinstance(mail["headers"], list)
        else mail["headers"]
    )
    assert headers["list-unsubscribe-post"] == "List-Unsubscribe=One-Click"
    link = headers["list-unsubscribe"].strip("<>")
    assert len(link) <= 72
    assert "20 days" in mail["text"]

    assert product.ask("GET", path_of(link))[0] == 200
    status, _, answer = product.ask(
        "POST", path_of(link), "List-Unsubscribe=One-Click", Content_Type="application/x-www-form-urlencoded"
    )
    assert status == 200, answer

    expires = (date.today() + timedelta(days=5)).isoformat()
    product.ask("POST", "/api/qualification/", {"title": "Fire warden", "expires_on": expires}, token)
    assert product.flask("notify", "plan", "--now").returncode == 0
    assert product.flask("notify", "send", "--now").returncode == 0
    assert not any("Fire warden" in subject for subject in subjects(product))
    inbox = product.ask("GET", "/api/notifications/", token=token)[2]
    assert any("Fire warden" in str(entry) for entry in inbox)


def test_doctor_finds_a_running_product_healthy(product):
    checked = product.flask("doctor")
    assert checked.returncode == 0, checked.stdout + checked.stderr
