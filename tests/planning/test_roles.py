"""Role profiles over HTTP: made, derived, changed, retired; and who has which."""

from datetime import timedelta

import pytest

from smartskill.extensions import db
from smartskill.planning.models.roles import RoleAssignment, RoleProfile
from smartskill.qualification.models import QualificationType
from smartskill.skills.models.catalogue import SkillSource
from smartskill.user.services.dated import today
from tests.factories import make_role, make_skill, make_user, sign_in

URL = "/api/skills/roles/"


@pytest.fixture
def hr(app):
    return sign_in(make_user("hr"))


@pytest.fixture
def licence(app):
    row = QualificationType(name="Forklift licence", kind="licence")
    db.session.add(row)
    db.session.flush()
    return row


def template(*asks):
    db.session.add(SkillSource(key="esco", name="ESCO", attribution="This service uses ESCO."))
    db.session.flush()
    return make_role("baker", asks, status="template", source="esco", external_uri="http://data.europa.eu/esco/baker")


def test_hr_makes_a_role_whose_requirements_carry_names_musts_first(client, hr, licence):
    skill = make_skill("Stacking")
    body = {
        "name": " Warehouse clerk ",
        "requirements": [
            {"skill_id": skill.id, "level": 3, "weight": 2.5},
            {"qualification_type_id": licence.id, "must": True},
        ],
    }
    made = client.post(URL, json=body, headers=hr)
    assert made.status_code == 200
    role = made.json
    assert (role["name"], role["status"], role["requirement_count"]) == ("Warehouse clerk", "active", 2)
    assert role["requirements"] == [
        {
            "skill_id": None,
            "qualification_type_id": licence.id,
            "name": "Forklift licence",
            "level": 1,
            "weight": 1.0,
            "must": True,
        },
        {
            "skill_id": skill.id,
            "qualification_type_id": None,
            "name": "Stacking",
            "level": 3,
            "weight": 2.5,
            "must": False,
        },
    ]
    read = client.get(made.headers["Location"], headers=sign_in(make_user()))
    assert read.json == role
    assert read.headers["ETag"] == made.headers["ETag"]


def test_requirements_are_checked_whole_and_each_mistake_is_named(client, hr, licence):
    skill, retired = make_skill("Kneading"), make_skill("Coal firing", status="retired")
    shapes = [
        {"skill_id": skill.id, "level": 9},
        {"skill_id": skill.id},
        {"level": 2},
        {"skill_id": skill.id, "qualification_type_id": licence.id, "level": 1},
        {"qualification_type_id": licence.id, "level": 2},
        {"skill_id": skill.id, "level": 2, "weight": 0},
        {"skill_id": skill.id, "level": 2, "weigth": 1},
    ]
    refused = client.post(URL, json={"name": "Baker", "requirements": shapes}, headers=hr)
    assert refused.status_code == 400
    assert set(refused.json["errors"]) == {
        "requirements.0.level",
        "requirements.1.level",
        "requirements.2.skill_id",
        "requirements.3.skill_id",
        "requirements.4.level",
        "requirements.5.weight",
        "requirements.6.weigth",
    }
    assert "weight" in refused.json["errors"]["requirements.6.weigth"][0]

    facts = [
        {"skill_id": skill.id, "level": 2},
        {"skill_id": 2_000_000_000, "level": 2},
        {"qualification_type_id": 2_000_000_000},
        {"skill_id": retired.id, "level": 1},
        {"skill_id": skill.id, "level": 3},
    ]
    refused = client.post(URL, json={"name": "Baker", "requirements": facts}, headers=hr)
    assert refused.status_code == 400
    assert refused.json["errors"] == {
        "requirements.1.skill_id": ["There is no such skill."],
        "requirements.2.qualification_type_id": ["There is no such kind of qualification."],
        "requirements.3.skill_id": ["“Coal firing” is retired."],
        "requirements.4.skill_id": ["“Kneading” is asked for already, by requirement 0."],
    }
    assert db.session.query(RoleProfile).count() == 0


def test_the_version_moves_when_only_requirements_change_and_not_when_nothing_does(client, hr):
    skill, other = make_skill(), make_skill()
    role = make_role("Baker", ((skill, 3), (other, 2)))
    place = f"{URL}{role.id}"
    before = client.get(place, headers=hr).headers["ETag"]
    same = [{"skill_id": other.id, "level": 2}, {"skill_id": skill.id, "level": 3}]
    kept = client.patch(place, json={"requirements": same}, headers=hr)
    assert kept.headers["ETag"] == before

    changed = client.patch(
        place, json={"requirements": [{"skill_id": skill.id, "level": 4}]}, headers={**hr, "If-Match": before}
    )
    assert changed.status_code == 200
    assert [(row["skill_id"], row["level"]) for row in changed.json["requirements"]] == [(skill.id, 4)]
    assert changed.headers["ETag"] != before
    assert client.patch(place, json={"name": "Miller"}, headers={**hr, "If-Match": before}).status_code == 412
    assert client.get(place, headers={**hr, "If-None-Match": changed.headers["ETag"]}).status_code == 304

    replaced = client.put(place, json={"name": "Miller"}, headers=hr)
    assert (replaced.json["requirements"], replaced.json["status"]) == ([], "active")


def test_a_skill_retired_since_may_stay_in_the_role_that_asks_for_it(client, hr):
    skill = make_skill()
    role = make_role("Baker", ((skill, 3),))
    skill.status = "retired"
    body = {"requirements": [{"skill_id": skill.id, "level": 2}]}
    assert client.patch(f"{URL}{role.id}", json=body, headers=hr).status_code == 200


def test_a_name_is_taken_once_whatever_its_case_but_for_templates(client, hr):
    template()
    assert client.post(URL, json={"name": "Baker"}, headers=hr).status_code == 200
    refused = client.post(URL, json={"name": "bAKER"}, headers=hr)
    assert refused.status_code == 409
    assert refused.json["existing"]["name"] == "Baker"
    other = make_role("Miller")
    assert client.patch(f"{URL}{other.id}", json={"name": "BAKER"}, headers=hr).status_code == 409


def test_a_profile_is_derived_from_a_template_which_itself_is_never_changed(client, hr):
    skill, other = make_skill(), make_skill()
    origin = template((skill, 3, 2.0, True), (other, 2))
    derived = client.post(URL, json={"name": "Baker of ours", "from_id": origin.id}, headers=hr).json
    assert [(row["skill_id"], row["level"], row["weight"], row["must"]) for row in derived["requirements"]] == [
        (skill.id, 3, 2.0, True),
        (other.id, 2, 1.0, False),
    ]
    assert (derived["source"], derived["attribution"]) == ("esco", "This service uses ESCO.")
    assert derived["external_uri"] == origin.external_uri

    own = [{"skill_id": other.id, "level": 5}]
    slim = client.post(URL, json={"name": "Slim", "from_id": origin.id, "requirements": own}, headers=hr).json
    assert [(row["skill_id"], row["level"]) for row in slim["requirements"]] == [(other.id, 5)]

    for method in (client.put, client.patch):
        refused = method(f"{URL}{origin.id}", json={"name": "Mine"}, headers=hr)
        assert refused.status_code == 409
        assert "from_id" in refused.json["detail"]
    assert client.post(URL, json={"name": "X", "from_id": 2_000_000_000}, headers=hr).json["errors"].keys() == {
        "from_id"
    }
    assert client.post(URL, json={"name": "X", "status": "template"}, headers=hr).status_code == 400


def test_the_list_shows_active_ones_searches_forgivingly_and_counts_requirements(client, hr):
    skill = make_skill()
    template((skill, 3))
    make_role("Calibration technician", ((skill, 3), (make_skill(), 1)))
    make_role("Night guard", status="retired")
    make_role("Technician")

    def names(query):
        return [row["name"] for row in client.get(f"{URL}?{query}", headers=hr).json]

    assert names("") == ["Calibration technician", "Technician"]
    assert names("q=technician") == ["Technician", "Calibration technician"]
    assert names("q=calibraton") == ["Calibration technician"]
    assert names("sort=-name") == ["Technician", "Calibration technician"]
    assert names("status=retired&status=template") == ["baker", "Night guard"]
    assert names("source=esco&status=template") == ["baker"]
    assert names("source=esco") == []
    answer = client.get(f"{URL}?page_size=1", headers=hr)
    assert answer.json[0]["requirement_count"] == 2
    assert '"total":2' in answer.headers["X-Pagination"]
    assert client.get(f"{URL}?status=template", headers=hr).json[0]["attribution"] == "This service uses ESCO."


def test_a_role_that_somebody_had_is_retired_and_not_deleted(client, hr):
    role, free, person = make_role(), make_role(), make_user()
    place = f"/api/users/{person.id}/roles/{role.id}"
    assert client.put(place, json={}, headers=hr).status_code == 200
    assert client.delete(place, headers=hr).status_code == 200
    assert client.delete(f"{URL}{role.id}", headers=hr).status_code == 200  # it was theirs for no day at all

    client.put(f"/api/users/{person.id}/roles/{free.id}", json={"effective_on": "2024-01-01"}, headers=hr)
    client.delete(f"/api/users/{person.id}/roles/{free.id}", headers=hr)
    refused = client.delete(f"{URL}{free.id}", headers=hr)
    assert refused.status_code == 409
    assert "retire" in refused.json["detail"]
    assert client.patch(f"{URL}{free.id}", json={"status": "retired"}, headers=hr).json["status"] == "retired"
    assert client.put(f"/api/users/{person.id}/roles/{free.id}", json={}, headers=hr).status_code == 409


def test_a_template_is_not_given_to_people(client, hr):
    origin, person = template(), make_user()
    refused = client.put(f"/api/users/{person.id}/roles/{origin.id}", json={}, headers=hr)
    assert refused.status_code == 409
    assert "template" in refused.json["detail"]
    assert client.put(f"/api/users/{person.id}/roles/2000000000", json={}, headers=hr).status_code == 404


def test_who_had_which_role_is_known_of_any_day(client, hr):
    role, other, person = make_role("Baker"), make_role("Miller"), make_user()
    place, mine = f"/api/users/{person.id}/roles/", sign_in(person)

    def names(day):
        return [row["role_name"] for row in client.get(f"{place}?as_of={day}", headers=mine).json]

    given = client.put(f"{place}{role.id}", json={"effective_on": "2024-03-01"}, headers=hr)
    assert given.json == {
        "user_id": person.id,
        "role_id": role.id,
        "role_name": "Baker",
        "starts_on": "2024-03-01",
        "ends_on": None,
    }
    client.put(f"{place}{other.id}", json={"effective_on": "2025-01-01"}, headers=hr)
    ended = client.delete(f"{place}{role.id}?effective_on=2025-06-01", headers=hr)
    assert (ended.json["starts_on"], ended.json["ends_on"]) == ("2024-03-01", "2025-05-31")
    assert names("2024-02-29") == []
    assert names("2024-03-01") == ["Baker"]
    assert names("2025-05-31") == ["Baker", "Miller"]
    assert names("2025-06-01") == ["Miller"]
    assert [row["role_name"] for row in client.get(place, headers=mine).json] == ["Miller"]

    again = client.put(f"{place}{role.id}", json={"effective_on": "2025-06-01"}, headers=hr)
    assert (again.json["starts_on"], again.json["ends_on"]) == ("2025-06-01", None)
    assert names("2025-06-01") == ["Baker", "Miller"]
    assert client.delete(f"{place}{make_role().id}", headers=hr).status_code == 404
    ahead = str(today() + timedelta(days=1))
    assert client.put(f"{place}{role.id}", json={"effective_on": ahead}, headers=hr).status_code == 400


def test_only_hr_and_managers_above_give_roles(client):
    role = make_role()
    boss = make_user("manager")
    lead = make_user("manager", manager_id=boss.id)
    person, colleague = make_user(manager_id=lead.id), make_user()
    place = f"/api/users/{person.id}/roles/{role.id}"
    answers = {
        who: client.put(place, json={}, headers=sign_in(asker)).status_code
        for who, asker in {"boss": boss, "lead": lead, "self": person, "colleague": colleague}.items()
    }
    assert answers == {"boss": 200, "lead": 200, "self": 403, "colleague": 404}
    assert db.session.query(RoleAssignment).count() == 1
