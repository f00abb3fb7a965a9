"""Types of qualification: HR writes, everybody reads."""

import pytest

from tests.factories import make_qualification, make_skill, make_user, sign_in

NEW = {"name": "First aider", "issuer": "Red Cross", "kind": "training", "validity_months": 24}


def post(client, user, **given):
    return client.post("/api/qualification/types/", json={**NEW, **given}, headers=sign_in(user))


def test_hr_writes_and_everybody_reads(client):
    hr, employee, skill = make_user("hr"), make_user(), make_skill()
    made = post(client, hr, grants=[{"skill_id": skill.id, "level": 3}])
    assert made.status_code == 200
    address = made.headers["Location"]
    assert client.get(address, headers=sign_in(employee)).json == made.json
    assert made.json["grants"] == [{"skill_id": skill.id, "level": 3}]
    changed = client.patch(address, json={"validity_months": None}, headers=sign_in(hr))
    assert changed.json["validity_months"] is None
    replaced = client.put(address, json={"name": "Medic"}, headers=sign_in(hr))
    assert (replaced.json["issuer"], replaced.json["kind"], replaced.json["grants"]) == (None, "certification", [])
    gone = client.delete(address, headers=sign_in(hr))
    assert (gone.status_code, gone.json) == (200, replaced.json)
    assert client.get(address, headers=sign_in(hr)).status_code == 404


@pytest.mark.parametrize("role", ["employee", "manager"])
def test_others_do_not_write(client, role):
    address = post(client, make_user("hr")).headers["Location"]
    headers = sign_in(make_user(role))
    assert post(client, make_user(role)).status_code == 403
    assert client.put(address, json=NEW, headers=headers).status_code == 403
    assert client.patch(address, json={}, headers=headers).status_code == 403
    assert client.delete(address, headers=headers).status_code == 403


def test_the_same_name_is_taken_for_the_same_issuer_only(client):
    hr = make_user("hr")
    post(client, hr)
    assert post(client, hr, name="FIRST AIDER", issuer="red cross").status_code == 409
    assert post(client, hr, issuer="St John").status_code == 200
    assert post(client, hr, issuer=None).status_code == 200
    assert post(client, hr, issuer=None).status_code == 409


def test_granted_skills_exist_and_are_named_once(client):
    hr, skill = make_user("hr"), make_skill()
    grants = [{"skill_id": 999_999, "level": 1}, {"skill_id": skill.id, "level": 2}, {"skill_id": skill.id, "level": 4}]
    answer = post(client, hr, grants=grants)
    assert answer.status_code == 400
    assert list(answer.json["errors"]) == ["grants.0.skill_id", "grants.2.skill_id"]
    level = post(client, hr, grants=[{"skill_id": skill.id, "level": 6}])
    assert list(level.json["errors"]) == ["grants.0.level"]


def test_a_change_of_grants_alone_makes_a_new_version(client):
    hr, skill = make_user("hr"), make_skill()
    made = post(client, hr, grants=[{"skill_id": skill.id, "level": 3}])
    headers = sign_in(hr) | {"If-Match": made.headers["ETag"]}
    address = made.headers["Location"]
    same = client.patch(address, json={"grants": [{"skill_id": skill.id, "level": 3}]}, headers=headers)
    assert same.headers["ETag"] == made.headers["ETag"]
    raised = client.patch(address, json={"grants": [{"skill_id": skill.id, "level": 4}]}, headers=headers)
    assert raised.json["grants"] == [{"skill_id": skill.id, "level": 4}]
    assert raised.headers["ETag"] != made.headers["ETag"]
    assert client.patch(address, json={"grants": []}, headers=headers).status_code == 412


def test_a_type_that_somebody_holds_is_not_deleted(client):
    hr = make_user("hr")
    made = post(client, hr)
    make_qualification(make_user(), type_id=made.json["id"])
    answer = client.delete(made.headers["Location"], headers=sign_in(hr))
    assert answer.status_code == 409
    assert answer.json["detail"] == "People hold qualifications of this type."


def test_types_are_filtered(client):
    hr, skill = make_user("hr"), make_skill()
    aid = post(client, hr, grants=[{"skill_id": skill.id, "level": 1}]).json["id"]
    crane = post(client, hr, name="Crane driver", kind="licence", issuer="TÜV").json["id"]

    def listed(query):
        return [item["id"] for item in client.get(f"/api/qualification/types/?{query}", headers=sign_in(hr)).json]

    assert listed("") == [crane, aid]
    assert listed("q=cross") == [aid]
    assert listed("kind=licence") == [crane]
    assert listed(f"skill_id={skill.id}") == [aid]
