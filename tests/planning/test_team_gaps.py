"""Which roles fit whom, and the gaps of a team, by figures worked out by hand."""

from datetime import timedelta

import pytest
from sqlalchemy import event

from smartskill.extensions import db
from smartskill.user.services.organisation import place_user
from smartskill.user.services.teams import create_team
from tests.factories import make_role, make_skill, make_user, make_user_skill, sign_in
from tests.planning.lacks import TODAY, assign, certify, exempt, names


def test_which_roles_fit_me_best_first(client, person):
    a, b = make_skill("A"), make_skill("B")
    make_user_skill(person, a, level=3)
    make_role("Half, a must failed", ((a, 3), (b, 3, 1.0, True)))
    make_role("Half", ((a, 3), (b, 3)))
    make_role("Whole", ((a, 2),))
    make_role("None", ((b, 1),))
    make_role("Nothing asked")
    make_role("Occupation", ((a, 3, 3.0), (b, 3)), status="template")
    make_role("Retired", ((a, 1),), status="retired")
    headers = sign_in(person)
    rows = client.get("/api/users/me/fits", headers=headers).json
    assert [(row["name"], row["readiness"], row["compliance"], names(row["failed_musts"])) for row in rows] == [
        ("Whole", 1.0, 1.0, []),
        ("Half", 0.5, 0.5, []),
        ("Half, a must failed", 0.5, 0.5, ["B"]),
        ("None", 0.0, 0.0, []),
        ("Nothing asked", None, None, []),
    ]
    answer = client.get("/api/users/me/fits?include=templates&page_size=2", headers=headers)
    # the occupation: (3·3 + 0) ÷ (3·3 + 1·3)
    assert [(row["name"], row["readiness"]) for row in answer.json] == [("Whole", 1.0), ("Occupation", 0.75)]
    assert '"total":6' in answer.headers["X-Pagination"]


def test_who_fits_a_role_best_first_among_those_whom_one_plans_for(client):
    lead, hr = make_user("manager"), make_user("hr", full_name="Zoe")
    skill = make_skill()
    ada, ben = make_user(full_name="Ada", manager_id=lead.id), make_user(full_name="Ben", manager_id=lead.id)
    gone = make_user(full_name="Gone", manager_id=lead.id, is_active=False)
    stranger = make_user(full_name="Cem")
    for user, level in ((ben, 4), (stranger, 2), (gone, 5)):
        make_user_skill(user, skill, level=level)
    role = make_role(asks=((skill, 4, 1.0, True),))
    assign(ada, role)
    rows = client.get(f"/api/skills/roles/{role.id}/candidates", headers=sign_in(lead)).json
    assert [(row["full_name"], row["readiness"], row["has_role"], len(row["failed_musts"])) for row in rows] == [
        ("Ben", 1.0, False, 0),
        ("Ada", 0.0, True, 1),
    ]
    rows = client.get(f"/api/skills/roles/{role.id}/candidates", headers=sign_in(hr)).json
    assert [row["full_name"] for row in rows][:2] == ["Ben", "Cem"]
    refused = client.get(f"/api/skills/roles/{role.id}/candidates", headers=sign_in(stranger))
    assert refused.status_code == 403
    assert client.get("/api/skills/roles/2000000000/candidates", headers=sign_in(hr)).status_code == 404


@pytest.fixture
def team(app, licence):
    """Ada and Ben weld, Cem has no role; Dot of the team below leads the licence's holders; Eve is elsewhere."""
    boss = make_user("manager", full_name="Boss")
    shop = create_team("Shop")
    bench = create_team("Bench", parent_id=shop.id)
    people = {name: make_user(full_name=name, manager_id=boss.id) for name in ("Ada", "Ben", "Cem", "Dot")}
    for name, person in people.items():
        place_user(person, team_id=(bench if name == "Dot" else shop).id, effective_on=TODAY - timedelta(days=500))
    weld, grind = make_skill("Weld"), make_skill("Grind")
    role = make_role("Welder", ((weld, 3, 2.0, True), (grind, 2), (licence, 1, 1.0, True)))
    for name in ("Ada", "Ben", "Dot"):
        assign(people[name], role)
    make_user_skill(people["Ada"], weld, level=4)
    make_user_skill(people["Ada"], grind, level=2)
    make_user_skill(people["Ben"], weld, level=2)
    certify(people["Ada"], licence)
    certify(people["Dot"], licence)
    exempt(people["Dot"], weld)
    return {"boss": boss, "shop": shop, "role": role, **people}


def test_the_gaps_of_a_team_add_up(client, team):
    answer = client.get(f"/api/skills/gaps?team_id={team['shop'].id}", headers=sign_in(team["boss"]))
    assert answer.status_code == 200
    gaps = answer.json
    # Welder asks 2·3 + 1·2 + 1·1 = 9.
    # Ada has 6 + 2 + 1 = 9. Ben 2·2 = 4 of 9, nothing met. Dot, exempt from welding, 0 + 1 of 2 + 1.
    assert [(row["full_name"], row["readiness"], row["compliance"]) for row in gaps["people"]] == [
        ("Dot", pytest.approx(1 / 3), 0.5),
        ("Ben", pytest.approx(4 / 9), 0.0),
        ("Ada", 1.0, 1.0),
        ("Cem", None, None),
    ]
    assert [names(row["failed_musts"]) for row in gaps["people"]] == [[], ["Forklift licence", "Weld"], [], []]
    assert gaps["people"][3]["role_ids"] == []
    keys = ("name", "required", "met", "below", "missing", "exempt", "highest_level", "must")
    assert [tuple(row[key] for key in keys) for row in gaps["requirements"]] == [
        ("Grind", 3, 1, 0, 2, 0, 2, False),
        ("Forklift licence", 3, 2, 0, 1, 0, 1, True),
        ("Weld", 3, 1, 1, 0, 1, 3, True),
    ]
    assert gaps["totals"] == {
        "people": 4,
        "with_role": 3,
        "compliant": 1,
        "with_failed_musts": 1,
        "readiness": pytest.approx((1 / 3 + 4 / 9 + 1) / 3),
        "compliance": 0.5,
    }
    assert '"total":4' in answer.headers["X-Pagination"]


def test_a_page_of_people_changes_neither_requirements_nor_totals(client, team):
    headers = sign_in(team["boss"])
    whole = client.get("/api/skills/gaps?sort=full_name", headers=headers).json
    second = client.get("/api/skills/gaps?sort=full_name&page_size=3&page=2", headers=headers).json
    assert [row["full_name"] for row in whole["people"]] == ["Ada", "Ben", "Cem", "Dot"]
    assert second["people"] == whole["people"][3:]
    assert (second["requirements"], second["totals"]) == (whole["requirements"], whole["totals"])


def test_a_whole_team_is_held_against_one_role(client, team):
    skill = make_skill("Weave")
    make_user_skill(team["Cem"], skill, level=1)
    role = make_role("Weaver", ((skill, 2),))
    gaps = client.get(f"/api/skills/gaps?role_id={role.id}&sort=-readiness", headers=sign_in(team["boss"])).json
    assert [(row["full_name"], row["readiness"]) for row in gaps["people"]] == [
        ("Cem", 0.5),
        ("Ada", 0.0),
        ("Ben", 0.0),
        ("Dot", 0.0),
    ]
    assert [(row["below"], row["missing"]) for row in gaps["requirements"]] == [(1, 3)]


def test_a_team_is_that_of_the_asked_day_and_its_readers_those_of_today(client, team):
    place_user(team["Ben"], team_id=create_team("Elsewhere").id, effective_on=TODAY - timedelta(days=5))
    url, headers = f"/api/skills/gaps?team_id={team['shop'].id}", sign_in(team["boss"])
    assert "Ben" not in [row["full_name"] for row in client.get(url, headers=headers).json["people"]]
    before = client.get(f"{url}&as_of={TODAY - timedelta(days=6)}", headers=headers).json
    assert "Ben" in [row["full_name"] for row in before["people"]]
    assert client.get(url, headers=sign_in(team["Ada"])).status_code == 403
    assert client.get(url, headers=sign_in(make_user("hr"))).status_code == 200
    assert client.get("/api/skills/gaps?team_id=2000000000", headers=headers).status_code == 404


def test_a_larger_team_costs_no_more_queries(client, team):
    def statements():
        seen = []

        def note(*args):
            seen.append(args[2])

        event.listen(db.engine, "before_cursor_execute", note)
        try:
            assert client.get("/api/skills/gaps", headers=headers).status_code == 200
        finally:
            event.remove(db.engine, "before_cursor_execute", note)
        return len(seen)

    headers = sign_in(team["boss"])
    few = statements()
    for _ in range(30):
        assign(make_user(manager_id=team["boss"].id), team["role"])
    assert statements() == few > 5
