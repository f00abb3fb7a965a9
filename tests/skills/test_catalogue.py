"""The catalogue over HTTP."""

import json

import pytest
from sqlalchemy import select

from smartskill.activity.models import Consent, InteractionEvent
from smartskill.activity.services.noting import LOOKS
from smartskill.extensions import db
from smartskill.kit.later import later
from smartskill.skills.models.catalogue import Skill, SkillAlias, SkillCategory
from smartskill.skills.models.levels import UserSkill
from smartskill.skills.schemas.catalogue import SkillSchema
from tests.factories import make_skill, make_user, make_user_skill, sign_in

URL = "/api/skills/"


@pytest.fixture
def employee(app):
    return make_user()


@pytest.fixture
def hr(app):
    return make_user("hr")


def kinds_of(user_id: int) -> list[str]:
    later(LOOKS).write()
    found = select(InteractionEvent.kind).filter_by(user_id=user_id).order_by(InteractionEvent.id)
    return list(db.session.scalars(found))


def test_an_employees_skill_is_proposed_and_hrs_is_active(client, employee, hr):
    body = {"name": "  Knitting ", "aliases": ["knit", "Knit", "knitting"], "review_months": 6}
    made = client.post(URL, json=body, headers=sign_in(employee))
    assert made.status_code == 200
    assert made.json["name"] == "Knitting"
    assert made.json["aliases"] == ["knit"]
    assert (made.json["status"], made.json["proposed_by_id"]) == ("proposed", employee.id)
    assert made.headers["Location"].endswith(f"/api/skills/{made.json['id']}")
    assert made.headers["ETag"]
    assert client.post(URL, json={"name": "Sewing"}, headers=sign_in(hr)).json["status"] == "active"


def test_a_level_in_the_post_also_rates_oneself(client, employee):
    made = client.post(URL, json={"name": "Juggling", "level": 4}, headers=sign_in(employee)).json
    row = db.session.execute(select(UserSkill).filter_by(user_id=employee.id, skill_id=made["id"])).scalar_one()
    assert (row.level, row.self_level) == (4, 4)
    assert "level" not in made


def test_the_same_name_in_any_case_is_refused_with_the_existing_skill(client, employee):
    skill = make_skill("PostgreSQL")
    answer = client.post(URL, json={"name": "postgresql"}, headers=sign_in(employee))
    assert answer.status_code == 409
    assert answer.json["existing"] == {"id": skill.id, "name": "PostgreSQL"}


def test_a_near_name_is_made_and_answered_with_what_it_resembles(client, employee):
    near, far = make_skill("Project management"), make_skill("Welding")
    made = client.post(URL, json={"name": "Project managment"}, headers=sign_in(employee))
    assert made.status_code == 200
    assert [(row["id"], row["name"]) for row in made.json["similar"]] == [(near.id, "Project management")]
    assert made.json["similar"][0]["reason"]
    assert far.id not in {row["id"] for row in made.json["similar"]}
    assert "similar" not in client.get(f"{URL}{made.json['id']}", headers=sign_in(employee)).json


def test_the_name_of_anothers_alias_is_made_and_answered_with_it(client, employee):
    skill = make_skill("Kubernetes")
    db.session.add(SkillAlias(skill_id=skill.id, name="k8s"))
    made = client.post(URL, json={"name": "K8s"}, headers=sign_in(employee)).json
    assert [row["id"] for row in made["similar"]] == [skill.id]
    assert "k8s" in made["similar"][0]["reason"]


def test_an_alias_that_is_anothers_name_is_answered_with_it(client, employee):
    skill = make_skill("Excel")
    made = client.post(URL, json={"name": "Spreadsheets", "aliases": ["excel"]}, headers=sign_in(employee)).json
    assert [row["id"] for row in made["similar"]] == [skill.id]


@pytest.mark.parametrize(
    ("body", "field"),
    [
        ({}, "name"),
        ({"name": "   "}, "name"),
        ({"name": "a\x00b"}, "name"),
        ({"name": "x" * 201}, "name"),
        ({"name": "A", "category_id": 999_999}, "category_id"),
        ({"name": "A", "review_months": 0}, "review_months"),
        ({"name": "A", "status": "gone"}, "status"),
        ({"name": "A", "level": 6}, "level"),
        ({"name": "A", "aliases": ["b"] * 201}, "aliases"),
        ({"name": "A", "external_uri": "not a uri"}, "external_uri"),
        ({"name": "A", "id": 5}, "id"),
        ({"name": "A", "merged_into_id": 5}, "merged_into_id"),
    ],
)
def test_what_is_wrong_in_itself_is_named(client, hr, body, field):
    answer = client.post(URL, json=body, headers=sign_in(hr))
    assert answer.status_code == 400
    assert field in answer.json["errors"]


def test_only_hr_decides_the_status(client, employee, hr):
    assert client.post(URL, json={"name": "A", "status": "active"}, headers=sign_in(employee)).status_code == 403
    made = client.post(URL, json={"name": "A"}, headers=sign_in(employee)).json
    address = f"{URL}{made['id']}"
    assert client.patch(address, json={"status": "active"}, headers=sign_in(employee)).status_code == 403
    assert client.patch(address, json={"status": "active"}, headers=sign_in(hr)).json["status"] == "active"
    assert client.patch(address, json={"name": "B"}, headers=sign_in(employee)).status_code == 403


def test_the_proposer_may_change_and_delete_what_nobody_else_rated(client, employee):
    made = client.post(URL, json={"name": "Whittling", "level": 2}, headers=sign_in(employee)).json
    address = f"{URL}{made['id']}"
    assert client.patch(address, json={"name": "Carving"}, headers=sign_in(employee)).json["name"] == "Carving"
    assert client.delete(address, headers=sign_in(make_user())).status_code == 403
    gone = client.delete(address, headers=sign_in(employee))
    assert (gone.status_code, gone.json["name"]) == (200, "Carving")
    assert client.get(address, headers=sign_in(employee)).status_code == 404
    assert db.session.scalars(select(UserSkill).filter_by(user_id=employee.id)).all() == []


def test_once_somebody_else_rated_it_the_proposal_is_the_curators(client, employee):
    made = client.post(URL, json={"name": "Whittling"}, headers=sign_in(employee)).json
    make_user_skill(make_user(), db.session.get(Skill, made["id"]))
    address = f"{URL}{made['id']}"
    assert client.patch(address, json={"name": "Carving"}, headers=sign_in(employee)).status_code == 403
    assert client.delete(address, headers=sign_in(employee)).status_code == 403


def test_a_skill_in_use_is_retired_not_deleted(client, hr):
    skill = make_skill()
    make_user_skill(make_user(), skill)
    address = f"{URL}{skill.id}"
    refused = client.delete(address, headers=sign_in(hr))
    assert refused.status_code == 409
    assert "retire" in refused.json["detail"]
    assert client.patch(address, json={"status": "retired"}, headers=sign_in(hr)).json["status"] == "retired"
    unused = make_skill("Unused")
    assert client.delete(f"{URL}{unused.id}", headers=sign_in(hr)).json["name"] == "Unused"


def test_a_skill_that_another_points_to_is_not_deleted(client, hr):
    skill = make_skill()
    make_skill(merged_into_id=skill.id)
    assert client.delete(f"{URL}{skill.id}", headers=sign_in(hr)).status_code == 409


def test_replacing_sets_what_is_left_out_to_its_default_but_never_the_status(client, hr):
    skill = make_skill("Old", description="d", review_months=3, critical=True, status="retired")
    db.session.add(SkillAlias(skill_id=skill.id, name="older"))
    put = client.put(f"{URL}{skill.id}", json={"name": "New"}, headers=sign_in(hr)).json
    assert (put["description"], put["review_months"], put["critical"], put["aliases"]) == (None, 12, False, [])
    assert put["status"] == "retired"


def test_changing_keeps_what_is_left_out(client, hr):
    skill = make_skill("Old", description="d", review_months=3)
    db.session.add(SkillAlias(skill_id=skill.id, name="older"))
    patched = client.patch(f"{URL}{skill.id}", json={"critical": True}, headers=sign_in(hr)).json
    assert (patched["name"], patched["description"], patched["aliases"]) == ("Old", "d", ["older"])
    assert patched["critical"] is True


def test_a_rename_to_anothers_name_is_refused_and_to_its_own_in_another_case_taken(client, hr):
    make_skill("Taken")
    skill = make_skill("mine")
    address = f"{URL}{skill.id}"
    assert client.patch(address, json={"name": "taken"}, headers=sign_in(hr)).status_code == 409
    assert client.patch(address, json={"name": "Mine"}, headers=sign_in(hr)).json["name"] == "Mine"


def test_a_changed_review_period_is_felt_by_every_holder(client, hr):
    skill, holder = make_skill(review_months=12), make_user()
    headers = sign_in(holder)
    client.put(f"/api/users/me/skills/{skill.id}", json={"level": 3, "effective_on": "2026-01-01"}, headers=headers)
    client.patch(f"{URL}{skill.id}", json={"review_months": 1}, headers=sign_in(hr))
    assert client.get(f"/api/users/me/skills/{skill.id}", headers=headers).json["is_stale"] is True


def test_an_alias_alone_changes_the_etag_and_a_stale_writer_is_told(client, hr):
    skill = make_skill()
    address, headers = f"{URL}{skill.id}", sign_in(hr)
    tag = client.get(address, headers=headers).headers["ETag"]
    assert client.get(address, headers={**headers, "If-None-Match": tag}).status_code == 304
    fresh = client.patch(address, json={"aliases": ["one"]}, headers={**headers, "If-Match": f"W/{tag}"})
    assert fresh.headers["ETag"] != tag
    for method in (client.put, client.patch):
        assert method(address, json={"name": "n"}, headers={**headers, "If-Match": tag}).status_code == 412
    assert client.delete(address, headers={**headers, "If-Match": tag}).status_code == 412


def test_lists_show_active_and_proposed_and_the_retired_on_request(client, employee):
    for status in ("active", "proposed", "retired"):
        make_skill(f"s-{status}", status=status)
    headers = sign_in(employee)
    assert [row["status"] for row in client.get(URL, headers=headers).json] == ["active", "proposed"]
    assert [row["name"] for row in client.get(f"{URL}?status=retired", headers=headers).json] == ["s-retired"]
    assert len(client.get(f"{URL}?status=retired&status=active&status=proposed", headers=headers).json) == 3


def test_lists_are_paged_sorted_and_hold_to_their_schema(client, employee):
    for name in "bca":
        make_skill(name)
    headers = sign_in(employee)
    answer = client.get(f"{URL}?page_size=2&sort=-name", headers=headers)
    assert [row["name"] for row in answer.json] == ["c", "b"]
    assert json.loads(answer.headers["X-Pagination"])["total"] == 3
    schema = SkillSchema()
    for row in answer.json:
        assert set(row) == set(schema.dump_fields) - {"similar"}
        item = client.get(f"{URL}{row['id']}", headers=headers).json
        assert item == row
    assert answer.json[0]["created_at"].endswith("Z")


def test_a_category_filter_takes_in_what_is_below(client, employee):
    top = SkillCategory(name="Data")
    db.session.add(top)
    db.session.flush()
    below = SkillCategory(name="Databases", parent_id=top.id)
    db.session.add(below)
    db.session.flush()
    make_skill("inside", category_id=below.id)
    make_skill("outside")
    assert [row["name"] for row in client.get(f"{URL}?category_id={top.id}", headers=sign_in(employee)).json] == [
        "inside"
    ]


def test_a_cached_page_is_the_same_answer_and_gone_after_a_write(client, employee, hr):
    make_skill("first")
    headers = sign_in(employee)
    fresh, kept = client.get(URL, headers=headers), client.get(URL, headers=headers)
    assert fresh.data == kept.data
    assert fresh.headers["X-Pagination"] == kept.headers["X-Pagination"]
    client.post(URL, json={"name": "second"}, headers=sign_in(hr))
    assert [row["name"] for row in client.get(URL, headers=headers).json] == ["first", "second"]


def test_what_people_do_with_the_catalogue_is_recorded_with_their_consent(client, employee):
    db.session.add(Consent(user_id=employee.id, purpose="tracking", is_granted=True))
    headers = sign_in(employee)
    made = client.post(URL, json={"name": "Juggling", "level": 2}, headers=headers).json
    client.get(f"{URL}{made['id']}", headers=headers)
    client.get(f"{URL}?q=juggling", headers=headers)
    client.get(f"{URL}?q=juggling", headers=headers)  # from the cache, and counted all the same
    assert kinds_of(employee.id) == ["skill_proposed", "skill_rated", "skill_viewed", "search", "search"]
    event = db.session.scalars(select(InteractionEvent).filter_by(kind="search")).first()
    assert event.props["result_count"] == 1
    assert "juggling" not in json.dumps(event.props)


def test_sources_name_their_licences_sentence(client, employee):
    assert client.get(f"{URL}sources", headers=sign_in(employee)).json == []
