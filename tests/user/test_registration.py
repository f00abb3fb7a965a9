"""Registering: what is asked, what is refused, and what it leads to."""

import pytest
from sqlalchemy import select

from smartskill.extensions import db
from smartskill.notifications.models import Delivery
from smartskill.user.models import User
from tests.factories import make_user
from tests.user.people import PASSWORD, login

ANNA = {"email": "anna.schmidt@example.org", "password": PASSWORD}


def register(client, **body):
    return client.post("/api/users/", json={**ANNA, **body})


def test_an_address_and_a_password_make_an_account(client):
    response = register(client)
    assert response.status_code == 200
    assert response.headers["Location"] == f"/api/users/{response.json['id']}"
    assert response.headers["ETag"]
    user = response.json
    assert user.pop("created_at").endswith("Z")
    assert user.pop("id") > 0
    assert user == {
        "email": "anna.schmidt@example.org",
        "username": None,
        "full_name": "anna.schmidt",
        "role": "employee",
        "title": None,
        "team_id": None,
        "manager_id": None,
        "locale": "en",
        "timezone": "UTC",
        "is_active": True,
        "leaves_on": None,
        "is_verified": False,
    }


def test_the_new_account_can_sign_in_before_its_address_is_verified(client):
    register(client)
    assert login(client, "ANNA.schmidt@example.org").status_code == 200


def test_the_password_is_stored_as_argon2id_only(client):
    user_id = register(client).json["id"]
    stored = db.session.get(User, user_id).password_hash
    assert stored.startswith("$argon2id$v=19$m=65536,t=3,p=4$")
    assert PASSWORD not in stored


def test_registering_sends_a_mail_that_asks_for_confirmation(client):
    user_id = register(client).json["id"]
    [mail] = db.session.scalars(select(Delivery)).all()
    assert (mail.kind, mail.user_id, mail.mail_class) == ("verify_email", user_id, "account")
    assert "token" not in str(mail.content)


@pytest.mark.parametrize("email", ["anna.schmidt@example.org", "Anna.SCHMIDT@Example.org"])
def test_an_address_has_one_account_whatever_its_capitals(client, email):
    register(client)
    response = register(client, email=email)
    assert response.status_code == 409
    assert response.json["errors"] == {"email": ["This address already has an account."]}


def test_a_user_name_belongs_to_one_person(client):
    make_user(username="Anna")
    assert register(client, username="anna").json["errors"] == {"username": ["This user name is taken."]}


@pytest.mark.parametrize(
    ("field", "value"),
    [
        ("email", "anna"),
        ("email", "anna@localhost"),
        ("email", "a@b@example.org"),
        ("email", "anna@example.org\r\nBcc: all@example.org"),
        ("email", "a" * 250 + "@example.org"),
        ("email", None),
        ("email", ""),
        ("email", ["anna@example.org"]),
        ("password", "short7!"),
        ("password", "x" * 257),
        ("password", "quiet otter\x00 crosses nine rivers"),
        ("password", 12345678),
        ("full_name", "Anna\nSchmidt"),
        ("full_name", "   "),
        ("full_name", "x" * 201),
        ("username", "an"),
        ("username", "anna@example.org"),
        ("username", "an\nna"),
        ("locale", "klingon"),
        ("locale", "../../etc/passwd"),
        ("timezone", "Mars/Olympus"),
        ("timezone", "europe/vienna"),
        ("timezone", "../../etc/passwd"),
        ("role", "admin"),
        ("is_active", True),
        ("id", 1),
    ],
)
def test_what_is_wrong_is_refused_by_name(client, field, value):
    response = register(client, **{field: value})
    assert response.status_code == 400
    assert list(response.json["errors"]) == [field]
    assert db.session.scalar(select(User)) is None


@pytest.mark.parametrize(
    "email", ["o'brien@example.co.uk", "a+b@example.org", "x@sub.corp.local", "i@xn--bcher-kva.example", "q@a-b.test"]
)
def test_addresses_that_people_have_are_taken(client, email):
    assert register(client, email=email).json["email"] == email


@pytest.mark.parametrize(("given", "kept"), [("de_at", "de-AT"), ("pt-BR", "pt-BR"), ("zh-hant-tw", "zh-Hant-TW")])
def test_a_locale_is_kept_in_its_own_spelling(client, given, kept):
    assert register(client, locale=given, timezone="Europe/Vienna").json["locale"] == kept


@pytest.mark.parametrize(
    ("password", "reason"),
    [
        ("password", "similar to a commonly used password"),
        ("12345678", "top-10 common password|top-100 common password"),
        ("qwertyuiop", "common password"),
        ("aaaaaaaaaaaa", "Repeats"),
        ("annaschmidt", "too easy|easy to guess|names"),
        ("smartskill1", "too easy|easy to guess|names"),
    ],
)
def test_a_guessable_password_is_refused_with_reason_and_advice(client, password, reason):
    response = register(client, password=password, full_name="Anna Schmidt")
    assert response.status_code == 400
    messages = response.json["errors"]["password"]
    assert len(messages) >= 2
    assert all(message.endswith(".") for message in messages)


def test_ones_own_words_make_a_password_guessable(client):
    words = {"full_name": "Wilhelmina Featherstonehaugh", "password": "featherstonehaugh"}
    assert register(client, **words).status_code == 400
    assert register(client, full_name="Anna", password="featherstonehaugh").status_code == 200


def test_the_longest_password_counts_whole(client):
    long = PASSWORD + "x" * (256 - len(PASSWORD))
    register(client, password=long)
    assert login(client, ANNA["email"], long).status_code == 200
    assert login(client, ANNA["email"], long[:-1] + "y").status_code == 401


def test_a_password_is_the_same_however_its_accents_were_typed(client):
    register(client, password="caf\u00e9 au lait at nine \u00fcber")
    assert login(client, ANNA["email"], "cafe\u0301 au lait at nine u\u0308ber").status_code == 200


def test_spaces_around_a_password_are_part_of_it(client):
    register(client, password=f" {PASSWORD} ")
    assert login(client, ANNA["email"], PASSWORD).status_code == 401
    assert login(client, ANNA["email"], f" {PASSWORD} ").status_code == 200


@pytest.mark.parametrize("mode", ["invitation", "closed"])
def test_where_registration_is_not_open_it_is_refused(client, app, monkeypatch, mode):
    monkeypatch.setitem(app.config, "REGISTRATION", mode)
    assert register(client).status_code == 403


def test_a_repeat_with_the_same_key_makes_no_second_account(client):
    key = {"Idempotency-Key": "registration-1"}
    first = client.post("/api/users/", json=ANNA, headers=key)
    again = client.post("/api/users/", json=ANNA, headers=key)
    assert (first.status_code, again.status_code) == (200, 200)
    assert first.json == again.json


def test_both_slash_forms_answer(client):
    assert client.post("/api/users", json=ANNA).status_code == 200


def test_a_network_registers_so_many_an_hour(client, app, limits, monkeypatch):
    monkeypatch.setitem(app.config, "REGISTRATIONS_PER_ADDRESS", "2 per hour")
    answers = [register(client, email=f"p{number}@example.org") for number in range(3)]
    assert [answer.status_code for answer in answers] == [200, 200, 429]
    assert 0 < int(answers[2].headers["Retry-After"]) <= 3600
