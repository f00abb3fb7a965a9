"""A JSON Resume that is wrong, or only asked about: everything is named, nothing is written."""

import pytest
from sqlalchemy import select

from smartskill.exchange.models import ResumeRemainder
from smartskill.experience.models import Experience
from smartskill.extensions import db
from smartskill.qualification.models import Qualification
from smartskill.skills.models.levels import Rating, UserSkill
from tests.exchange.resumes import JOB, count, get, lots, put
from tests.factories import make_experience, make_skill, make_user, sign_in


@pytest.mark.parametrize(
    ("document", "path"),
    [
        ({"work": [JOB, JOB | {"endDate": "2019-04"}]}, "work.1.endDate"),
        ({"work": [JOB | {"startDate": "Sep 1, 2016"}]}, "work.0.startDate"),
        ({"work": [JOB | {"startDate": "2019-13"}]}, "work.0.startDate"),
        ({"work": [JOB | {"startDate": "1066"}]}, "work.0.startDate"),
        ({"work": [JOB | {"endDate": 2020}]}, "work.0.endDate"),
        ({"work": [JOB | {"name": 5}]}, "work.0.name"),
        ({"work": [JOB | {"position": "x" * 201}]}, "work.0.position"),
        ({"work": ["x"]}, "work.0"),
        ({"work": {}}, "work"),
        ({"work": [JOB | {"highlights": ["a\u0000b"]}]}, "work.0.highlights.0"),
        ({"awards": [{"title": "a\u0000b"}]}, "awards.0.title"),
        ({"certificates": [{"name": "CKA", "date": "soon"}]}, "certificates.0.date"),
        ({"certificates": [{"name": "CKA", "date": "2022", "expiryDate": "2021-12-31"}]}, "certificates.0.expiryDate"),
        ({"education": [{"institution": "TU", "startDate": "2012", "endDate": "2011"}]}, "education.0.endDate"),
        ({"basics": []}, "basics"),
    ],
)
def test_what_is_wrong_is_named_and_nothing_is_written(client, document, path):
    me, skill = make_user(), make_skill("Python")
    good = {"volunteer": [{"organization": "Code Club", "startDate": "2020"}], "languages": [{"language": "German"}]}
    document = document | good | {"skills": [{"name": skill.name, "level": "Expert"}]}
    answer = put(client, me, document)
    assert answer.status_code == 400
    assert list(answer.json["errors"]) == [path]
    assert [count(model) for model in (Experience, Qualification, Rating, ResumeRemainder)] == [0, 0, 0, 0]


def test_no_document_at_all_is_no_empty_cv(client):
    me = make_user()
    make_experience(me)
    answer = client.put("/api/users/me/resume?replace=true", headers=sign_in(me))
    assert (answer.status_code, list(answer.json["errors"])) == (400, ["_body"])
    assert count(Experience) == 1


def test_every_wrong_entry_is_named_at_once(client):
    document = {"work": [JOB | {"startDate": "x"}, JOB | {"endDate": "y"}], "certificates": [{"name": 1}]}
    assert set(put(client, make_user(), document).json["errors"]) == {
        "work.0.startDate",
        "work.1.endDate",
        "certificates.0.name",
    }


def test_a_dry_run_says_what_would_be_and_writes_nothing(client):
    me, skill = make_user(), make_skill("Python")
    put(client, me, {"work": [JOB]})
    document = {
        "work": [JOB | {"endDate": "2022"}, JOB | {"startDate": "2023"}],
        "skills": [{"name": "Python", "level": "4"}],
        "awards": [{"title": "Best"}],
    }
    before = get(client, me)
    dry = put(client, me, document, "dry_run=true")
    assert (dry.json["dry_run"], lots(dry)) == (True, {"added": 3, "changed": 1})
    assert get(client, me) == before
    assert count(Rating) == 0
    assert {**put(client, me, document).json, "dry_run": True} == dry.json
    assert db.session.scalars(select(UserSkill.skill_id)).all() == [skill.id]


def test_a_dry_run_reports_errors_instead_of_refusing(client):
    answer = put(client, make_user(), {"work": [JOB | {"startDate": "soon"}]}, "dry_run=true")
    assert answer.status_code == 200
    assert answer.json["errors"] == {"work.0.startDate": ["Not a date: give YYYY, YYYY-MM or YYYY-MM-DD."]}
    assert lots(answer) == {}
