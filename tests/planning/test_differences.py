"""How differently a person, the managers and peers see levels: by hand, and unknown where a voice is missing."""

import pytest

from smartskill.skills.services.endorsing import endorse
from smartskill.skills.services.projection import find_user_skill
from smartskill.skills.services.rating import rate_skill
from smartskill.user.services.organisation import place_user
from smartskill.user.services.teams import create_team
from tests.factories import make_skill, make_user, sign_in


def state(person, skill, own=None, above=None, peers=(), boss=None):
    """The levels that each side states."""
    if own:
        rate_skill(person.id, skill.id, own, source="self", rater_id=person.id)
    if above:
        rate_skill(person.id, skill.id, above, source="manager", rater_id=(boss or make_user()).id)
    for level in peers:
        row = find_user_skill(person.id, skill.id)
        endorse(row, make_user(), level)


def listed(client, who, address) -> list[dict]:
    answer = client.get(address, headers=sign_in(who))
    assert answer.status_code == 200, answer.json
    return answer.json


def test_differences_by_hand_the_largest_first(client):
    """Self − manager: 2 − 5 = −3; 4 − 3 = 1; 3 − 3 = 0. Medians: of 2 and 3 it is 2.5, of 1, 4 and 5 it is 4."""
    me, names = make_user(), ["Ants", "Bees", "Cats", "Dogs", "Eels"]
    ants, bees, cats, dogs, eels = (make_skill(name) for name in names)
    state(me, ants, 4, 3, [2, 3])
    state(me, bees, 2, 5)
    state(me, cats, 3, 3, [1, 5, 4])
    state(me, dogs, own=5, peers=[2])
    state(me, eels, above=1)
    shown = ("skill_name", "self_level", "manager_level", "difference", "peer_median", "peer_count", "peer_difference")
    found = listed(client, me, "/api/users/me/skills/differences")
    assert [tuple(row[name] for name in shown) for row in found] == [
        ("Bees", 2, 5, -3, None, 0, None),
        ("Ants", 4, 3, 1, 2.5, 2, 1.5),
        ("Cats", 3, 3, 0, 4.0, 3, -1.0),
        ("Dogs", 5, None, None, 2.0, 1, 3.0),
        ("Eels", None, 1, None, None, 0, None),
    ]
    assert [row["missing_voices"] for row in found] == [["peer"], [], [], ["manager"], ["self", "peer"]]


def test_a_peer_who_speaks_again_is_heard_once(client):
    me, mate, skill = make_user(), make_user(), make_skill()
    state(me, skill, own=3)
    for level in (1, 5):
        rate_skill(me.id, skill.id, level, source="peer", rater_id=mate.id)
    [row] = listed(client, me, "/api/users/me/skills/differences")
    assert (row["peer_median"], row["peer_count"]) == (5.0, 1)


def test_only_those_who_see_all_of_a_person_see_them(client):
    boss = make_user()
    me = make_user(manager_id=boss.id)
    state(me, make_skill(), 4, 2, boss=boss)
    for who in (boss, make_user("hr")):
        assert listed(client, who, f"/api/users/{me.id}/skills/differences")[0]["difference"] == 2
    for who in (make_user(), make_user("manager")):
        assert client.get(f"/api/users/{me.id}/skills/differences", headers=sign_in(who)).status_code == 404


@pytest.fixture
def team(app):
    """Two people below a boss and a third who is not: (4, 3), (2, 5), unknown; (1, 1) and a manager alone."""
    boss, hr = make_user("manager"), make_user("hr")
    place = create_team("Zoo")
    ada, bob, stranger = make_user(full_name="Ada"), make_user(full_name="Bob"), make_user()
    for person in (ada, bob):
        place_user(person, team_id=place.id, manager_id=boss.id)
    ants, bees, cats = make_skill("Ants"), make_skill("Bees"), make_skill("Cats")
    state(ada, ants, 4, 3, [2, 3])
    state(ada, bees, 2, 5)
    state(ada, cats, own=5)
    state(bob, ants, 1, 1)
    state(bob, bees, above=4)
    state(stranger, ants, 5, 1)
    return {"boss": boss, "hr": hr, "team_id": place.id, "ada": ada, "bob": bob, "ants": ants, "bees": bees}


SUMS = ("name", "pairs", "mean_difference", "mean_size", "self_higher", "self_lower", "equal")


def test_per_person_by_hand(client, team):
    """Ada: 1 and −3: mean −1, size 2; one level no manager stated. Bob: 0; one he did not state himself."""
    found = listed(client, team["boss"], f"/api/skills/differences?team_id={team['team_id']}")
    assert [tuple(row[name] for name in SUMS) for row in found] == [
        ("Ada", 2, -1.0, 2.0, 1, 1, 0),
        ("Bob", 1, 0.0, 0.0, 0, 0, 1),
    ]
    assert [(row["self_unknown"], row["manager_unknown"]) for row in found] == [(0, 1), (1, 0)]
    assert [(row["peer_pairs"], row["mean_peer_difference"]) for row in found] == [(1, 1.5), (0, None)]
    assert [(row["user_id"], row["skill_id"]) for row in found] == [(team["ada"].id, None), (team["bob"].id, None)]


def test_per_skill_by_hand(client, team):
    """Bees: −3. Ants: 1 and 0: mean and size 0.5. Cats: nobody's manager said anything: unknown, not 0."""
    found = listed(client, team["boss"], "/api/skills/differences?by=skill")
    assert [tuple(row[name] for name in SUMS) for row in found] == [
        ("Bees", 1, -3.0, 3.0, 0, 1, 0),
        ("Ants", 2, 0.5, 0.5, 1, 0, 1),
        ("Cats", 0, None, None, 0, 0, 0),
    ]
    assert found[0]["skill_id"] == team["bees"].id


def test_hr_sees_all_and_a_team_cuts_it(client, team):
    everywhere = listed(client, team["hr"], "/api/skills/differences?by=skill")
    assert next(row for row in everywhere if row["name"] == "Ants")["pairs"] == 3
    within = listed(client, team["hr"], f"/api/skills/differences?by=skill&team_id={team['team_id']}")
    assert next(row for row in within if row["name"] == "Ants")["pairs"] == 2


def test_nobody_else_sees_sums(client, team):
    for who in (team["ada"], make_user("manager")):
        assert client.get("/api/skills/differences", headers=sign_in(who)).status_code == 403
    assert client.get("/api/skills/differences?team_id=2000000000", headers=sign_in(team["hr"])).status_code == 404
