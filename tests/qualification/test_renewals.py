"""Chains of renewals: their seams, what is turned down in them, what is deleted out of them."""

from datetime import date, timedelta

import pytest

from smartskill.database import now
from smartskill.extensions import db
from smartskill.kit.partial_date import PartialDate
from smartskill.qualification.models import Qualification
from tests.factories import make_qualification, make_user, sign_in

TODAY = now().date()


def held(user, first: int, last: int, **given) -> Qualification:
    """Valid from so many days after today to so many days after today."""
    issued, expires = TODAY + timedelta(days=first), TODAY + timedelta(days=last)
    facts = {"issued_on": PartialDate.parse(str(issued)), "expires_on": expires, "review_state": "verified"}
    return make_qualification(user, **{**facts, **given})


def chain(client, user, row) -> dict:
    answer = client.get(f"/api/qualification/{row.id}/renewals", headers=sign_in(user))
    assert answer.status_code == 200, answer.json
    return answer.json


def links(found: dict, *names: str) -> list[tuple]:
    return [tuple(link[name] for name in names) for link in found["links"]]


def test_a_chain_is_the_same_from_each_of_its_links(client):
    """Valid −800…−400, −390…−10 (9 days between), −20…+700 (11 days together: −20 to −10)."""
    me = make_user()
    first = held(me, -800, -400)
    second = held(me, -390, -10, renews_id=first.id)
    third = held(me, -20, 700, renews_id=second.id)
    found = chain(client, me, second)
    assert found == chain(client, me, first) == chain(client, me, third)
    assert (found["newest_id"], found["status"], found["verified_status"]) == (third.id, "valid", "valid")
    seams = [(first.id, None, None), (second.id, 0, 9), (third.id, 11, 0)]
    assert links(found, "qualification_id", "overlap_days", "gap_days") == seams
    assert links(found, "status", "is_newest") == [("expired", False), ("expired", False), ("valid", True)]


def test_only_the_newest_is_reminded_of(client):
    me = make_user()
    old = held(me, -700, 10)
    new = held(me, -1, 20, renews_id=old.id, review_state="draft")
    assert links(chain(client, me, old), "qualification_id", "is_reminded_of") == [(old.id, False), (new.id, True)]


def test_a_renewal_that_nobody_verified_is_the_newest_and_not_what_compliance_sees(client):
    me = make_user()
    old = held(me, -700, -10)
    held(me, -12, 700, renews_id=old.id, review_state="submitted")
    found = chain(client, me, old)
    assert (found["status"], found["review_state"], found["verified_status"]) == ("valid", "submitted", "expired")


@pytest.mark.parametrize("state", ["rejected", "revoked"])
def test_what_was_turned_down_renews_nothing(client, state):
    me = make_user()
    old = held(me, -700, 10)
    bad = held(me, -5, 700, renews_id=old.id, review_state=state)
    found = chain(client, me, bad)
    assert (found["newest_id"], found["status"]) == (old.id, "expiring")
    assert links(found, "qualification_id", "is_reminded_of") == [(old.id, True), (bad.id, False)]
    headers, body = sign_in(me), {"title": "x", "renews_id": old.id}
    again = client.post("/api/qualification/", json=body, headers=headers)
    assert again.status_code == 200
    read = client.get(f"/api/qualification/{old.id}", headers=headers).json
    assert read["renewed_by_id"] == again.json["id"]
    assert chain(client, me, old)["newest_id"] == again.json["id"]
    assert client.post("/api/qualification/", json=body, headers=headers).status_code == 409
    refused = client.post("/api/qualification/", json={"title": "x", "renews_id": bad.id}, headers=headers)
    assert list(refused.json["errors"]) == ["renews_id"]


def test_a_rejected_one_cannot_come_back_where_another_took_its_place(client):
    me = make_user()
    old = held(me, -700, 10)
    bad = held(me, -5, 700, renews_id=old.id, review_state="rejected")
    held(me, -5, 700, renews_id=old.id, review_state="draft")
    answer = client.post(f"/api/qualification/{bad.id}/review", json={"decision": "submit"}, headers=sign_in(me))
    assert (answer.status_code, answer.json["detail"]) == (409, "This was renewed already.")


def test_the_chain_closes_over_what_is_revoked_and_over_what_is_deleted(client):
    me, hr = make_user(), make_user("hr")
    first = held(me, -1500, -1000)
    second = held(me, -1000, -500, renews_id=first.id)
    third = held(me, -500, 10, renews_id=second.id)
    fourth = held(me, -5, 700, renews_id=third.id)
    body = {"decision": "revoke", "note": "Forged."}
    assert client.post(f"/api/qualification/{second.id}/review", json=body, headers=sign_in(hr)).status_code == 200
    assert db.session.get(Qualification, third.id).renews_id == first.id
    assert client.delete(f"/api/qualification/{third.id}", headers=sign_in(me)).status_code == 200
    assert db.session.get(Qualification, fourth.id).renews_id == first.id
    found = chain(client, me, first)
    assert found["newest_id"] == fourth.id
    assert links(found, "qualification_id") == [(first.id,), (second.id,), (fourth.id,)]


def test_a_chain_is_seen_by_those_who_see_the_qualification(client):
    boss = make_user()
    row = held(make_user(manager_id=boss.id), -5, 5)
    assert chain(client, boss, row)["status"] == "expiring"
    address = f"/api/qualification/{row.id}/renewals"
    assert client.get(address, headers=sign_in(make_user())).status_code == 404


def test_without_dates_there_is_no_seam(client):
    me = make_user()
    old = make_qualification(me, expires_on=date(2020, 1, 1))
    make_qualification(me, renews_id=old.id)
    assert links(chain(client, me, old), "overlap_days", "gap_days") == [(None, None), (None, None)]
