"""A profile as a JSON Resume: whole, for whom it is, and the same after a journey into another account."""

from datetime import date

from smartskill.exchange.services.resume.standard import schema_errors
from smartskill.extensions import db
from smartskill.kit.partial_date import PartialDate
from tests.factories import make_experience, make_qualification, make_skill, make_user, make_user_skill, sign_in

SCHEMA = "https://raw.githubusercontent.com/jsonresume/resume-schema/v1.0.0/schema.json"


def get(client, who, user_id="me"):
    return client.get(f"/api/users/{user_id}/resume", headers=sign_in(who)).json


def put(client, who, document, query=""):
    answer = client.put(f"/api/users/me/resume?{query}", json=document, headers=sign_in(who))
    assert answer.status_code == 200, answer.json
    return answer.json


def make_profile(client, **given):
    """A person with something in every section, made by the API's own means."""
    me = make_user(full_name="Ada Bauer", title="Engineer", **given)
    python, sql = make_skill("Python"), make_skill("SQL")
    make_user_skill(me, python, 5)
    make_user_skill(me, sql, 2)
    headers = sign_in(me)
    items = [
        {"organisation": "Northwind", "title": "Engineer", "start": "2019-05", "summary": "Billing."},
        {"organisation": "Acme, Inc.", "title": "O'Neill's aide", "start": "2017", "end": "2019-04-30"},
        {"organisation": "Acme, Inc.", "title": "Trainee", "start": "2016-12", "end": "2016"},
        {"kind": "project", "organisation": "Northwind", "title": "Ledger", "start": "2020-01", "end": "2020-06"},
        {"kind": "talk", "organisation": "PyCon", "title": "On ledgers", "start": "2021-09-03", "end": "2021-09-03"},
        {"kind": "education", "organisation": "TU Wien", "title": "BSc, Physics", "start": "2012", "end": "2015"},
        {"kind": "volunteering", "organisation": "Code Club", "title": "Mentor", "start": "2020-02-29"},
    ]
    for place, item in enumerate(items):
        skills = [[python.id], [], [sql.id, python.id]][place % 3]
        answer = client.post("/api/experience/", json=item | {"skill_ids": skills}, headers=headers)
        assert answer.status_code == 200, answer.json
    make_qualification(me, title="CKA", issuer="CNCF", issued_on=PartialDate.parse("2022-11"), url="https://cncf.io/x")
    make_qualification(me, title="Crane", kind="licence", expires_on=date(2030, 1, 1), credential_no="C-1")
    make_qualification(me, title="Diploma", issued_on=PartialDate.parse("2011"))
    db.session.flush()
    return me


def test_a_profile_is_written_by_the_standard(client):
    me = make_profile(client)
    found = get(client, me)
    assert found["$schema"] == SCHEMA
    assert found["basics"] == {"name": "Ada Bauer", "label": "Engineer", "email": me.email}
    assert found["work"][0] == {
        "name": "Northwind",
        "position": "Engineer",
        "startDate": "2019-05",
        "summary": "Billing.",
        "keywords": ["Python"],
    }
    assert [(entry["startDate"], entry.get("endDate")) for entry in found["work"]] == [
        ("2019-05", None),
        ("2017", "2019-04-30"),
        ("2016-12", "2016"),
    ]
    assert [(entry["name"], entry.get("type")) for entry in found["projects"]] == [
        ("On ledgers", "talk"),
        ("Ledger", None),
    ]
    assert found["certificates"] == [
        {"name": "CKA", "issuer": "CNCF", "date": "2022-11", "url": "https://cncf.io/x"},
        {"name": "Diploma", "date": "2011"},
        {"name": "Crane", "kind": "licence", "expiryDate": "2030-01-01"},
    ]
    assert found["skills"] == [{"name": "Python", "level": "Expert"}, {"name": "SQL", "level": "Elementary"}]
    assert schema_errors(found) == {}
    assert "C-1" not in str(found)


def test_an_export_into_an_empty_profile_exports_the_same(client):
    document = get(client, make_profile(client))
    other = make_user(full_name="Somebody Else", title=None)
    put(client, other, document, "strict=true")
    assert get(client, other) == document


def test_ones_own_export_changes_nothing(client):
    me = make_profile(client)
    document = get(client, me)
    for query in ("", "replace=true"):
        report = put(client, me, document, query)
        assert [entry for entry in report["entries"] if entry["action"] != "unchanged"] == []
    assert get(client, me) == document


def test_only_what_is_shown_is_in_the_cv(client):
    me = make_user()
    make_experience(me, organisation="Hidden", show_in_cv=False)
    make_experience(me, organisation="Shown")
    make_user_skill(me, make_skill("Hidden skill"), is_shown=False)
    make_qualification(me, title="Rejected", review_state="rejected")
    make_qualification(me, title="Revoked", review_state="revoked")
    old = make_qualification(me, title="Renewed", issued_on=PartialDate.parse("2020"))
    make_qualification(me, title="Renewed", issued_on=PartialDate.parse("2024"), renews_id=old.id)
    found = get(client, me)
    assert [entry["name"] for entry in found["work"]] == ["Shown"]
    assert found["certificates"] == [{"name": "Renewed", "date": "2024"}]
    assert "skills" not in found


def test_a_colleague_gets_what_colleagues_may_see(client):
    boss = make_user()
    me = make_profile(client, manager_id=boss.id)
    put(client, me, {"basics": {"phone": "+43 1"}, "awards": [{"title": "Best"}], "skills": [{"name": "Sorcery"}]})
    whole = get(client, me)
    assert whole["basics"]["phone"] == "+43 1"
    for who in (boss, make_user("hr"), make_user("admin")):
        assert get(client, who, me.id) == whole
    for who in (make_user(), make_user("manager")):
        found = get(client, who, me.id)
        assert found["basics"] == {"name": "Ada Bauer", "label": "Engineer"}
        assert not {"certificates", "awards"} & set(found)
        assert [entry["name"] for entry in found["skills"]] == ["Python", "SQL"]
        assert found["work"] == whole["work"]


def test_what_a_person_thinks_of_their_level_is_not_told_to_colleagues(client):
    me = make_user()
    make_user_skill(me, make_skill("Python"), 2, self_level=5, manager_level=2)
    assert get(client, me)["skills"] == [{"name": "Python", "level": "Expert"}]
    assert get(client, make_user(), me.id)["skills"] == [{"name": "Python", "level": "Elementary"}]


def test_a_level_that_changed_since_is_told_as_it_is_now(client):
    me, python = make_user(), make_skill("Python")
    put(client, me, {"skills": [{"name": "python", "level": "guru", "keywords": ["asyncio"]}]})
    assert get(client, me)["skills"] == [{"name": "python", "level": "guru", "keywords": ["asyncio"]}]
    put(client, me, {"skills": [{"name": python.name, "level": "3"}]})
    assert get(client, me)["skills"] == [{"name": "Python", "level": "3"}]


def test_a_person_without_anything_has_a_cv(client):
    me = make_user(full_name="Ada", title=None)
    assert get(client, me) == {
        "$schema": SCHEMA,
        "basics": {"name": "Ada", "email": me.email},
        "meta": {"version": "v1.0.0"},
    }


def test_who_is_not_there_has_none(client):
    me, gone = make_user(), make_user(is_active=False)
    assert client.get("/api/users/999999/resume", headers=sign_in(me)).status_code == 404
    assert client.get(f"/api/users/{gone.id}/resume", headers=sign_in(me)).status_code == 404
    assert client.get("/api/users/me/resume").status_code == 401
