"""One level over HTTP: who writes what, who sees what."""

from datetime import timedelta

import pytest
from sqlalchemy import select

from smartskill.database import now
from smartskill.extensions import db
from smartskill.skills.models.levels import Rating, UserSkill
from smartskill.skills.schemas.levels import UserSkillSchema
from tests.factories import make_skill
from tests.skills.relations import TODAY, address, rate


def test_an_owner_rates_themselves(client, people, skill):
    body = {"level": 4, "interest": 5, "target_level": 5, "is_shown": True, "note": "since school"}
    answer = client.put(f"/api/users/me/skills/{skill.id}", json=body, headers=people["owner"][1])
    assert answer.status_code == 200
    assert answer.json == {
        "user_id": people["owner"][0].id, "skill_id": skill.id, "skill_name": "Knitting", "level": 4, "self_level": 4,
        "manager_level": None, "confidence": 0.4, "is_stale": False, "is_shown": True, "interest": 5, "target_level": 5,
        "last_confirmed_on": TODAY.isoformat(), "note": "since school",
    }  # fmt: skip
    assert set(answer.json) == set(UserSkillSchema().dump_fields)
    assert client.get(address(people, skill), headers=people["owner"][1]).json == answer.json
    assert client.get("/api/users/me/skills/", headers=people["owner"][1]).json == [answer.json]


def test_a_manager_above_rates_and_outweighs(client, people, skill):
    rate(client, people, skill, level=5)
    answer = rate(
        client, people, skill, "boss", level=2, note="saw it", effective_on=(TODAY - timedelta(10)).isoformat()
    )
    assert answer.status_code == 200
    assert (answer.json["level"], answer.json["self_level"], answer.json["manager_level"]) == (2, 5, 2)
    assert answer.json["note"] is None  # the owner's note is not the manager's to write
    rating = db.session.execute(select(Rating).filter_by(source="manager")).scalar_one()
    assert (rating.rater_id, rating.note, rating.effective_on) == (
        people["boss"][0].id,
        "saw it",
        TODAY - timedelta(10),
    )


@pytest.mark.parametrize("field", [{"interest": 3}, {"target_level": 3}, {"is_shown": False}])
def test_the_owners_wishes_are_not_the_managers_to_write(client, people, skill, field):
    for method in (client.put, client.patch):
        rate(client, people, skill)
        assert method(address(people, skill), json={"level": 3, **field}, headers=people["lead"][1]).status_code == 403


@pytest.mark.parametrize("who", ["colleague", "stranger", "hr", "admin"])
def test_nobody_else_writes_a_level(client, people, skill, who):
    headers = people[who][1]
    assert rate(client, people, skill, who).status_code == 404  # nothing there that they could see
    rate(client, people, skill)
    assert rate(client, people, skill, who).status_code == 403
    assert client.patch(address(people, skill), json={"level": 1}, headers=headers).status_code == 403
    assert client.delete(address(people, skill), headers=headers).status_code == 403
    bulk = client.put(
        f"/api/users/{people['owner'][0].id}/skills/", json=[{"skill_id": skill.id, "level": 1}], headers=headers
    )
    assert bulk.status_code == 403


@pytest.mark.parametrize(
    ("who", "sees"),
    [
        ("colleague", False),
        ("stranger", False),
        ("lead", True),
        ("boss", True),
        ("hr", True),
        ("admin", True),
        ("owner", True),
    ],
)
def test_a_hidden_level_is_not_there_for_colleagues(client, people, skill, who, sees):
    rate(client, people, skill, is_shown=False)
    headers = people[who][1]
    assert client.get(address(people, skill), headers=headers).status_code == (200 if sees else 404)
    assert len(client.get(f"/api/users/{people['owner'][0].id}/skills/", headers=headers).json) == sees
    assert len(client.get(f"/api/skills/{skill.id}/people", headers=headers).json) == sees
    assert client.get(f"{address(people, skill)}/endorsements", headers=headers).status_code == (200 if sees else 404)
    if not sees:
        unrated = address(people, make_skill())
        for method, body in ((client.put, {"level": 1}), (client.patch, {"level": 1}), (client.delete, None)):
            hidden, absent = (method(place, json=body, headers=headers) for place in (address(people, skill), unrated))
            assert hidden.status_code == 404
            assert {**hidden.json, "request_id": 0} == {**absent.json, "request_id": 0}


@pytest.mark.parametrize(("who", "sees"), [("colleague", False), ("lead", True), ("hr", True), ("owner", True)])
def test_colleagues_see_the_level_and_not_what_it_was_made_of(client, people, skill, who, sees):
    rate(client, people, skill, level=5, target_level=4, interest=2, note="private")
    rate(client, people, skill, "lead", level=2)
    headers = people[who][1]
    row = client.get(address(people, skill), headers=headers).json
    assert (row["level"], row["interest"]) == (2, 2)
    hidden = [row["self_level"], row["manager_level"], row["target_level"], row["note"]]
    assert hidden == ([5, 2, 4, "private"] if sees else [None] * 4)
    assert client.get(f"/api/users/{people['owner'][0].id}/skills/", headers=headers).json == [row]
    assert client.get(f"{address(people, skill)}/history", headers=headers).status_code == (200 if sees else 404)


def test_a_wish_without_a_level_is_not_a_zero(client, people, skill):
    answer = client.put(address(people, skill), json={"interest": 0}, headers=people["owner"][1]).json
    assert (answer["level"], answer["confidence"], answer["is_stale"], answer["interest"]) == (None, 0, False, 0)
    assert client.get(f"/api/skills/{skill.id}/people", headers=people["owner"][1]).json == []


def test_replacing_forgets_wishes_that_are_left_out_and_keeps_the_stated_level(client, people, skill):
    rate(client, people, skill, level=4, interest=3, note="n")
    answer = client.put(address(people, skill), json={"target_level": 5}, headers=people["owner"][1]).json
    assert (answer["level"], answer["interest"], answer["note"], answer["target_level"]) == (4, None, None, 5)


def test_changing_keeps_what_is_left_out(client, people, skill):
    rate(client, people, skill, level=4, interest=3, is_shown=False)
    answer = client.patch(address(people, skill), json={"level": 5}, headers=people["owner"][1]).json
    assert (answer["level"], answer["interest"], answer["is_shown"]) == (5, 3, False)
    absent = address(people, make_skill())
    assert client.patch(absent, json={"level": 5}, headers=people["owner"][1]).status_code == 404


def test_null_takes_ones_own_rating_back(client, people, skill):
    rate(client, people, skill, level=4, interest=3)
    answer = client.patch(address(people, skill), json={"level": None}, headers=people["owner"][1]).json
    assert (answer["level"], answer["interest"]) == (None, 3)


def test_deleting_takes_back_what_one_said_and_answers_it(client, people, skill):
    rate(client, people, skill, level=4, interest=3)
    gone = client.delete(address(people, skill), headers=people["owner"][1])
    assert (gone.status_code, gone.json["level"]) == (200, 4)
    assert client.get(address(people, skill), headers=people["owner"][1]).status_code == 404
    assert client.delete(address(people, skill), headers=people["owner"][1]).status_code == 404
    rating = db.session.execute(select(Rating)).scalar_one()
    assert rating.retracted_at is not None  # the fact stays; that it was taken back is another


def test_what_others_said_outlives_the_owners_deletion(client, people, skill):
    rate(client, people, skill, level=4, is_shown=False)
    rate(client, people, skill, "lead", level=2)
    client.delete(address(people, skill), headers=people["owner"][1])
    row = client.get(address(people, skill), headers=people["owner"][1]).json
    assert (row["level"], row["self_level"], row["manager_level"], row["is_shown"]) == (2, None, 2, False)
    assert client.delete(address(people, skill), headers=people["owner"][1]).status_code == 403
    assert client.delete(address(people, skill), headers=people["boss"][1]).status_code == 403
    assert client.delete(address(people, skill), headers=people["lead"][1]).json["level"] == 2
    assert client.get(address(people, skill), headers=people["owner"][1]).status_code == 404


@pytest.mark.parametrize(
    ("body", "field"),
    [
        ({"level": 0}, "level"),
        ({"level": 6}, "level"),
        ({"level": 2.5}, "level"),
        ({"level": "3"}, "level"),
        ({"level": True}, "level"),
        ({"level": 3, "interest": 6}, "interest"),
        ({"level": 3, "target_level": 0}, "target_level"),
        ({"level": 3, "effective_on": (TODAY + timedelta(2)).isoformat()}, "effective_on"),
        ({"effective_on": TODAY.isoformat()}, "level"),
        ({"level": 3, "confidence": 1}, "confidence"),
        ({}, "level"),
    ],
)
def test_what_is_wrong_in_itself_is_named(client, people, skill, body, field):
    answer = client.put(address(people, skill), json=body, headers=people["owner"][1])
    assert answer.status_code == 400
    assert field in answer.json["errors"]
    assert db.session.scalars(select(UserSkill)).all() == []


def test_today_is_today_where_the_rater_lives(client, people, skill, monkeypatch):
    people["owner"][0].timezone = "Pacific/Kiritimati"  # UTC+14
    evening = now().replace(hour=20)
    monkeypatch.setattr("smartskill.skills.services.rating.now", lambda: evening)
    tomorrow = (evening.date() + timedelta(1)).isoformat()
    assert rate(client, people, skill, effective_on=tomorrow).status_code == 200
    assert rate(client, people, skill, "lead", effective_on=tomorrow).status_code == 400


def test_a_retired_skill_takes_no_ratings_and_an_unknown_one_is_not_there(client, people, skill):
    rate(client, people, skill)
    skill.status = "retired"
    assert rate(client, people, skill, level=5).status_code == 409
    assert client.patch(address(people, skill), json={"interest": 1}, headers=people["owner"][1]).status_code == 200
    assert client.put("/api/users/me/skills/999999", json={"level": 1}, headers=people["owner"][1]).status_code == 404
    assert client.get("/api/users/999999/skills/", headers=people["owner"][1]).status_code == 404
