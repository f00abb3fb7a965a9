"""Guessing is slowed down, and whose account is guessed at is not shut out."""

import threading

import pytest
from sqlalchemy import func, select

from smartskill.extensions import db
from smartskill.notifications.models import Delivery
from smartskill.user.services.signing_in import network_of
from tests.user.people import PASSWORD, login, make_account

PER_ACCOUNT, PER_ADDRESS = 4, 6


@pytest.fixture(autouse=True)
def few(app, limits, monkeypatch):
    """Small limits, since each guess costs a tenth of a second."""
    monkeypatch.setitem(app.config, "LOGIN_FAILURES_PER_ACCOUNT", f"{PER_ACCOUNT} per hour")
    monkeypatch.setitem(app.config, "LOGIN_FAILURES_PER_ADDRESS", f"{PER_ADDRESS} per hour")


def guesses(client, email, number, addresses=("203.0.113.1",)):
    places = [addresses[index % len(addresses)] for index in range(number)]
    return [login(client, email, "wrong", address=place).status_code for place in places]


def test_so_many_guesses_an_hour_get_through_from_one_address(client):
    user = make_account()
    assert guesses(client, user.email, 8) == [401] * PER_ACCOUNT + [429] * (8 - PER_ACCOUNT)


def test_many_addresses_get_no_more_guesses(client):
    user = make_account()
    addresses = [f"203.0.113.{number}" for number in range(1, 11)]
    assert guesses(client, user.email, 10, addresses).count(401) == PER_ACCOUNT


def test_the_refusal_says_how_long_to_wait(client):
    user = make_account()
    guesses(client, user.email, PER_ACCOUNT)
    response = login(client, user.email, address="203.0.113.9")
    assert response.status_code == 429
    assert 3000 < int(response.headers["Retry-After"]) <= 3600
    assert response.mimetype == "application/problem+json"


def test_the_right_password_beyond_the_limit_is_no_better_than_a_wrong_one(client, stranger):
    user = make_account()
    guesses(stranger, user.email, PER_ACCOUNT)
    assert login(stranger, user.email, address="203.0.113.1").status_code == 429


def test_the_owner_signs_in_meanwhile_from_where_they_did_before(app, client, stranger):
    user = make_account()
    login(client, user.email, address="198.51.100.1")
    assert 429 in guesses(stranger, user.email, 6, ["203.0.113.1", "203.0.113.2"])
    assert login(app.test_client(), user.email, address="198.51.100.1").status_code == 200


def test_the_owner_signs_in_meanwhile_from_a_known_device_anywhere(client, stranger):
    user = make_account()
    login(client, user.email, address="198.51.100.1")
    assert 429 in guesses(stranger, user.email, 6)
    assert login(client, user.email, address="203.0.113.1").status_code == 200


def test_a_device_that_is_known_to_another_account_is_a_stranger_here(client):
    mine, theirs = make_account(), make_account()
    login(client, mine.email)
    assert guesses(client, theirs.email, 6).count(401) == PER_ACCOUNT


def test_a_known_device_has_a_limit_of_its_own(client):
    user = make_account()
    login(client, user.email)
    assert guesses(client, user.email, PER_ACCOUNT + 2).count(401) == PER_ACCOUNT


def test_trying_many_accounts_from_one_address_ends_too(client):
    people = [make_account().email for _ in range(PER_ADDRESS + 2)]
    codes = [login(client, email, "wrong", address="203.0.113.1").status_code for email in people]
    assert codes == [401] * PER_ADDRESS + [429] * 2


def test_one_ipv6_household_is_one_address(client):
    people = [make_account().email for _ in range(PER_ADDRESS + 2)]
    codes = [
        login(client, email, "wrong", address=f"2001:db8::{number}").status_code for number, email in enumerate(people)
    ]
    assert codes.count(401) == PER_ADDRESS


def test_accounts_that_do_not_exist_are_limited_alike(client):
    assert guesses(client, "nobody@example.org", 8) == [401] * PER_ACCOUNT + [429] * (8 - PER_ACCOUNT)


def test_signing_in_rightly_is_never_counted_against_one(app):
    user = make_account()
    codes = [login(app.test_client(), user.email, address="198.51.100.1").status_code for _ in range(PER_ADDRESS + 2)]
    assert codes == [200] * (PER_ADDRESS + 2)


def test_the_limits_hold_while_redis_is_away(app, client, limits, monkeypatch):
    def gone(*given, **more):
        raise ConnectionError("gone")

    monkeypatch.setattr(limits.shared, "hit", gone)
    monkeypatch.setattr(limits.shared, "get_window_stats", gone)
    user = make_account()
    assert guesses(client, user.email, 6) == [401] * PER_ACCOUNT + [429] * 2


def test_guesses_at_once_are_counted_one_by_one(app, committed):
    user, codes = make_account(), []
    email, gate = user.email, threading.Barrier(8)

    def guess():
        with app.app_context():
            gate.wait()
            codes.append(login(app.test_client(), email, "wrong").status_code)

    db.session.commit()
    threads = [threading.Thread(target=guess) for _ in range(8)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    assert sorted(codes) == [401] * PER_ACCOUNT + [429] * 4


@pytest.mark.parametrize(
    ("address", "network"),
    [
        ("192.0.2.7", "192.0.2.7"),
        ("::ffff:192.0.2.7", "192.0.2.7"),
        ("2001:db8:1:2:3:4:5:6", "2001:db8:1:2::/64"),
        ("fe80::1%eth0", "fe80::/64"),
        ("", "unknown"),
        ("unix:", "unknown"),
    ],
)
def test_a_network_is_an_address_or_an_ipv6_household(address, network):
    assert network_of(address) == network


def test_mail_requests_are_limited_by_address(client, app, monkeypatch):
    monkeypatch.setitem(app.config, "MAIL_REQUESTS_PER_ADDRESS", "2 per hour")
    codes = [
        client.post("/api/users/password-reset", json={"email": f"p{n}@example.org"}).status_code for n in range(3)
    ]
    assert codes == [200, 200, 429]


def test_nobody_can_have_a_mailbox_flooded(app, client):
    user = make_account()
    for number in range(7):
        place = {"REMOTE_ADDR": f"203.0.113.{number}"}
        body = {"email": user.email}
        assert client.post("/api/users/password-reset", json=body, environ_overrides=place).status_code == 200
    assert db.session.scalar(select(func.count()).select_from(Delivery)) == 5
    assert login(client, user.email, PASSWORD).status_code == 200
