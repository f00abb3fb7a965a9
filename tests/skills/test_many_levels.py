"""Levels over HTTP: many at once, lists, confirming, history, stale writers."""

from datetime import timedelta

from sqlalchemy import select

from smartskill.activity.models import Consent, InteractionEvent
from smartskill.extensions import db
from smartskill.skills.schemas.levels import SkillRatingSchema
from tests.factories import make_skill
from tests.skills.relations import TODAY, address, rate


def test_many_levels_are_written_at_once_or_none(client, people, skill):
    other, headers = make_skill("Sewing"), people["owner"][1]
    rate(client, people, skill, interest=3)
    url = "/api/users/me/skills/"
    body = [{"skill_id": other.id, "level": 2}, {"skill_id": skill.id, "level": 5}]
    answer = client.put(url, json=body, headers=headers)
    assert [(row["skill_name"], row["level"], row["interest"]) for row in answer.json] == [
        ("Sewing", 2, None),
        ("Knitting", 5, 3),
    ]

    bad = [{"skill_id": skill.id, "level": 1}, {"skill_id": 999_999, "level": 1}, {"skill_id": skill.id, "level": 1}]
    refused = client.put(url, json=bad, headers=headers)
    assert refused.status_code == 400
    assert set(refused.json["errors"]) == {"1.skill_id", "2.skill_id"}
    late = [{"skill_id": skill.id, "level": 1}, {"skill_id": other.id, "level": 1, "effective_on": "2199-01-01"}]
    assert set(client.put(url, json=late, headers=headers).json["errors"]) == {"1.effective_on"}
    assert client.get(address(people, skill), headers=headers).json["level"] == 5
    assert client.put(url, json=[{"skill_id": 1}] * 201, headers=headers).status_code == 400
    assert client.put(url, json={"skill_id": 1}, headers=headers).status_code == 400


def test_a_manager_writes_many_levels_too(client, people, skill):
    url = f"/api/users/{people['owner'][0].id}/skills/"
    answer = client.put(url, json=[{"skill_id": skill.id, "level": 4}], headers=people["lead"][1])
    assert answer.json[0]["manager_level"] == 4


def test_the_list_filters_and_sorts(client, people):
    headers, old = people["owner"][1], (TODAY - timedelta(400)).isoformat()
    for name, level, day in (("Alpha", 2, old), ("Beta", 5, None), ("Gamma", 3, None)):
        body = {"level": level, **({"effective_on": day} if day else {})}
        client.put(f"/api/users/me/skills/{make_skill(name).id}", json=body, headers=headers)

    def names(query):
        return [row["skill_name"] for row in client.get(f"/api/users/me/skills/?{query}", headers=headers).json]

    assert names("") == ["Alpha", "Beta", "Gamma"]
    assert names("sort=-level") == ["Beta", "Gamma", "Alpha"]
    assert names("sort=confidence")[0] == "Alpha"
    assert names("is_stale=true") == ["Alpha"]
    assert names("is_stale=false") == ["Beta", "Gamma"]
    assert names("min_level=3&q=a") == ["Beta", "Gamma"]
    assert names("q=MM") == ["Gamma"]


def test_confirming_states_the_level_anew(client, people, skill):
    rate(client, people, skill, level=4, effective_on=(TODAY - timedelta(400)).isoformat())
    assert client.get(address(people, skill), headers=people["owner"][1]).json["is_stale"] is True
    answer = client.post(f"{address(people, skill)}/confirm", headers=people["owner"][1])
    assert (answer.json["level"], answer.json["is_stale"], answer.json["last_confirmed_on"]) == (
        4,
        False,
        TODAY.isoformat(),
    )
    assert client.post(f"{address(people, skill)}/confirm", headers=people["colleague"][1]).status_code == 403
    wish = make_skill()
    client.put(f"/api/users/me/skills/{wish.id}", json={"interest": 3}, headers=people["owner"][1])
    assert client.post(f"/api/users/me/skills/{wish.id}/confirm", headers=people["owner"][1]).status_code == 409


def test_confirming_a_managers_level_states_it_oneself(client, people, skill):
    rate(client, people, skill, "lead", level=2)
    row = client.post(f"{address(people, skill)}/confirm", headers=people["owner"][1]).json
    assert (row["level"], row["self_level"]) == (2, 2)


def test_many_are_confirmed_or_none(client, people, skill):
    headers, other = people["owner"][1], make_skill()
    day = (TODAY - timedelta(400)).isoformat()
    for each in (skill, other):
        client.put(f"/api/users/me/skills/{each.id}", json={"level": 2, "effective_on": day}, headers=headers)
    url = "/api/users/me/skills/confirm"
    refused = client.post(url, json={"skill_ids": [skill.id, 999_999]}, headers=headers)
    assert refused.status_code == 400
    assert list(refused.json["errors"]) == ["skill_ids.1"]
    assert client.get(address(people, skill), headers=headers).json["is_stale"] is True
    answer = client.post(url, json={"skill_ids": [skill.id, other.id]}, headers=headers)
    assert [row["is_stale"] for row in answer.json] == [False, False]
    assert client.post(url, json={"skill_ids": []}, headers=headers).status_code == 400


def test_history_holds_all_that_was_said(client, people, skill):
    rate(client, people, skill, level=2, effective_on=(TODAY - timedelta(9)).isoformat())
    rate(client, people, skill, "lead", level=4, note="well done")
    client.delete(address(people, skill), headers=people["owner"][1])
    rows = client.get(f"{address(people, skill)}/history", headers=people["owner"][1]).json
    assert [(row["source"], row["level"], row["note"], row["retracted_at"] is None) for row in rows] == [
        ("manager", 4, "well done", True), ("self", 2, None, False),
    ]  # fmt: skip
    assert rows[0]["rater_name"] == people["lead"][0].full_name
    assert set(rows[0]) == set(SkillRatingSchema().dump_fields)


def test_a_stale_writer_is_told_and_so_is_one_whose_level_is_gone(client, people, skill):
    tag = rate(client, people, skill).headers["ETag"]
    assert rate(client, people, skill, "lead", level=5).status_code == 200
    headers = {**people["owner"][1], "If-Match": tag}
    for method in (client.put, client.patch):
        assert method(address(people, skill), json={"level": 1}, headers=headers).status_code == 412
    assert client.delete(address(people, skill), headers=headers).status_code == 412
    assert client.put(address(people, make_skill()), json={"level": 1}, headers=headers).status_code == 412


def test_what_people_do_with_levels_is_recorded(client, people, skill):
    for name in ("owner", "lead"):
        db.session.add(Consent(user_id=people[name][0].id, purpose="tracking", is_granted=True))
    rate(client, people, skill)
    rate(client, people, skill, "lead")
    client.post(f"{address(people, skill)}/confirm", headers=people["owner"][1])
    found = select(InteractionEvent.user_id, InteractionEvent.kind, InteractionEvent.subject_id).order_by(
        InteractionEvent.id
    )
    owner, lead = people["owner"][0].id, people["lead"][0].id
    assert [tuple(row) for row in db.session.execute(found)] == [
        (owner, "skill_rated", skill.id), (lead, "skill_rated", skill.id), (owner, "skill_confirmed", skill.id),
    ]  # fmt: skip
