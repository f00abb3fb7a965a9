"""Qualifications that people hold: filled in, dated, renewed, listed, hidden."""

from datetime import date, timedelta

import pytest
import time_machine
from sqlalchemy import select

from smartskill.activity.models import Consent, InteractionEvent
from smartskill.database import now
from smartskill.extensions import db
from smartskill.kit.partial_date import PartialDate
from smartskill.qualification.models import QualificationType
from smartskill.qualification.services.held import expiry, status_is
from tests.factories import make_qualification, make_user, sign_in

TODAY = date(2026, 11, 22)


def post(client, user, **given):
    return client.post("/api/qualification/", json=given, headers=sign_in(user))


def make_type(**given):
    row = QualificationType(**{"name": "First aider", "issuer": "Red Cross", "kind": "training", **given})
    db.session.add(row)
    db.session.flush()
    return row


def listed(client, headers, query=""):
    answer = client.get(f"/api/qualification/?{query}", headers=headers)
    assert answer.status_code == 200
    return [item["id"] for item in answer.json]


def test_a_title_is_enough(client):
    me = make_user()
    made = post(client, me, title="Scrum master", issued_on="2024-05")
    assert made.status_code == 200
    assert client.get(made.headers["Location"], headers=sign_in(me)).json == made.json
    facts = {"kind": "certification", "issued_on": "2024-05", "expires_on": None, "status": "valid"}
    assert (facts | {"review_state": "draft", "renews_id": None, "user_id": me.id}).items() <= made.json.items()


def test_neither_title_nor_type_is_refused(client):
    answer = post(client, make_user(), issuer="Red Cross")
    assert answer.status_code == 400
    assert set(answer.json["errors"]) == {"title", "type_id"}


def test_the_type_fills_what_is_left_out(client):
    kind = make_type(validity_months=24)
    made = post(client, make_user(), type_id=kind.id, issued_on="2025-03-14").json
    facts = {"title": "First aider", "issuer": "Red Cross", "kind": "training", "expires_on": "2027-03-14"}
    assert facts.items() <= made.items()


def test_what_is_given_stands_against_the_type(client):
    kind = make_type(validity_months=24)
    made = post(client, make_user(), type_id=kind.id, issued_on="2025", title="Aid", issuer=None, expires_on=None).json
    assert (made["title"], made["issuer"], made["expires_on"]) == ("Aid", None, None)


@pytest.mark.parametrize(
    ("issued_on", "months", "last_day"),
    [
        ("2025-03-14", 24, date(2027, 3, 14)),
        ("2025-01-31", 1, date(2025, 2, 28)),  # there is no 31 February
        ("2024-02-29", 12, date(2025, 2, 28)),
        ("2025-03", 12, date(2026, 3, 31)),  # from the last day of the month
        ("2025", 12, date(2026, 12, 31)),
    ],
)
def test_the_last_valid_day_follows_from_the_date_of_issue(issued_on, months, last_day):
    assert expiry(PartialDate.parse(issued_on), months) == last_day


def test_without_a_date_of_issue_nothing_is_invented(client):
    assert post(client, make_user(), type_id=make_type(validity_months=24).id).json["expires_on"] is None


@pytest.mark.parametrize(
    ("given", "field"),
    [
        ({"title": "x", "type_id": 999_999}, "type_id"),
        ({"title": "x", "issued_on": "2025-03", "expires_on": "2025-02-28"}, "expires_on"),
        ({"title": "x", "renews_id": 999_999}, "renews_id"),
        ({"title": "x", "url": "javascript:alert(1)"}, "url"),
        ({"title": "x", "expires_on": "2025"}, "expires_on"),
        ({"title": "x", "review_state": "verified"}, "review_state"),
        ({"title": "x", "status": "valid"}, "status"),
        ({"title": "x", "user_id": 999_999}, "user_id"),
        ({"title": None}, "title"),
        ({"title": " "}, "title"),
        ({"title": "x", "kind": "badge"}, "kind"),
    ],
)
def test_what_is_wrong_is_refused_by_name(client, given, field):
    answer = post(client, make_user("hr"), **given)
    assert answer.status_code == 400
    assert list(answer.json["errors"]) == [field]


@pytest.mark.parametrize(
    ("days_left", "status"),
    [(-1, "expired"), (0, "expiring"), (1, "expiring"), (90, "expiring"), (91, "valid"), (None, "valid")],
)
def test_status_is_the_same_in_the_item_and_in_the_filter(client, days_left, status):
    with time_machine.travel(TODAY, tick=False):
        me = make_user()
        expires_on = None if days_left is None else TODAY + timedelta(days=days_left)
        row = make_qualification(me, expires_on=expires_on)
        headers = sign_in(me)
        assert client.get(f"/api/qualification/{row.id}", headers=headers).json["status"] == status
        found = {name: listed(client, headers, f"status={name}") for name in ("valid", "expiring", "expired")}
        assert found == {name: [row.id] if name == status else [] for name in found}


def test_each_row_has_one_status_on_any_day(app):
    user = make_user()
    rows = [make_qualification(user, expires_on=TODAY + timedelta(days=days)) for days in range(-3, 95)]
    for status in ("valid", "expiring", "expired"):
        from smartskill.qualification.models import Qualification

        found = set(db.session.scalars(select(Qualification.id).where(status_is(status, TODAY))))
        assert found == {row.id for row in rows if row.status_on(TODAY) == status}


def test_put_replaces_the_whole_and_fills_from_the_type(client):
    me, kind = make_user(), make_type(validity_months=12)
    made = post(client, me, title="Old", credential_no="7", url="https://a.example", expires_on="2030-01-01")
    body = {"type_id": kind.id, "issued_on": "2025-06-01"}
    answer = client.put(made.headers["Location"], json=body, headers=sign_in(me)).json
    facts = {"title": "First aider", "credential_no": None, "url": None, "expires_on": "2026-06-01"}
    assert facts.items() <= answer.items()


def test_a_patch_is_held_to_the_dates_as_they_will_be(client):
    me = make_user()
    made = post(client, me, title="x", issued_on="2024", expires_on="2026-01-01")
    answer = client.patch(made.headers["Location"], json={"issued_on": "2027"}, headers=sign_in(me))
    assert (answer.status_code, list(answer.json["errors"])) == (400, ["expires_on"])


def test_a_stale_write_is_refused(client):
    me = make_user()
    made = post(client, me, title="x")
    headers = sign_in(me) | {"If-Match": made.headers["ETag"]}
    assert client.patch(made.headers["Location"], json={"title": "y"}, headers=headers).status_code == 200
    assert client.put(made.headers["Location"], json={"title": "z"}, headers=headers).status_code == 412
    assert client.delete(made.headers["Location"], headers=headers).status_code == 412


def test_a_renewal_is_a_new_row_linked_to_the_old(client):
    me = make_user()
    old = post(client, me, title="First aider", expires_on="2024-01-01")
    new = post(client, me, title="First aider", expires_on="2028-01-01", renews_id=old.json["id"])
    assert new.json["renews_id"] == old.json["id"]
    read = client.get(old.headers["Location"], headers=sign_in(me)).json
    assert read["renewed_by_id"] == new.json["id"]
    again = post(client, me, title="First aider", renews_id=old.json["id"])
    assert (again.status_code, again.json["detail"]) == (409, "This was renewed already.")


def test_one_renews_only_ones_own_and_never_itself(client):
    me, other = make_user(), make_user()
    foreign = make_qualification(other)
    assert list(post(client, me, title="x", renews_id=foreign.id).json["errors"]) == ["renews_id"]
    first = post(client, me, title="x")
    second = post(client, me, title="x", renews_id=first.json["id"])
    for renews_id in (first.json["id"], second.json["id"]):
        answer = client.patch(first.headers["Location"], json={"renews_id": renews_id}, headers=sign_in(me))
        assert (answer.status_code, list(answer.json["errors"])) == (400, ["renews_id"])


def test_deleting_the_old_one_leaves_the_renewal(client):
    me = make_user()
    old = post(client, me, title="x")
    new = post(client, me, title="x", renews_id=old.json["id"])
    gone = client.delete(old.headers["Location"], headers=sign_in(me))
    assert (gone.status_code, gone.json["id"], gone.json["renewed_by_id"]) == (200, old.json["id"], new.json["id"])
    assert client.get(old.headers["Location"], headers=sign_in(me)).status_code == 404
    assert client.get(new.headers["Location"], headers=sign_in(me)).json["renews_id"] is None


def test_who_sees_and_who_changes(client):
    boss = make_user()
    manager = make_user(manager_id=boss.id)
    me = make_user(manager_id=manager.id)
    row = make_qualification(me, credential_no="RC-1")
    seen = {me: True, manager: True, boss: True, make_user("hr"): True, make_user("admin"): True}
    for who, sees in (seen | {make_user(): False, make_user("manager"): False}).items():
        headers = sign_in(who)
        assert listed(client, headers, f"user_id={me.id}") == ([row.id] if sees else [])
        read = client.get(f"/api/qualification/{row.id}", headers=headers)
        assert read.status_code == (200 if sees else 404)
        assert not sees or read.json["credential_no"] == "RC-1"
        if who is not me:
            for write in (client.patch, client.put):
                answer = write(f"/api/qualification/{row.id}", json={"title": "x"}, headers=headers)
                assert answer.status_code == (403 if sees else 404)
            assert client.delete(f"/api/qualification/{row.id}", headers=headers).status_code == (403 if sees else 404)


def test_those_who_left_are_seen_by_hr_only(client):
    manager = make_user()
    row = make_qualification(make_user(is_active=False, manager_id=manager.id))
    assert client.get(f"/api/qualification/{row.id}", headers=sign_in(manager)).status_code == 404
    assert listed(client, sign_in(manager)) == []
    assert listed(client, sign_in(make_user("hr"))) == [row.id]


def test_adding_for_another_is_for_managers_above_and_hr(client):
    boss = make_user()
    me = make_user(manager_id=make_user(manager_id=boss.id).id)
    for who, status in ((boss, 200), (make_user("hr"), 200), (make_user("manager"), 403), (make_user(), 403)):
        assert post(client, who, title="x", user_id=me.id).status_code == status


def test_the_list_is_filtered_and_sorted(client):
    me = make_user()
    kind = make_type()
    a = make_qualification(me, title="Azure", issuer="Microsoft", expires_on=date(2025, 1, 1), kind="licence")
    b = make_qualification(me, title="Basics", type_id=kind.id, expires_on=date(2026, 1, 1), review_state="verified")
    c = make_qualification(me, title="CISSP", issued_on=PartialDate.parse("2020"))
    make_qualification(make_user())
    headers = sign_in(me)
    assert listed(client, headers) == [a.id, b.id, c.id]
    assert listed(client, headers, "user_id=me&sort=-title") == [c.id, b.id, a.id]
    assert listed(client, headers, "sort=-expires_on") == [b.id, a.id, c.id]
    assert listed(client, headers, "kind=licence") == [a.id]
    assert listed(client, headers, f"type_id={kind.id}") == [b.id]
    assert listed(client, headers, "review_state=verified") == [b.id]
    assert listed(client, headers, "q=micro") == [a.id]
    assert listed(client, headers, "expires_before=2026-01-01") == [a.id]
    assert listed(client, headers, "expires_after=2025-01-01") == [b.id]
    assert client.get("/api/qualification/?status=new", headers=headers).status_code == 400


def test_acts_are_recorded_with_consent(client):
    me = make_user()
    db.session.add(Consent(user_id=me.id, purpose="tracking", is_granted=True, changed_at=now()))
    old = post(client, me, title="x", credential_no="secret").json["id"]
    new = post(client, me, title="x", renews_id=old).json["id"]
    rows = db.session.scalars(select(InteractionEvent).order_by(InteractionEvent.id)).all()
    assert [(row.kind, row.subject_id) for row in rows] == [
        ("qualification_added", old),
        ("qualification_renewed", new),
    ]
    assert "secret" not in str([row.props for row in rows])
