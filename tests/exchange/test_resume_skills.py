"""The words of a CV that mean skills, and its certificates beside those that HR saw."""

from sqlalchemy import select

from smartskill.experience.models import Experience
from smartskill.extensions import db
from smartskill.kit.partial_date import PartialDate
from smartskill.qualification.models import Qualification
from smartskill.skills.models.catalogue import SkillAlias
from smartskill.skills.models.levels import Rating
from tests.exchange.resumes import JOB, actions, count, get, lots, put
from tests.factories import make_qualification, make_skill, make_user, sign_in


def test_skills_with_a_level_become_self_ratings(client):
    me = make_user()
    python, k8s, old = make_skill("Python"), make_skill("Kubernetes"), make_skill("Old", status="retired")
    db.session.add(SkillAlias(skill_id=k8s.id, name="K8s"))
    document = {
        "skills": [
            {"name": " PYTHON ", "level": "Master"},
            {"name": "k8s", "level": "3/5"},
            {"name": "Kubernetes", "level": "Expert"},
            {"name": "Python"},
            {"name": old.name, "level": "Expert"},
            {"name": "Sorcery", "level": "Expert"},
            {"name": "Cloud", "keywords": ["Python"]},
        ]
    }
    answer = put(client, me, document)
    assert list(actions(answer).values()) == ["added", "added", "kept", "kept", "kept", "kept", "kept"]
    rows = db.session.scalars(select(Rating).order_by(Rating.skill_id)).all()
    assert [(row.skill_id, row.level, row.source, row.rater_id) for row in rows] == [
        (python.id, 5, "self", me.id),
        (k8s.id, 3, "self", me.id),
    ]


def test_an_alias_of_two_skills_means_neither(client):
    me, one, other = make_user(), make_skill("R (language)"), make_skill("R&D")
    db.session.add_all([SkillAlias(skill_id=one.id, name="R"), SkillAlias(skill_id=other.id, name="r")])
    assert lots(put(client, me, {"skills": [{"name": "R", "level": "Expert"}]})) == {"kept": 1}


def test_the_name_of_a_merged_skill_means_its_survivor(client):
    me, survivor = make_user(), make_skill("PostgreSQL")
    make_skill("Postgres", status="retired", merged_into_id=survivor.id)
    put(client, me, {"skills": [{"name": "postgres", "level": "Expert"}]})
    assert db.session.scalars(select(Rating.skill_id)).all() == [survivor.id]


def test_keywords_link_experience_to_skills(client):
    me, python, sql = make_user(), make_skill("Python"), make_skill("SQL")
    put(client, me, {"work": [JOB | {"keywords": ["Sorcery", "python"]}]})
    row = db.session.scalars(select(Experience)).one()
    assert row.skill_ids == [python.id]
    assert get(client, me)["work"][0]["keywords"] == ["Sorcery", "python"]
    client.patch(f"/api/experience/{row.id}", json={"skill_ids": [sql.id]}, headers=sign_in(me))
    assert get(client, me)["work"][0]["keywords"] == ["Sorcery", "SQL"]
    assert set(actions(put(client, me, get(client, me))).values()) == {"unchanged"}
    assert lots(put(client, me, {"work": [JOB | {"keywords": []}]})) == {"changed": 1}
    assert get(client, me)["work"] == [JOB]


def test_a_verified_certificate_is_left_as_hr_saw_it(client):
    me = make_user()
    facts = {"title": "CKA", "issued_on": PartialDate.parse("2022-11-22"), "url": "https://a.example"}
    row = make_qualification(me, review_state="verified", **facts)
    answer = put(client, me, {"certificates": [{"name": "CKA", "date": "2022", "url": "https://b.example"}]})
    assert lots(answer) == {"unchanged": 1}
    assert (row.review_state, row.url, count(Qualification)) == ("verified", "https://a.example", 1)


def test_a_certificate_keeps_what_the_standard_has_no_key_for(client):
    me = make_user()
    row = make_qualification(me, title="CKA", kind="licence", expires_on=PartialDate.parse("2030-01-01").first)
    assert lots(put(client, me, {"certificates": [{"name": "CKA", "date": "2022"}]}, "replace=true")) == {"changed": 1}
    db.session.refresh(row)
    assert (row.kind, row.expires_on.isoformat(), str(row.issued_on)) == ("licence", "2030-01-01", "2022")
