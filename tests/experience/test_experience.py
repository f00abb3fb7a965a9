"""Experience over HTTP: its rules, who sees it, who writes it."""

import json

import pytest
from sqlalchemy import select

from smartskill.activity.models import Consent, InteractionEvent
from smartskill.database import now
from smartskill.extensions import db
from tests.factories import make_experience, make_skill, make_user, sign_in

NEW = {"organisation": "Northwind", "title": "Data engineer", "start": "2019-05"}


def post(client, user, **given):
    return client.post("/api/experience/", json={**NEW, **given}, headers=sign_in(user))


def ids(answer):
    return [item["id"] for item in answer.json]


def test_what_was_created_is_read_back_with_its_defaults(client):
    me, skill = make_user(), make_skill()
    made = post(client, me, skill_ids=[skill.id], summary="  Moved billing.  ")
    assert made.status_code == 200
    assert made.headers["Location"].endswith(f"/api/experience/{made.json['id']}")
    read = client.get(made.headers["Location"], headers=sign_in(me))
    assert read.json == made.json
    assert read.headers["ETag"] == made.headers["ETag"]
    facts = {
        "kind": "employment",
        "end": None,
        "show_in_cv": True,
        "skill_ids": [skill.id],
        "summary": "Moved billing.",
    }
    assert facts.items() <= read.json.items()
    assert read.json["user_id"] == me.id


@pytest.mark.parametrize("start", ["2019", "2019-05", "2019-05-20"])
def test_dates_come_back_as_precise_as_they_came(client, start):
    assert post(client, make_user(), start=start, end="2021").json["start"] == start


@pytest.mark.parametrize(("start", "end"), [("2019", "2019-05"), ("2019-05", "2019"), ("2019-05", "2019-05-01")])
def test_an_end_that_can_lie_after_the_start_is_taken(client, start, end):
    assert post(client, make_user(), start=start, end=end).status_code == 200


@pytest.mark.parametrize(
    ("start", "end"), [("2020", "2019-12"), ("2020-06", "2020-05-31"), ("2020-06-02", "2020-06-01")]
)
def test_an_end_before_the_start_is_refused_by_name(client, start, end):
    answer = post(client, make_user(), start=start, end=end)
    assert answer.status_code == 400
    assert list(answer.json["errors"]) == ["end"]


def test_a_patch_is_held_to_the_dates_as_they_will_be(client):
    me = make_user()
    item = post(client, me, end="2020").json
    address = f"/api/experience/{item['id']}"
    late = client.patch(address, json={"start": "2021"}, headers=sign_in(me))
    assert (late.status_code, list(late.json["errors"])) == (400, ["end"])
    moved = client.patch(address, json={"start": "2021", "end": None}, headers=sign_in(me))
    assert (moved.json["start"], moved.json["end"]) == ("2021", None)


def test_an_unknown_skill_is_named_by_its_place(client):
    me, skill = make_user(), make_skill()
    answer = post(client, me, skill_ids=[skill.id, 999_999])
    assert answer.status_code == 400
    assert answer.json["errors"] == {"skill_ids.1": ["There is no such skill."]}
    assert db.session.scalars(select(InteractionEvent)).all() == []


@pytest.mark.parametrize(
    ("change", "field"),
    [
        ({"organisation": " "}, "organisation"),
        ({"title": "x" * 201}, "title"),
        ({"start": "May 2019"}, "start"),
        ({"start": "2019-13"}, "start"),
        ({"start": None}, "start"),
        ({"kind": "hobby"}, "kind"),
        ({"show_in_cv": "yes"}, "show_in_cv"),
        ({"summary": "a\u0000b"}, "summary"),
        ({"id": 3}, "id"),
        ({"organization": "x"}, "organization"),
    ],
)
def test_what_is_wrong_in_itself_is_refused_by_name(client, change, field):
    answer = post(client, make_user(), **change)
    assert answer.status_code == 400
    assert list(answer.json["errors"]) == [field]


def test_put_replaces_the_whole(client):
    me, skill = make_user(), make_skill()
    item = post(client, me, skill_ids=[skill.id], summary="Old", end="2021", kind="project", show_in_cv=False).json
    answer = client.put(f"/api/experience/{item['id']}", json=NEW, headers=sign_in(me))
    facts = {"skill_ids": [], "summary": None, "end": None, "kind": "employment", "show_in_cv": True}
    assert facts.items() <= answer.json.items()


def test_a_change_of_skills_alone_makes_a_new_version(client):
    me, skill, other = make_user(), make_skill(), make_skill()
    made = post(client, me, skill_ids=[skill.id])
    address, before = f"/api/experience/{made.json['id']}", made.headers["ETag"]
    changed = client.patch(address, json={"skill_ids": [other.id, skill.id, skill.id]}, headers=sign_in(me))
    assert changed.json["skill_ids"] == sorted([skill.id, other.id])
    assert changed.headers["ETag"] != before
    same = client.patch(address, json={"skill_ids": [skill.id, other.id]}, headers=sign_in(me))
    assert same.headers["ETag"] == changed.headers["ETag"]


def test_a_stale_write_is_refused(client):
    me = make_user()
    made = post(client, me)
    address = f"/api/experience/{made.json['id']}"
    headers = sign_in(me) | {"If-Match": made.headers["ETag"]}
    assert client.patch(address, json={"title": "Lead"}, headers=headers).status_code == 200
    for late in (
        client.patch(address, json={"title": "CTO"}, headers=headers),
        client.delete(address, headers=headers),
    ):
        assert late.status_code == 412
    assert client.get(address, headers=sign_in(me)).json["title"] == "Lead"


def test_delete_answers_the_item_and_removes_it(client):
    me, skill = make_user(), make_skill()
    item = post(client, me, skill_ids=[skill.id]).json
    gone = client.delete(f"/api/experience/{item['id']}", headers=sign_in(me))
    assert (gone.status_code, gone.json) == (200, item)
    assert client.get(f"/api/experience/{item['id']}", headers=sign_in(me)).status_code == 404


def test_who_sees_and_who_changes(client):
    boss = make_user()
    manager = make_user(manager_id=boss.id)
    me = make_user(manager_id=manager.id)
    colleague, hr, admin = make_user(), make_user("hr"), make_user("admin")
    shown, hidden = make_experience(me), make_experience(me, show_in_cv=False)
    for who, sees in ((me, 2), (manager, 2), (boss, 2), (hr, 2), (admin, 2), (colleague, 1)):
        headers = sign_in(who)
        listed = client.get(f"/api/experience/?user_id={me.id}", headers=headers)
        assert ids(listed) == [hidden.id, shown.id][-sees:]
        assert client.get(f"/api/experience/{hidden.id}", headers=headers).status_code == (200 if sees == 2 else 404)
        if who is not me:
            for row, refusal in ((shown, 403), (hidden, 403 if sees == 2 else 404)):
                answer = client.patch(f"/api/experience/{row.id}", json={"title": "x"}, headers=headers)
                assert answer.status_code == refusal
                assert client.delete(f"/api/experience/{row.id}", headers=headers).status_code == refusal


def test_those_who_left_are_seen_by_hr_only(client):
    gone = make_user(is_active=False)
    row = make_experience(gone)
    colleague, hr = sign_in(make_user()), sign_in(make_user("hr"))
    assert client.get(f"/api/experience/{row.id}", headers=colleague).status_code == 404
    assert ids(client.get("/api/experience/", headers=colleague)) == []
    assert ids(client.get("/api/experience/", headers=hr)) == [row.id]


def test_adding_for_another_is_for_managers_above_and_hr(client):
    boss = make_user()
    me = make_user(manager_id=make_user(manager_id=boss.id).id)
    for who, status in ((boss, 200), (make_user("hr"), 200), (make_user("manager"), 403), (make_user(), 403)):
        answer = post(client, who, user_id=me.id)
        assert answer.status_code == status
        assert status == 403 or answer.json["user_id"] == me.id
    unknown = post(client, make_user("hr"), user_id=999_999)
    assert (unknown.status_code, list(unknown.json["errors"])) == (400, ["user_id"])


def test_the_list_is_filtered_sorted_and_paged(client):
    me, skill = make_user(), make_skill()
    old = post(client, me, start="2010", end="2012", organisation="Acme 100%", kind="education").json["id"]
    new = post(client, me, start="2020", title="Lead", skill_ids=[skill.id]).json["id"]
    mid = post(client, me, start="2015", summary="Rewrote the ledger").json["id"]
    make_experience(make_user())
    headers = sign_in(me)

    def listed(query):
        return ids(client.get(f"/api/experience/?user_id=me&{query}", headers=headers))

    assert listed("") == [new, mid, old]
    assert listed("sort=start") == [old, mid, new]
    assert listed("kind=education") == [old]
    assert listed("organisation=acme") == [old]
    assert listed("organisation=100%25") == [old]
    assert listed("organisation=_") == []  # a wildcard of SQL is a letter here
    assert listed(f"skill_id={skill.id}") == [new]
    assert listed("q=ledger") == [mid]
    assert listed("page_size=2&page=2") == [old]
    page = client.get("/api/experience/?user_id=me&page_size=2", headers=headers).headers["X-Pagination"]
    assert json.loads(page)["total"] == 3
    assert len(ids(client.get("/api/experience/", headers=headers))) == 4
    assert client.get("/api/experience/?user_id=you", headers=headers).status_code == 400
    assert client.get("/api/experience/?sort=salary", headers=headers).status_code == 400


def test_acts_are_recorded_with_consent(client):
    me = make_user()
    db.session.add(Consent(user_id=me.id, purpose="tracking", is_granted=True, changed_at=now()))
    item = post(client, me).json
    client.patch(f"/api/experience/{item['id']}", json={"title": "Lead"}, headers=sign_in(me))
    client.patch(f"/api/experience/{item['id']}", json={"title": "Lead"}, headers=sign_in(me))  # changes nothing
    rows = db.session.scalars(select(InteractionEvent).order_by(InteractionEvent.id)).all()
    assert [(row.kind, row.user_id, row.subject_id) for row in rows] == [
        ("experience_added", me.id, item["id"]),
        ("experience_updated", me.id, item["id"]),
    ]


def test_nobody_gets_in_without_a_token(client):
    for method in (client.get, client.post):
        assert method("/api/experience/").status_code == 401
    assert client.get("/api/users/me/experience/years").status_code == 401
