"""Who sees and changes what of whom."""

import threading

import pytest
from sqlalchemy import select

from smartskill.extensions import db
from smartskill.notifications.models import Delivery
from smartskill.user.models import User
from smartskill.user.services.policy import relation
from tests.factories import make_user, sign_in
from tests.user.people import make_account

PRIVATE = ("email", "username", "locale", "timezone", "is_verified")


@pytest.fixture
def company(app):
    """A line of four, somebody beside it, HR and an admin."""
    top = make_user("manager", full_name="Top")
    middle = make_user("manager", full_name="Middle", manager_id=top.id)
    anna = make_user(full_name="Anna", username="anna", title="Engineer", manager_id=middle.id)
    return {
        "self": anna,
        "manager": middle,
        "manager's manager": top,
        "colleague": make_user(full_name="Colleague", manager_id=middle.id),
        "other manager": make_user("manager", full_name="Other"),
        "hr": make_user("hr", full_name="Hr"),
        "admin": make_user("admin", full_name="Admin"),
    }


SEES_ALL = ("self", "manager", "manager's manager", "hr", "admin")
SEES_LITTLE = ("colleague", "other manager")


@pytest.mark.parametrize("who", SEES_ALL)
def test_private_fields_are_shown_to(client, company, who):
    anna = company["self"]
    for address in (f"/api/users/{anna.id}", "/api/users/?q=Anna"):
        answer = client.get(address, headers=sign_in(company[who])).json
        user = answer if isinstance(answer, dict) else answer[0]
        assert (user["email"], user["username"], user["timezone"]) == (anna.email, "anna", "UTC")


@pytest.mark.parametrize("who", SEES_LITTLE)
def test_private_fields_are_null_to(client, company, who):
    anna = company["self"]
    for address in (f"/api/users/{anna.id}", "/api/users/?q=Anna"):
        answer = client.get(address, headers=sign_in(company[who])).json
        user = answer if isinstance(answer, dict) else answer[0]
        assert [user[name] for name in PRIVATE] == [None] * len(PRIVATE)
        assert (user["full_name"], user["title"], user["manager_id"]) == ("Anna", "Engineer", anna.manager_id)


def test_a_manager_is_a_colleague_to_those_above(client, company):
    above = client.get(f"/api/users/{company['manager'].id}", headers=sign_in(company["self"]))
    assert above.json["email"] is None


def test_relations_are_told_apart(company):
    anna = company["self"]
    found = {who: relation(person, anna.id) for who, person in company.items()}
    assert found == {
        "self": "self",
        "manager": "manager",
        "manager's manager": "manager",
        "colleague": "colleague",
        "other manager": "colleague",
        "hr": "hr",
        "admin": "admin",
    }


ALL_FIELDS = {
    "full_name": "Anna Schmidt",
    "username": "anna2",
    "title": "Lead",
    "locale": "de",
    "timezone": "Europe/Vienna",
    "email": "other@example.org",
    "role": "admin",
    "is_active": False,
}
MAY = {
    "self": {"full_name", "username", "title", "locale", "timezone"},
    "manager": set(),
    "manager's manager": set(),
    "colleague": set(),
    "other manager": set(),
    "hr": {"title", "team_id", "manager_id"},
    "admin": {*ALL_FIELDS, "team_id", "manager_id"},
}


@pytest.mark.parametrize("who", MAY)
@pytest.mark.parametrize("field", [*ALL_FIELDS, "team_id", "manager_id"])
def test_each_field_is_changed_by_those_who_may(client, company, who, field):
    anna = company["self"]
    wanted = {**ALL_FIELDS, "team_id": None, "manager_id": company["other manager"].id}[field]
    if field == "team_id":
        anna.team_id = client.post("/api/users/teams/", json={"name": "T"}, headers=sign_in(company["hr"])).json["id"]
    before = getattr(anna, field)
    response = client.patch(f"/api/users/{anna.id}", json={field: wanted}, headers=sign_in(company[who]))
    stored = getattr(db.session.get(User, anna.id), field)
    if field in MAY[who]:
        assert response.status_code == 200
        assert stored == wanted
    else:
        assert response.status_code == 403
        assert stored == before


@pytest.mark.parametrize("field", ["id", "created_at", "is_verified", "password", "password_hash", "nonsense"])
def test_what_nobody_may_write_is_400(client, company, field):
    for who in ("self", "admin"):
        response = client.patch(f"/api/users/{company['self'].id}", json={field: 1}, headers=sign_in(company[who]))
        assert response.status_code == 400
        assert list(response.json["errors"]) == [field]


def test_a_refusal_names_the_fields_and_changes_none(client, company):
    anna = company["self"]
    response = client.patch("/api/users/me", json={"title": "Lead", "role": "admin"}, headers=sign_in(anna))
    assert response.status_code == 403
    assert list(response.json["errors"]) == ["role"]
    assert anna.title == "Engineer"


def test_what_is_sent_as_it_is_may_be_sent_by_anybody_who_may_write(client, company):
    anna = company["self"]
    body = {"title": "Lead", "role": "employee", "email": anna.email, "manager_id": anna.manager_id, "is_active": True}
    assert client.patch("/api/users/me", json=body, headers=sign_in(anna)).status_code == 200


def test_replacing_resets_the_profile_and_leaves_the_account(client, company):
    anna = company["self"]
    response = client.put("/api/users/me", json={"full_name": "Anna S."}, headers=sign_in(anna))
    assert response.status_code == 200
    assert (anna.full_name, anna.username, anna.title, anna.locale) == ("Anna S.", None, None, "en")
    assert (anna.role, anna.manager_id, anna.is_active) == ("employee", company["manager"].id, True)


def test_replacing_needs_the_name(client, company):
    response = client.put("/api/users/me", json={}, headers=sign_in(company["self"]))
    assert list(response.json["errors"]) == ["full_name"]


@pytest.mark.parametrize("field", ["full_name", "locale", "timezone", "role", "is_active", "email"])
def test_null_where_there_must_be_a_value_is_400(client, company, field):
    response = client.patch("/api/users/me", json={field: None}, headers=sign_in(company["admin"]))
    assert list(response.json["errors"]) == [field]


def test_a_write_that_holds_an_old_etag_is_refused(client, company):
    headers = sign_in(company["self"])
    etag = client.get("/api/users/me", headers=headers).headers["ETag"]
    first = client.patch("/api/users/me", json={"title": "A"}, headers={**headers, "If-Match": etag})
    second = client.patch("/api/users/me", json={"title": "B"}, headers={**headers, "If-Match": etag})
    assert (first.status_code, second.status_code) == (200, 412)
    weak = f"W/{first.headers['ETag']}"
    assert client.patch("/api/users/me", json={"title": "C"}, headers={**headers, "If-Match": weak}).status_code == 200


def test_what_did_not_change_is_304(client, company):
    headers = sign_in(company["self"])
    etag = client.get("/api/users/me", headers=headers).headers["ETag"]
    assert client.get("/api/users/me", headers={**headers, "If-None-Match": etag}).status_code == 304


def test_what_a_colleague_sees_has_no_etag_in_common_with_more(client, company):
    """A cached answer of one viewer must not be taken for another's: the answer says that it depends on who asks."""
    response = client.get(f"/api/users/{company['self'].id}", headers=sign_in(company["colleague"]))
    assert "Authorization" in response.headers["Vary"]
    assert response.headers["Cache-Control"].startswith("private")


@pytest.mark.parametrize(("who", "status"), [("colleague", 404), ("manager", 404), ("hr", 200), ("admin", 200)])
def test_switched_off_accounts_are_there_for_hr_only(client, company, who, status):
    company["self"].is_active = False
    headers = sign_in(company[who])
    assert client.get(f"/api/users/{company['self'].id}", headers=headers).status_code == status
    assert len(client.get("/api/users/?q=Anna", headers=headers).json) == (status == 200)
    assert len(client.get("/api/users/?is_active=false", headers=headers).json) == (status == 200)
    if status == 404:
        assert client.patch(f"/api/users/{company['self'].id}", json={"title": "x"}, headers=headers).status_code == 404


def test_a_new_address_given_by_an_admin_is_unverified_and_asked_about(client, company):
    client.patch(
        f"/api/users/{company['self'].id}", json={"email": "new@example.org"}, headers=sign_in(company["admin"])
    )
    assert company["self"].verified_at is None
    assert db.session.scalars(select(Delivery.kind)).all() == ["verify_email"]


@pytest.mark.parametrize("change", [{"role": "hr"}, {"is_active": False}])
def test_the_last_active_admin_stays(client, change):
    admin = make_user("admin")
    make_user("admin", is_active=False)
    headers = sign_in(admin)
    assert client.patch("/api/users/me", json=change, headers=headers).status_code == 409
    assert client.delete("/api/users/me", headers=headers).status_code == 409
    make_user("admin")
    assert client.patch("/api/users/me", json=change, headers=headers).status_code == 200


def test_two_admins_that_demote_each_other_leave_one(app, committed):
    admins = [make_account("admin") for _ in range(2)]
    work = [(sign_in(me), other.id) for me, other in (admins, admins[::-1])]
    db.session.commit()
    codes, gate = [], threading.Barrier(2)

    def demote(headers, user_id):
        with app.app_context():
            gate.wait()
            answer = app.test_client().patch(f"/api/users/{user_id}", json={"role": "employee"}, headers=headers)
            codes.append(answer.status_code)

    threads = [threading.Thread(target=demote, args=each) for each in work]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    left = db.session.query(User).filter_by(role="admin").count()
    assert left == 1
    assert codes.count(200) == 1
