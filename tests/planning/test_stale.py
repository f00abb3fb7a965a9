"""Levels that want confirming, of a manager's people."""

from datetime import timedelta

from smartskill.database import now
from smartskill.skills.services.rating import rate_skill
from smartskill.user.services.organisation import place_user
from smartskill.user.services.teams import create_team
from tests.factories import make_skill, make_user, sign_in

TODAY = now().date()


def rated(person, skill, days: int, level=3):
    rate_skill(person.id, skill.id, level, source="self", rater_id=person.id, effective_on=TODAY - timedelta(days=days))


def stale(client, who, **query) -> list[tuple]:
    answer = client.get("/api/skills/stale", query_string=query, headers=sign_in(who))
    assert answer.status_code == 200, answer.json
    return [(row["full_name"], row["skill_name"]) for row in answer.json]


def people():
    boss, team = make_user("manager"), create_team("Zoo")
    ada, bob = make_user(full_name="Ada"), make_user(full_name="Bob")
    place_user(ada, team_id=team.id, manager_id=boss.id)
    place_user(bob, manager_id=ada.id)  # two steps below, and in no team
    return boss, team, ada, bob


def test_a_managers_people_the_oldest_first(client):
    boss, team, ada, bob = people()
    ants, bees, cats = make_skill("Ants"), make_skill("Bees", review_months=3, critical=True), make_skill("Cats")
    rated(ada, ants, 500)
    rated(ada, bees, 92)  # 3 months are 91.3 days
    rated(ada, cats, 100)
    rated(bob, ants, 700)
    rated(bob, bees, 91)
    rated(make_user(), ants, 900)
    assert stale(client, boss) == [("Bob", "Ants"), ("Ada", "Ants"), ("Ada", "Bees")]
    assert stale(client, boss, team_id=team.id) == [("Ada", "Ants"), ("Ada", "Bees")]
    assert stale(client, boss, skill_id=bees.id) == [("Ada", "Bees")]
    assert stale(client, boss, critical="true") == [("Ada", "Bees")]
    assert len(stale(client, make_user("hr"))) == 4
    assert stale(client, ada) == [("Bob", "Ants")]


def test_what_it_says_by_hand(client):
    """500 days ÷ 30.4375 − 12 = 4.4 months; 0.4 · 2^(−(500 ÷ 30.4375) ÷ 12) = 0.1549."""
    boss, _, ada, _ = people()
    skill = make_skill("Ants")
    rated(ada, skill, 500, level=4)
    [row] = client.get("/api/skills/stale", headers=sign_in(boss)).json
    assert (row["level"], row["confidence"], row["overdue_months"]) == (4, 0.1549, 4.4)
    assert row["last_confirmed_on"] == str(TODAY - timedelta(days=500))


def test_what_is_confirmed_retired_or_gone_is_not_there(client):
    boss, _, ada, bob = people()
    ants, bees = make_skill(), make_skill()
    rated(ada, ants, 500)
    rated(ada, bees, 500)
    rated(bob, ants, 500)
    client.post("/api/users/me/skills/confirm", json={"skill_ids": [ants.id]}, headers=sign_in(ada))
    bees.status = "retired"
    bob.is_active = False
    assert stale(client, boss) == []


def test_it_is_for_those_who_have_people(client):
    assert client.get("/api/skills/stale", headers=sign_in(make_user())).status_code == 403
