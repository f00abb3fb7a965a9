"""Head-count targets over HTTP: who keeps them, and what is no target."""

import pytest

from smartskill.extensions import db
from smartskill.planning.models.growth import DismissedSkill
from smartskill.planning.models.targets import CoverageTarget
from smartskill.skills.services.merging import merge_skills, undo_merge
from tests.factories import make_skill, make_user, sign_in
from tests.planning.crew import Crew, make_kind, want

ADDRESS = "/api/skills/targets/"


@pytest.fixture
def crew(app):
    crew = Crew()
    crew.hire("Ada")
    crew.hire("Ben", crew.engine)
    crew.join("Zoe", crew.rival, crew.shore)
    return crew


def test_hr_sets_a_target_and_everybody_entitled_reads_it(client, crew):
    skill = make_skill("Welding")
    body = {"team_id": crew.deck.id, "skill_id": skill.id, "level": 3, "heads": 2}
    made = client.post(ADDRESS, json=body, headers=sign_in(crew.hr))
    assert made.status_code == 200
    names = {"team_name": "Deck", "skill_name": "Welding", "qualification_name": None, "qualification_type_id": None}
    assert made.json == {
        **body, **names, "id": made.json["id"], "created_at": made.json["created_at"],
        "updated_at": made.json["updated_at"],
    }  # fmt: skip
    assert made.headers["Location"].endswith(f"{ADDRESS}{made.json['id']}")
    for who in (crew.hr, crew.boss):
        headers = sign_in(who)
        assert client.get(made.headers["Location"], headers=headers).json == made.json
        assert client.get(ADDRESS, headers=headers).json == [made.json]
    assert client.get(made.headers["Location"], headers=sign_in(crew.rival)).status_code == 404
    assert client.get(ADDRESS, headers=sign_in(crew.rival)).json == []
    assert client.get(ADDRESS, headers=sign_in(make_user())).status_code == 403


def test_a_manager_keeps_the_targets_of_teams_that_are_wholly_below(client, crew):
    skill, headers = make_skill(), sign_in(crew.boss)
    for team in (crew.ship, crew.deck, crew.engine):
        body = {"team_id": team.id, "skill_id": skill.id, "heads": 1}
        made = client.post(ADDRESS, json=body, headers=headers)
        assert made.status_code == 200
        assert client.patch(f"{ADDRESS}{made.json['id']}", json={"heads": 2}, headers=headers).json["heads"] == 2
        assert client.delete(f"{ADDRESS}{made.json['id']}", headers=headers).status_code == 200


def test_one_person_who_reports_elsewhere_takes_the_team_out_of_a_managers_hands(client, crew):
    skill, headers = make_skill(), sign_in(crew.boss)
    row = want(1, skill=skill, team=crew.deck)
    crew.join("Guest", crew.rival, crew.deck)
    for team in (crew.ship, crew.deck):
        body = {"team_id": team.id, "skill_id": skill.id, "level": 2, "heads": 1}
        assert client.post(ADDRESS, json=body, headers=headers).status_code == 403
    assert client.get(f"{ADDRESS}{row.id}", headers=headers).status_code == 404
    body = {"team_id": crew.engine.id, "skill_id": skill.id, "heads": 1}
    made = client.post(ADDRESS, json=body, headers=headers)
    assert made.status_code == 200
    moved = client.patch(f"{ADDRESS}{made.json['id']}", json={"team_id": crew.deck.id}, headers=headers)
    assert moved.status_code == 403


def test_the_organisations_targets_are_hrs(client, crew):
    skill = make_skill()
    body = {"skill_id": skill.id, "heads": 5}
    assert client.post(ADDRESS, json=body, headers=sign_in(crew.boss)).status_code == 403
    assert client.post(ADDRESS, json=body, headers=sign_in(crew.hr)).json["team_id"] is None
    assert len(client.get(f"{ADDRESS}?is_organisation=true", headers=sign_in(crew.hr)).json) == 1
    assert client.get(f"{ADDRESS}?is_organisation=false", headers=sign_in(crew.hr)).json == []


def test_a_team_has_one_target_per_level(client, crew):
    skill, headers = make_skill(), sign_in(crew.hr)
    body = {"skill_id": skill.id, "level": 3, "heads": 5}
    assert client.post(ADDRESS, json=body, headers=headers).status_code == 200
    again = client.post(ADDRESS, json={**body, "heads": 2}, headers=headers)
    assert again.status_code == 409
    assert "target for that level already" in again.json["detail"]
    assert client.post(ADDRESS, json={**body, "level": 4}, headers=headers).status_code == 200
    assert client.post(ADDRESS, json={**body, "team_id": crew.deck.id}, headers=headers).status_code == 200


@pytest.mark.parametrize(
    ("change", "field"),
    [
        ({"skill_id": None}, "skill_id"),
        ({"qualification_type_id": "kind"}, "skill_id"),
        ({"skill_id": None, "qualification_type_id": "kind", "level": 2}, "level"),
        ({"skill_id": 2_000_000_000}, "skill_id"),
        ({"skill_id": None, "qualification_type_id": 2_000_000_000}, "qualification_type_id"),
        ({"team_id": 2_000_000_000}, "team_id"),
        ({"heads": 0}, "heads"),
        ({"level": 6}, "level"),
    ],
)
def test_what_is_no_target_is_refused_by_name(client, crew, change, field):
    kind = make_kind()
    body = {"skill_id": make_skill().id, "heads": 1, **change}
    if body.get("qualification_type_id") == "kind":
        body["qualification_type_id"] = kind.id
    refused = client.post(ADDRESS, json=body, headers=sign_in(crew.hr))
    assert refused.status_code == 400
    assert set(refused.json["errors"]) == {field}


def test_a_write_on_an_old_version_is_refused(client, crew):
    row, headers = want(1, skill=make_skill()), sign_in(crew.hr)
    address = f"{ADDRESS}{row.id}"
    tag = client.get(address, headers=headers).headers["ETag"]
    assert client.patch(address, json={"heads": 2}, headers={**headers, "If-Match": tag}).status_code == 200
    assert client.patch(address, json={"heads": 3}, headers={**headers, "If-Match": tag}).status_code == 412
    assert client.put(address, json={"skill_id": row.skill_id, "heads": 4}, headers=headers).json["heads"] == 4


@pytest.mark.parametrize(("who", "status"), [("hr", 200), ("boss", 200), ("rival", 403), ("ada", 403)])
def test_the_last_day_is_written_by_hr_and_managers_above(client, crew, who, status):
    ada = crew.hire("Ada Two")
    asker = ada if who == "ada" else getattr(crew, who)
    changed = client.patch(f"/api/users/{ada.id}", json={"leaves_on": "2027-01-31"}, headers=sign_in(asker))
    assert changed.status_code == status
    seen = client.get(f"/api/users/{ada.id}", headers=sign_in(ada)).json
    assert seen["leaves_on"] == ("2027-01-31" if status == 200 else None)
    assert client.get(f"/api/users/{ada.id}", headers=sign_in(crew.rival)).json["leaves_on"] is None


def test_targets_follow_a_merge_of_skills_and_come_back_when_it_is_undone(client, crew):
    first, second, alone = make_skill(), make_skill(), crew.engine
    kept = want(2, skill=second, level=3, team=crew.deck)
    folded_id = want(5, skill=first, level=3, team=crew.deck).id
    kept_id, moved_id = kept.id, want(1, skill=first, level=3, team=alone).id
    db.session.add(DismissedSkill(user_id=crew.hr.id, skill_id=first.id))
    db.session.flush()
    merge = merge_skills(first.id, second.id, crew.hr)
    db.session.expire_all()
    assert {row.id: (row.skill_id, row.heads) for row in db.session.query(CoverageTarget)} == {
        kept_id: (second.id, 5),  # the larger of the two
        moved_id: (second.id, 1),
    }
    assert db.session.query(DismissedSkill).one().skill_id == second.id
    undo_merge(merge.id, crew.hr)
    db.session.expire_all()
    assert {row.id: (row.skill_id, row.heads) for row in db.session.query(CoverageTarget)} == {
        kept_id: (second.id, 2),
        folded_id: (first.id, 5),
        moved_id: (first.id, 1),
    }
