"""Many levels at once: every entry at fault is named, nothing of it is written, and what is retired is left alone."""

from datetime import timedelta

import pytest

from smartskill.database import now
from smartskill.extensions import db
from smartskill.skills.models.levels import Rating, UserSkill
from smartskill.skills.services.rating import rate_skill
from tests.factories import make_skill, make_user, sign_in

TODAY = now().date()


def put(client, who, body, owner="me"):
    return client.put(f"/api/users/{owner}/skills/", json=body, headers=sign_in(who))


def written() -> int:
    return db.session.query(Rating).count() + db.session.query(UserSkill).count()


@pytest.mark.parametrize(
    ("entry", "field"),
    [
        ({"level": 6}, "level"),
        ({"level": 0}, "level"),
        ({"level": "3"}, "level"),
        ({"level": 3.5}, "level"),
        ({"levle": 3}, "levle"),
        ({"interest": 6}, "interest"),
        ({"target_level": 0}, "target_level"),
        ({"note": "x" * 2001}, "note"),
        ({"level": 3, "effective_on": "2199-01-01"}, "effective_on"),
        ({"effective_on": "2020-01-01"}, "level"),
        ({}, "level"),  # nothing said of what was never rated
    ],
)
def test_the_entry_at_fault_is_named_and_nothing_is_written(client, entry, field):
    me, good, other = make_user(), make_skill(), make_skill()
    answer = put(client, me, [{"skill_id": good.id, "level": 3}, {"skill_id": other.id, **entry}])
    assert (answer.status_code, list(answer.json["errors"])) == (400, [f"1.{field}"])
    assert written() == 0


def test_all_entries_at_fault_are_named_at_once(client):
    me, skills = make_user(), [make_skill() for _ in range(3)]
    entries = [{"effective_on": "2199-01-01", "level": 1}, {"level": 2}, {"level": None}]
    answer = put(client, me, [{"skill_id": skill.id, **entry} for skill, entry in zip(skills, entries, strict=True)])
    assert (answer.status_code, set(answer.json["errors"])) == (400, {"0.effective_on", "2.level"})
    assert written() == 0


def test_retired_skills_are_named_and_stop_all(client):
    me, good, old = make_user(), make_skill(), make_skill("Fax", status="retired")
    answer = put(client, me, [{"skill_id": good.id, "level": 3}, {"skill_id": old.id, "level": 3}])
    errors = {"1.skill_id": ["Fax is retired and takes no new ratings."]}
    assert (answer.status_code, answer.json["errors"]) == (409, errors)
    assert written() == 0


@pytest.mark.parametrize(("count", "status"), [(0, 200), (200, 200), (201, 400)])
def test_two_hundred_are_the_most(client, count, status):
    me, skills = make_user(), [make_skill() for _ in range(count)]
    answer = put(client, me, [{"skill_id": skill.id, "level": 3} for skill in skills])
    assert answer.status_code == status, answer.json
    if status == 200:
        assert [row["skill_id"] for row in answer.json] == [skill.id for skill in skills]


def test_visibility_is_the_owners_and_holds_everywhere_at_once(client):
    boss, colleague = make_user(), make_user()
    me, skill = make_user(manager_id=boss.id), make_skill()
    assert put(client, me, [{"skill_id": skill.id, "level": 4, "is_shown": False}]).status_code == 200
    places = (f"/api/users/{me.id}/skills/", f"/api/skills/{skill.id}/people")
    for place in places:
        assert client.get(place, headers=sign_in(colleague)).json == []
        assert len(client.get(place, headers=sign_in(boss)).json) == 1
    refused = put(client, boss, [{"skill_id": skill.id, "is_shown": True}], owner=me.id)
    assert refused.status_code in (400, 403)
    assert client.get(places[0], headers=sign_in(colleague)).json == []
    put(client, me, [{"skill_id": skill.id, "is_shown": True}])
    assert client.get(places[0], headers=sign_in(colleague)).json[0]["level"] == 4


def test_what_is_stale_is_confirmed_in_one_call_whatever_was_retired_since(client):
    me, headers = make_user(), None
    headers = sign_in(me)
    long_ago = TODAY - timedelta(days=500)
    skills = [make_skill() for _ in range(4)]
    for skill in skills:
        rate_skill(me.id, skill.id, 3, source="self", rater_id=me.id, effective_on=long_ago)
    skills[0].status = "retired"
    db.session.flush()

    def stale() -> list[int]:
        return [row["skill_id"] for row in client.get("/api/users/me/skills/?is_stale=true", headers=headers).json]

    assert sorted(stale()) == [skill.id for skill in skills[1:]]
    assert not client.get(f"/api/users/me/skills/{skills[0].id}", headers=headers).json["is_stale"]
    every = [skill.id for skill in skills]
    refused = client.post("/api/users/me/skills/confirm", json={"skill_ids": every}, headers=headers)
    assert (refused.status_code, list(refused.json["errors"])) == (409, ["skill_ids.0"])
    assert len(stale()) == 3
    confirmed = client.post("/api/users/me/skills/confirm", json={"skill_ids": stale()}, headers=headers)
    assert {row["last_confirmed_on"] for row in confirmed.json} == {str(TODAY)}
    assert stale() == []
