"""The review: its steps, who takes them, and what a later change does."""

import itertools

import pytest

from smartskill.extensions import db
from smartskill.qualification.models import Qualification
from tests.factories import make_qualification, make_user, sign_in

STATES = ("draft", "submitted", "verified", "rejected", "revoked")
DECISIONS = ("submit", "verify", "reject", "revoke")
ALLOWED = {
    ("draft", "submit"): "submitted",
    ("rejected", "submit"): "submitted",
    ("submitted", "verify"): "verified",
    ("submitted", "reject"): "rejected",
    ("verified", "revoke"): "revoked",
}


def review(client, row, who, decision, note="A word why."):
    body = {"decision": decision, "note": note}
    return client.post(f"/api/qualification/{row.id}/review", json=body, headers=sign_in(who))


@pytest.mark.parametrize(("state", "decision"), [*itertools.product(STATES, DECISIONS)])
def test_only_the_steps_of_the_review_are_taken(client, state, decision):
    me, hr = make_user(), make_user("hr")
    row = make_qualification(me, review_state=state)
    answer = review(client, row, me if decision == "submit" else hr, decision)
    if (state, decision) in ALLOWED:
        assert (answer.status_code, answer.json["review_state"]) == (200, ALLOWED[state, decision])
    else:
        assert answer.status_code == 409
        assert db.session.get(Qualification, row.id).review_state == state


def test_the_reviewer_and_the_reason_are_told(client):
    me, hr = make_user(), make_user("hr")
    row = make_qualification(me)
    submitted = review(client, row, me, "submit", None).json
    assert (submitted["reviewed_by_id"], submitted["reviewed_at"]) == (None, None)
    rejected = review(client, row, hr, "reject", "The scan is empty.").json
    assert (rejected["reviewed_by_id"], rejected["review_note"]) == (hr.id, "The scan is empty.")
    assert rejected["reviewed_at"].endswith("Z")


@pytest.mark.parametrize(("state", "decision"), [("submitted", "reject"), ("verified", "revoke")])
def test_a_refusal_needs_a_word(client, state, decision):
    row = make_qualification(make_user(), review_state=state)
    answer = review(client, row, make_user("hr"), decision, None)
    assert (answer.status_code, list(answer.json["errors"])) == (400, ["note"])


@pytest.mark.parametrize("decision", ["verify", "reject", "revoke"])
def test_only_hr_decides_and_never_on_their_own(client, decision):
    state = "verified" if decision == "revoke" else "submitted"
    boss, stranger = make_user(), make_user("manager")
    me, hr = make_user(manager_id=boss.id), make_user("hr")
    row, own = make_qualification(me, review_state=state), make_qualification(hr, review_state=state)
    assert review(client, row, me, decision).status_code == 403
    assert review(client, row, boss, decision).status_code == 403
    assert review(client, row, stranger, decision).status_code == 404
    refused = review(client, own, hr, decision)
    assert (refused.status_code, refused.json["detail"]) == (403, "Nobody reviews their own qualification.")
    assert review(client, own, make_user("admin"), decision).status_code == 200


def test_who_may_add_for_a_person_may_submit_for_them(client):
    boss = make_user()
    for who in (boss, make_user("hr")):
        assert review(client, make_qualification(make_user(manager_id=boss.id)), who, "submit").status_code == 200


@pytest.mark.parametrize("state", ["submitted", "verified", "rejected"])
def test_a_change_of_what_was_reviewed_makes_it_a_draft(client, state):
    me, hr = make_user(), make_user("hr")
    row = make_qualification(me, title="x", review_state=state, reviewed_by_id=hr.id, review_note="Seen.")
    address = f"/api/qualification/{row.id}"
    same = client.patch(address, json={"title": "x"}, headers=sign_in(me)).json
    assert (same["review_state"], same["reviewed_by_id"]) == (state, hr.id)
    changed = client.patch(address, json={"expires_on": "2035-01-01"}, headers=sign_in(me)).json
    assert (changed["review_state"], changed["reviewed_by_id"], changed["review_note"]) == ("draft", None, None)


def test_what_was_revoked_does_not_change(client):
    me = make_user()
    row = make_qualification(me, review_state="revoked")
    answer = client.patch(f"/api/qualification/{row.id}", json={"title": "y"}, headers=sign_in(me))
    assert answer.status_code == 409
    assert db.session.get(Qualification, row.id).title != "y"


def test_a_decision_on_an_older_version_is_refused(client):
    me, hr = make_user(), make_user("hr")
    row = make_qualification(me, review_state="submitted")
    address = f"/api/qualification/{row.id}"
    seen = client.get(address, headers=sign_in(hr)).headers["ETag"]
    client.patch(address, json={"title": "Something else"}, headers=sign_in(me))
    body = {"decision": "verify"}
    answer = client.post(f"{address}/review", json=body, headers=sign_in(hr) | {"If-Match": seen})
    assert answer.status_code == 412


def test_an_unknown_decision_is_refused(client):
    me = make_user()
    answer = review(client, make_qualification(me), me, "approve")
    assert (answer.status_code, list(answer.json["errors"])) == (400, ["decision"])
