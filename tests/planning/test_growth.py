"""What to learn next, with the three numbers worked out by hand; they stand beside each case."""

import pytest
from sqlalchemy.dialects.postgresql import Range

from smartskill.activity.models import InteractionEvent
from smartskill.extensions import db
from smartskill.planning.models.roles import Exemption, RoleAssignment, RoleProfile, RoleRequirement
from smartskill.planning.services.growth.numbers import Candidate, Gain, TeamGain, find_team_gain, score
from smartskill.skills.services.rating import rate_skill
from tests.factories import make_skill, make_user, make_user_skill, sign_in
from tests.planning.crew import FOUNDED_ON, TODAY, Crew, say, want, wish


def make_role(name, *asked):
    """A role from (skill, level, weight)."""
    role = RoleProfile(name=name)
    role.requirements = [
        RoleRequirement(skill_id=skill.id, level=level, weight=weight) for skill, level, weight in asked
    ]
    db.session.add(role)
    db.session.flush()
    return role


def give(person, role):
    db.session.add(RoleAssignment(user_id=person.id, role_id=role.id, valid=Range(FOUNDED_ON, None)))
    db.session.flush()


@pytest.fixture
def crew(app):
    crew = Crew()
    crew.welding, crew.knots = make_skill("Welding"), make_skill("Knots")
    crew.ada = crew.hire("Ada")
    say(crew.ada, crew.welding, 2, rater=crew.boss)
    return crew


def ask(client, who, person="me", path=""):
    answer = client.get(f"/api/users/{person}/next-skills{path}", headers=sign_in(who))
    assert answer.status_code == 200, answer.json
    return answer.json


def test_the_three_numbers_and_their_order(client, crew):
    # The role asks welding 4 (weight 2) and knots 2 (weight 1): Σ weight · required = 10.
    # Ada has welding 2 and no knots: readiness 4/10. Welding 3 gives 6/10, knots 1 gives 5/10.
    role = make_role("Deckhand", (crew.welding, 4, 2), (crew.knots, 2, 1))
    give(crew.ada, role)
    # The team wants three at welding 3 and has one (Ben): 2 short; Ada's next level reaches it: 1 ÷ 2.
    # It wants one at knots 3 and has none: 1 short; Ada's next level is the first of 3: 1/3 ÷ 1.
    ben = crew.hire("Ben")
    say(ben, crew.welding, 5, rater=crew.boss)
    welders = want(3, skill=crew.welding, level=3, team=crew.deck)
    want(1, skill=crew.knots, level=3, team=crew.ship)
    wish(crew.ada, crew.welding, interest=2)
    wish(crew.ada, crew.knots, interest=5)
    first, second = ask(client, crew.ada)
    assert (first["skill_name"], first["level"], first["next_level"], first["interest"]) == ("Welding", 2, 3, 2)
    assert first["readiness_gained"] == pytest.approx(0.2)
    assert first["team_coverage_gained"] == pytest.approx(0.5)
    # 0.5 · 0.2/0.2 + 0.3 · 0.5 + 0.2 · 2/5 = 0.5 + 0.15 + 0.08
    assert first["score"] == pytest.approx(0.73)
    assert (second["skill_name"], second["level"], second["next_level"]) == ("Knots", None, 1)
    assert second["readiness_gained"] == pytest.approx(0.1)
    assert second["team_coverage_gained"] == pytest.approx(1 / 3)
    # 0.5 · 0.1/0.2 + 0.3 · 1/3 + 0.2 · 5/5 = 0.25 + 0.1 + 0.2
    assert second["score"] == pytest.approx(0.55)
    assert first["why"] == [
        "assigned roles: readiness from 0.40 to 0.60",
        "Deck is 2 short at level 3: this adds 0.50 of what is missing",
        "own interest: 2 of 5",
    ]
    assert first["targets"] == [
        {"target_id": welders.id, "team_id": crew.deck.id, "team_name": "Deck", "level": 3, "short": 2, "gained": 0.5,
         "is_closed": False},
    ]  # fmt: skip
    assert first["roles"] == [
        {"role_id": role.id, "name": "Deckhand", "is_assigned": True, "readiness_before": 0.4, "readiness_after": 0.6}
    ]
    gap = client.get("/api/users/me/gap", headers=sign_in(crew.ada)).json
    assert gap["readiness"] == pytest.approx(0.4)


def test_the_readiness_gained_is_what_the_gap_then_says(client, crew):
    other, third = make_skill(), make_skill()
    give(crew.ada, make_role("Deckhand", (crew.welding, 4, 2), (crew.knots, 2, 1), (other, 3, 1.5)))
    give(crew.ada, make_role("Diver", (crew.welding, 5, 1), (third, 4, 3)))
    say(crew.ada, other, 1, source="self")
    rows = ask(client, crew.ada)
    assert len(rows) == 4
    headers = sign_in(crew.ada)
    before = client.get("/api/users/me/gap", headers=headers).json["readiness"]
    for row in rows:  # Σ is linear in each level, so that they can be learned one after the other
        rate_skill(crew.ada.id, row["skill_id"], row["next_level"], source="assessment", rater_id=None)
        after = client.get("/api/users/me/gap", headers=headers).json["readiness"]
        assert row["readiness_gained"] == pytest.approx(after - before)
        before = after


def test_what_one_is_exempt_from_and_what_one_has_reached_gains_nothing(client, crew):
    give(crew.ada, make_role("Deckhand", (crew.welding, 2, 1), (crew.knots, 2, 1)))
    excuse = {"user_id": crew.ada.id, "skill_id": crew.knots.id, "reason": "Bad back"}
    db.session.add(Exemption(**excuse, starts_on=TODAY, ends_on=TODAY))
    assert ask(client, crew.ada) == []


def test_a_role_within_reach_counts_half(client, crew):
    # Own role: knots 4, nothing held: 0/4 → 1/4, gained 0.25. Within reach: welding 3, held 2: 2/3 → 1, gained 1/3.
    give(crew.ada, make_role("Rigger", (crew.knots, 4, 1)))
    make_role("Welder", (crew.welding, 3, 1))
    make_role("Too far", (make_skill(), 5, 1))
    own, reach = ask(client, crew.ada)
    assert (own["skill_name"], reach["skill_name"]) == ("Knots", "Welding")
    assert (own["readiness_gained"], reach["readiness_gained"]) == (pytest.approx(0.25), pytest.approx(1 / 3))
    # 0.25 counts whole and is the largest; 1/3 counts half: 0.5 · (1/6)/(1/4) = 1/3
    assert (own["score"], reach["score"]) == (pytest.approx(0.5), pytest.approx(1 / 3, abs=1e-4))
    assert [role["is_assigned"] for role in reach["roles"]] == [False]
    assert reach["why"] == ["Welder comes within reach: readiness from 0.67 to 1.00"]


def test_without_any_role_targets_wishes_and_the_team_speak(client, crew):
    cooking, singing = make_skill("Cooking"), make_skill("Singing")
    for number in range(4):
        mate = crew.hire(f"Mate {number}")
        if number < 3:
            make_user_skill(mate, cooking, 3)
    wish(crew.ada, singing, interest=4)
    want(1, skill=crew.welding, level=3, team=crew.deck)  # Ada is one level short
    rows = {row["skill_name"]: row for row in ask(client, crew.ada)}
    assert set(rows) == {"Cooking", "Singing", "Welding"}
    assert {row["readiness_gained"] for row in rows.values()} == {None}  # no role: unknown, not zero
    # three of four mates are ahead: 0.5 · 3/4; a target closed: 0.3 · 1; interest: 0.2 · 4/5
    assert [rows[name]["score"] for name in ("Cooking", "Welding", "Singing")] == [0.375, 0.3, 0.16]
    assert rows["Cooking"]["peers"] == {"count": 3, "of": 4, "median_level": 3}
    assert rows["Welding"]["targets"][0]["is_closed"] is True


def test_what_few_mates_have_or_hide_is_not_told(client, crew):
    cooking, dancing = make_skill("Cooking"), make_skill("Dancing")
    for number in range(4):
        mate = crew.hire(f"Mate {number}")
        make_user_skill(mate, cooking, 3, is_shown=number < 2)
        if number < 2:
            make_user_skill(mate, dancing, 3)
    assert ask(client, crew.ada) == []


def test_the_organisations_targets_speak_only_for_skills_one_has_or_wishes(client, crew):
    want(1, skill=crew.welding, level=3)
    want(1, skill=crew.knots, level=1)
    assert [row["skill_name"] for row in ask(client, crew.ada)] == ["Welding"]
    wish(crew.ada, crew.knots, interest=1)
    assert {row["skill_name"] for row in ask(client, crew.ada)} == {"Welding", "Knots"}


def test_who_leaves_soon_does_not_fill_a_target(client, crew):
    ben = crew.hire("Ben", leaves_on=TODAY)
    say(ben, crew.welding, 5, rater=crew.boss)
    want(1, skill=crew.welding, level=3, team=crew.deck)
    [row] = ask(client, crew.ada)
    assert row["targets"][0]["short"] == 1
    ben.leaves_on = None
    assert ask(client, crew.ada) == []


def test_a_dismissed_skill_never_returns_until_it_is_taken_back(client, crew):
    headers = sign_in(crew.ada)
    wish(crew.ada, crew.welding, interest=5)
    address = f"/api/users/me/next-skills/{crew.welding.id}/dismiss"
    first = client.post(address, headers=headers)
    assert (first.status_code, first.json["skill_name"]) == (200, "Welding")
    assert client.post(address, headers=headers).json == first.json
    assert client.get("/api/users/me/next-skills/dismissed", headers=headers).json == [first.json]
    give(crew.ada, make_role("Welder", (crew.welding, 5, 1)))
    want(5, skill=crew.welding, level=5, team=crew.deck)
    for who in (crew.ada, crew.boss, crew.hr):
        assert ask(client, who, crew.ada.id) == []
    assert client.delete(address, headers=headers).json == first.json
    assert client.delete(address, headers=headers).status_code == 404
    assert [row["skill_name"] for row in ask(client, crew.ada)] == ["Welding"]
    assert client.post("/api/users/me/next-skills/2000000000/dismiss", headers=headers).status_code == 404


def test_a_dismissal_is_an_event_where_that_is_allowed(client, app, crew):
    headers = sign_in(crew.ada)
    client.put("/api/users/me/consents", json={"tracking": True}, headers=headers)
    for _ in range(2):
        client.post(f"/api/users/me/next-skills/{crew.knots.id}/dismiss", headers=headers)
    kinds = [row.kind for row in db.session.query(InteractionEvent).filter_by(user_id=crew.ada.id)]
    assert kinds.count("recommendation_dismissed") == 1


def test_a_retired_skill_is_not_suggested(client, crew):
    wish(crew.ada, crew.welding, interest=5)
    crew.welding.status = "retired"
    assert ask(client, crew.ada) == []


@pytest.mark.parametrize(("who", "status"), [("boss", 200), ("hr", 200), ("rival", 404)])
def test_only_they_managers_above_and_hr_see_it(client, crew, who, status):
    address = f"/api/users/{crew.ada.id}/next-skills"
    assert client.get(address, headers=sign_in(getattr(crew, who))).status_code == status
    assert client.get(address, headers=sign_in(make_user())).status_code == 404


@pytest.mark.parametrize(
    ("level", "short", "own", "expected"),
    [
        (3, 1, 2, TeamGain(7, 1.0, True)),
        (3, 2, 2, TeamGain(7, 0.5, False)),
        (4, 1, 2, TeamGain(7, 0.5, False)),  # the first of two levels
        (4, 2, None, TeamGain(7, 0.125, False)),  # the first of four, two heads short
        (3, 0, 2, None),
        (3, 1, 3, None),
    ],
)
def test_what_the_next_level_does_for_a_target(level, short, own, expected):
    assert find_team_gain(7, level, short, own) == expected


def test_the_order_counts_shares_as_stated():
    whole = Candidate(1, 2, 5, Gain(0.2, 0.6), {}, [TeamGain(1, 1.0, True), TeamGain(2, 0.7, False)])
    half = Candidate(2, 2, None, Gain(0.2, 0.4))
    assert score([whole, half]) == [pytest.approx(1.0), pytest.approx(0.25)]
    assert score([]) == []
