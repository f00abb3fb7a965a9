"""A JSON Resume into a profile: entry by entry, and twice the same."""

import pytest
from sqlalchemy import select

from smartskill.activity.models import Consent, InteractionEvent
from smartskill.database import now
from smartskill.exchange.models import ResumeRemainder
from smartskill.experience.models import Experience
from smartskill.extensions import db
from smartskill.qualification.models import Qualification
from smartskill.skills.models.levels import Rating, UserSkill
from tests.exchange.resumes import JOB, actions, count, get, in_order, lots, put
from tests.factories import make_experience, make_qualification, make_skill, make_user, sign_in


def test_each_section_becomes_what_it_is(client):
    me = make_user()
    document = {
        "work": [JOB | {"endDate": "2021", "summary": "Billing.", "highlights": ["Saved 5 %"], "location": "Vienna"}],
        "volunteer": [{"organization": "Code Club", "position": "Mentor", "startDate": "2020"}],
        "education": [
            {"institution": "TU Wien", "studyType": "BSc", "area": "Physics", "startDate": "2012-10-01", "score": "1.7"}
        ],
        "projects": [
            {"name": "Ledger", "entity": "Northwind", "description": "A rewrite.", "startDate": "2020-01"},
            {"name": "On ledgers", "type": "talk", "startDate": "2021-09-03", "endDate": "2021-09-03"},
        ],
        "certificates": [{"name": "CKA", "issuer": "CNCF", "date": "2022-11", "url": "https://cncf.io/x"}],
    }
    assert lots(put(client, me, document)) == {"added": 6}
    rows = db.session.scalars(select(Experience).order_by(Experience.start_on)).all()
    facts = [(row.kind, row.organisation, row.title, str(row.start), row.end and str(row.end)) for row in rows]
    assert facts == [
        ("education", "TU Wien", "BSc, Physics", "2012-10-01", None),
        ("employment", "Northwind", "Engineer", "2019-05", "2021"),
        ("volunteering", "Code Club", "Mentor", "2020", None),
        ("project", "Northwind", "Ledger", "2020-01", None),
        ("talk", "Independent", "On ledgers", "2021-09-03", "2021-09-03"),
    ]
    certificate = db.session.scalars(select(Qualification)).one()
    assert (certificate.title, certificate.issuer, str(certificate.issued_on)) == ("CKA", "CNCF", "2022-11")
    assert (certificate.url, certificate.kind, certificate.review_state) == (
        "https://cncf.io/x",
        "certification",
        "draft",
    )
    exported = get(client, me)
    for section, entries in document.items():
        assert in_order(exported[section]) == in_order(entries)


def test_the_same_document_twice_changes_nothing(client):
    me, python = make_user(), make_skill("Python")
    document = {
        "basics": {"name": "Ada", "phone": "1"},
        "work": [JOB, JOB, JOB | {"startDate": "2021", "keywords": ["python", "Sorcery"]}, {"position": "x"}],
        "certificates": [{"name": "CKA"}, {"issuer": "CNCF"}],
        "skills": [{"name": "Python", "level": "Expert"}, {"name": "Magic", "keywords": ["Wands"]}],
        "awards": [{"title": "Best", "date": "2020"}],
        "x-custom": {"a": [1, 2.5, None, True]},
    }
    assert lots(put(client, me, document)) == {"added": 8, "kept": 3}
    before = get(client, me), count(Experience), count(Rating)
    versions = {row.id: row.version for row in db.session.scalars(select(Experience))}
    for query in ("", "replace=true", "dry_run=true"):
        assert lots(put(client, me, document, query)) == {"unchanged": 8, "kept": 3}
    assert (get(client, me), count(Experience), count(Rating)) == before
    assert {row.id: row.version for row in db.session.scalars(select(Experience))} == versions
    assert db.session.scalars(select(UserSkill.skill_id)).all() == [python.id]


def test_an_entry_that_says_something_else_changes_its_row(client):
    me = make_user()
    put(client, me, {"work": [JOB | {"highlights": ["a"], "summary": "Old"}]})
    row = db.session.scalars(select(Experience)).one()
    answer = put(client, me, {"work": [JOB | {"name": "NORTHWIND ", "endDate": "2022", "url": "https://n.example"}]})
    assert lots(answer) == {"changed": 1}
    [entry] = get(client, me)["work"]
    assert db.session.scalars(select(Experience.id)).all() == [row.id]
    facts = {"name": "NORTHWIND", "endDate": "2022", "summary": "Old", "highlights": ["a"], "url": "https://n.example"}
    assert entry == JOB | facts


def test_replacing_also_takes_away_what_an_entry_left_out(client):
    me = make_user()
    put(client, me, {"work": [JOB | {"highlights": ["a"], "summary": "Old", "endDate": "2022"}]})
    put(client, me, {"work": [JOB]}, "replace=true")
    assert get(client, me)["work"] == [JOB]


def test_two_stints_in_the_same_place_stay_two(client):
    me = make_user()
    first = JOB | {"startDate": "2015-01", "endDate": "2017-06"}
    put(client, me, {"work": [first]})
    assert actions(put(client, me, {"work": [JOB, first]})) == {"work.0": "added", "work.1": "unchanged"}
    assert count(Experience) == 2


def test_a_date_said_more_precisely_is_taken_and_a_vaguer_one_is_not(client):
    me = make_user()
    put(client, me, {"work": [JOB | {"startDate": "2019"}]})
    assert lots(put(client, me, {"work": [JOB | {"startDate": "2019-05"}]})) == {"changed": 1}
    assert lots(put(client, me, {"work": [JOB | {"startDate": "2019"}]})) == {"unchanged": 1}
    assert get(client, me)["work"] == [JOB | {"startDate": "2019-05"}]


@pytest.mark.parametrize("end", [None, "", "  ", "Present"])
def test_no_end_date_is_current(client, end):
    me = make_user()
    put(client, me, {"work": [JOB | {"endDate": end}]})
    assert get(client, me)["work"] == [JOB]


def test_older_names_of_keys_are_understood(client):
    me = make_user()
    document = {
        "basics": {"name": "Ada", "picture": "a.png", "website": "https://ada.example"},
        "work": [{"company": "Northwind", "website": "https://n.example", "position": "Engineer", "startDate": "2019"}],
        "education": [{"institution": "TU Wien", "area": "Physics", "gpa": "1.7", "startDate": "2012"}],
    }
    assert lots(put(client, me, document)) == {"added": 3}
    exported = get(client, me)
    assert {"image": "a.png", "url": "https://ada.example"}.items() <= exported["basics"].items()
    work = {"name": "Northwind", "url": "https://n.example", "position": "Engineer", "startDate": "2019"}
    assert exported["work"] == [work]
    assert exported["education"] == [{"institution": "TU Wien", "area": "Physics", "score": "1.7", "startDate": "2012"}]


def test_what_an_entry_left_out_is_assumed_and_not_put_into_its_mouth(client):
    me = make_user()
    document = {
        "work": [{"name": "Northwind", "startDate": "2019"}],
        "education": [{"institution": "TU Wien", "startDate": "2012"}],
        "projects": [{"name": "Ledger", "startDate": "2020"}],
    }
    put(client, me, document)
    rows = db.session.scalars(select(Experience).order_by(Experience.start_on)).all()
    assert [(row.organisation, row.title) for row in rows] == [
        ("TU Wien", "Studies"),
        ("Northwind", "Employee"),
        ("Independent", "Ledger"),
    ]
    exported = get(client, me)
    assert {section: exported[section] for section in document} == document
    client.patch(f"/api/experience/{rows[1].id}", json={"title": "Buyer"}, headers=sign_in(me))
    assert get(client, me)["work"] == [{"name": "Northwind", "position": "Buyer", "startDate": "2019"}]


def test_what_lacks_what_an_item_needs_is_kept_and_comes_back(client):
    me = make_user()
    document = {"work": [{"position": "Engineer", "startDate": "2019"}, {"name": "Northwind"}, {"name": ""}, JOB]}
    answer = put(client, me, document)
    assert actions(answer) == {"work.0": "kept", "work.1": "kept", "work.2": "skipped", "work.3": "added"}
    assert [entry["detail"] for entry in answer.json["entries"]][:2] == ["It has no name.", "It has no startDate."]
    assert get(client, me)["work"] == [JOB, *document["work"][:2]]


def test_replacing_removes_what_the_cv_shows_and_spares_the_rest(client):
    me, skill = make_user(), make_skill("Python")
    make_experience(me, organisation="Gone", title="Clerk")
    make_experience(me, organisation="Hidden", show_in_cv=False)
    make_experience(make_user(), organisation="Somebody else's")
    make_qualification(me, title="Draft")
    make_qualification(me, title="Verified", review_state="verified")
    put(client, me, {"skills": [{"name": "Python", "level": "Expert"}], "awards": [{"title": "Best"}]})
    answer = put(client, me, {"work": [JOB]}, "replace=true")
    details = [entry["detail"] for entry in answer.json["entries"] if entry["action"] == "removed"]
    assert details == ["Gone, Clerk, 2020-03", "Draft", None]
    assert set(db.session.scalars(select(Experience.organisation))) == {"Hidden", "Northwind", "Somebody else's"}
    assert db.session.scalars(select(Qualification.title)).all() == ["Verified"]
    assert count(ResumeRemainder) == 0
    assert db.session.scalars(select(UserSkill.level).where(UserSkill.skill_id == skill.id)).one() == 5


def test_without_replacing_nothing_is_removed(client):
    me = make_user()
    make_experience(me)
    put(client, me, {"awards": [{"title": "Best", "date": "2020"}], "languages": [{"language": "German"}]})
    put(client, me, {"awards": [{"title": "BEST", "date": "2021"}, {"title": "Second"}], "work": []})
    exported = get(client, me)
    assert len(exported["work"]) == 1
    assert exported["awards"] == [{"title": "BEST", "date": "2021"}, {"title": "Second"}]
    assert exported["languages"] == [{"language": "German"}]


def test_only_the_owner_writes(client):
    boss = make_user()
    me = make_user(manager_id=boss.id)
    for who in (boss, make_user("hr"), make_user("admin"), make_user()):
        answer = client.put(f"/api/users/{me.id}/resume", json={"work": [JOB]}, headers=sign_in(who))
        assert answer.status_code == 403
    assert client.put("/api/users/999999/resume", json={}, headers=sign_in(me)).status_code == 404
    assert client.put("/api/users/me/resume", json={}).status_code == 401
    assert count(Experience) == 0


def test_the_import_is_one_act(client):
    me = make_user()
    db.session.add(Consent(user_id=me.id, purpose="tracking", is_granted=True, changed_at=now()))
    put(client, me, {"work": [JOB], "certificates": [{"name": "CKA"}]}, "dry_run=true")
    put(client, me, {"work": [JOB], "certificates": [{"name": "CKA"}]})
    rows = db.session.scalars(select(InteractionEvent)).all()
    assert [(row.kind, row.user_id) for row in rows] == [("resume_imported", me.id)]
