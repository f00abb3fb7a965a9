"""HR's queue, and counts of what stands where."""

from datetime import timedelta

from smartskill.database import now
from tests.factories import make_qualification, make_user, sign_in


def queue(client, who, **query) -> list[dict]:
    answer = client.get("/api/qualification/reviews/", query_string=query, headers=sign_in(who))
    assert answer.status_code == 200, answer.json
    return answer.json


def test_the_longest_waiting_comes_first_however_it_was_changed_since(client):
    hr, me = make_user("hr"), make_user(full_name="Ada Bauer")
    second, first = make_qualification(me, title="Second"), make_qualification(me, title="First")
    for row, days in ((second, 2), (first, 9)):
        assert (
            client.post(
                f"/api/qualification/{row.id}/review", json={"decision": "submit"}, headers=sign_in(me)
            ).status_code
            == 200
        )
        row.submitted_at -= timedelta(days=days)
    own = make_qualification(hr, title="Own", review_state="submitted")
    make_qualification(me, review_state="draft")
    make_qualification(make_user(is_active=False), review_state="submitted")
    found = queue(client, hr)
    shown = [(row["title"], row["waiting_days"], row["may_decide"]) for row in found]
    assert shown == [("First", 9, True), ("Second", 2, True), ("Own", 0, False)]
    assert (found[0]["full_name"], found[0]["evidence_count"], found[0]["grants_count"]) == ("Ada Bauer", 0, 0)
    client.post(f"/api/qualification/{first.id}/review", json={"decision": "verify"}, headers=sign_in(hr))
    assert [row["qualification_id"] for row in queue(client, hr)] == [second.id, own.id]


def test_what_is_taken_back_waits_anew_when_it_is_submitted_again(client):
    me, hr = make_user(), make_user("hr")
    row = make_qualification(me, review_state="submitted", submitted_at=now() - timedelta(days=30))
    headers = sign_in(me)
    assert queue(client, hr)[0]["waiting_days"] == 30
    client.patch(f"/api/qualification/{row.id}", json={"title": "Better"}, headers=headers)
    assert queue(client, hr) == []
    client.post(f"/api/qualification/{row.id}/review", json={"decision": "submit"}, headers=headers)
    assert queue(client, hr)[0]["waiting_days"] == 0


def test_the_queue_is_hrs(client):
    for who in (make_user(), make_user("manager")):
        assert client.get("/api/qualification/reviews/", headers=sign_in(who)).status_code == 403


def test_counts_are_of_what_one_sees_and_of_what_counts(client):
    boss = make_user()
    me, other = make_user(manager_id=boss.id), make_user()
    today, since = now().date(), now() - timedelta(days=4)
    old = make_qualification(me, review_state="verified", expires_on=today - timedelta(days=1))
    make_qualification(me, review_state="verified", expires_on=today + timedelta(days=90), renews_id=old.id)
    make_qualification(me, review_state="submitted", submitted_at=since)
    make_qualification(me, review_state="rejected")
    make_qualification(other, review_state="verified", expires_on=today - timedelta(days=1))
    for who in (me, boss):
        counts = client.get("/api/qualification/counts", headers=sign_in(who)).json
        assert counts["review_states"] == {"verified": 2, "submitted": 1, "rejected": 1}
        assert counts["statuses"] == {"valid": 1, "expiring": 1, "expired": 0}
        assert counts["oldest_submitted_at"][:19] == since.isoformat()[:19]
    for_hr = client.get("/api/qualification/counts", headers=sign_in(make_user("hr"))).json
    assert for_hr["statuses"] == {"valid": 1, "expiring": 1, "expired": 1}
    assert client.get("/api/qualification/counts", headers=sign_in(make_user())).json["oldest_submitted_at"] is None
