"""Addresses that get no mail: seen, added and lifted by administrators, over HTTP and by command."""

import pytest

from smartskill.extensions import db
from smartskill.notifications.models import Suppression
from smartskill.notifications.services.suppressions import suppress
from tests.factories import make_user, sign_in
from tests.notifications.conftest import plan, send_all

pytestmark = pytest.mark.usefixtures("kinds")
ADDRESS = "/api/notifications/suppressions/"


@pytest.fixture
def admin(app):
    return sign_in(make_user("admin"))


def test_an_added_address_gets_no_mail_until_it_is_lifted(client, admin, sink):
    user = make_user(email="Gone@Example.com")
    answer = client.post(ADDRESS, json={"email": "gone@EXAMPLE.com"}, headers=admin)
    assert (answer.status_code, answer.json["email"], answer.json["scope"]) == (200, "gone@example.com", "all")
    duty = plan(user, "duty")
    assert send_all() == {"cancelled": 1}
    assert duty.reason == "suppressed"
    lifted = client.post(f"{answer.headers['Location']}/lift", json={"because": "mended"}, headers=admin)
    assert lifted.json["lifted_because"] == "mended"
    plan(user, "duty", "k2")
    assert send_all() == {"sent": 1}


def test_the_scope_subscription_leaves_service_mail(app, sink):
    user = make_user()
    suppress(user.email, "subscription", "complaint")
    plan(user, "duty")
    plan(user, "hint", "k2")
    assert send_all() == {"sent": 1, "cancelled": 1}


def test_adding_and_lifting_twice_is_once(client, admin):
    ids = {client.post(ADDRESS, json={"email": "a@example.com"}, headers=admin).json["id"] for _ in range(2)}
    [number] = ids
    for because in ("first", "second"):
        answer = client.post(f"{ADDRESS}{number}/lift", json={"because": because}, headers=admin)
        assert answer.json["lifted_because"] == "first"
    again = client.post(ADDRESS, json={"email": "a@example.com"}, headers=admin)
    assert (again.json["id"], again.json["lifted_at"]) == (number, None)


def test_the_list_is_filtered(client, admin):
    for email, scope in (("a@example.com", "all"), ("b@example.com", "subscription")):
        client.post(ADDRESS, json={"email": email, "scope": scope}, headers=admin)
    row = suppress("c@example.com", "all", "hard_bounce")
    client.post(f"{ADDRESS}{row.id}/lift", json={"because": "mended"}, headers=admin)

    def emails(query: str) -> list[str]:
        return [found["email"] for found in client.get(f"{ADDRESS}?{query}", headers=admin).json]

    assert emails("") == ["b@example.com", "a@example.com"]
    assert emails("scope=all") == ["a@example.com"]
    assert emails("email=B@Example.com") == ["b@example.com"]
    assert emails("lifted=true") == ["c@example.com"]


@pytest.mark.parametrize(
    ("body", "field"),
    [({"email": "x"}, "email"), ({"email": "a@example.com\r\nx"}, "email"), ({}, "email"),
     ({"email": "a@example.com", "scope": "none"}, "scope")],
)  # fmt: skip
def test_what_is_no_address_or_scope_is_named(client, admin, body, field):
    answer = client.post(ADDRESS, json=body, headers=admin)
    assert answer.status_code == 400
    assert field in str(answer.json)


def test_the_command_lists_adds_and_lifts(app):
    run = app.test_cli_runner().invoke
    assert (
        "a@example.com  subscription  by_hand"
        in run(args=["notify", "suppressions", "--add", "A@example.com", "--scope", "subscription"]).output
    )
    assert run(args=["notify", "suppressions", "--lift", "a@example.com"]).exit_code == 1
    assert run(args=["notify", "suppressions", "--lift", "a@example.com", "--because", "mended"]).output == ""
    assert db.session.scalar(db.select(Suppression)).lifted_because == "mended"
