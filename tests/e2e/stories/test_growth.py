"""What to learn next, by three numbers, and whom to learn it from."""

import pytest


@pytest.fixture
def deck(hr, testers, teams, new_skill, request):
    """A tester whose one role asks rowing 4 (weight 2) and sailing 2; their team is two short of three rowers."""
    learner, _, rower = testers
    rowing, sailing = (new_skill(f"{name}, {request.node.name[5:]}") for name in ("Rowing", "Sailing"))
    former = [role["role_id"] for role in hr.get(f"/users/{learner.id}/roles/")]
    for number in former:
        hr.delete(f"/users/{learner.id}/roles/{number}")
    asked = [{"skill_id": rowing, "level": 4, "weight": 2}, {"skill_id": sailing, "level": 2, "weight": 1}]
    role = hr.post("/skills/roles/", {"name": f"Deckhand, {request.node.name[5:]}", "requirements": asked})["id"]
    hr.put(f"/users/{learner.id}/roles/{role}", {})
    team = teams["Quality Engineering"]
    target = hr.post("/skills/targets/", {"team_id": team, "skill_id": rowing, "level": 3, "heads": 3})["id"]
    learner.put(
        "/users/me/skills/", [{"skill_id": rowing, "level": 2, "interest": 2}, {"skill_id": sailing, "interest": 5}]
    )
    rower.put(f"/users/me/skills/{rowing}", {"level": 5})
    yield learner, rower, rowing, sailing
    hr.delete(f"/skills/targets/{target}")
    hr.delete(f"/users/{learner.id}/roles/{role}")
    for number in former:
        hr.put(f"/users/{learner.id}/roles/{number}", {})


def test_three_numbers_order_what_to_learn(deck):
    learner, _, rowing, sailing = deck
    rows = {row["skill_id"]: row for row in learner.get("/users/me/next-skills?page_size=100")}
    # readiness now: (2·2 + 0) ÷ (2·4 + 2) = 4/10; with rowing 3: 6/10, with sailing 1: 5/10
    assert rows[rowing]["readiness_gained"] == pytest.approx(0.2)
    assert rows[sailing]["readiness_gained"] == pytest.approx(0.1)
    # the team is 2 short of three rowers at level 3, which the next level reaches: 1 ÷ 2; nobody asks it to sail
    assert (rows[rowing]["team_coverage_gained"], rows[sailing]["team_coverage_gained"]) == (0.5, 0)
    assert (rows[rowing]["interest"], rows[sailing]["interest"]) == (2, 5)
    # 0.5 · 0.2/0.2 + 0.3 · 0.5 + 0.2 · 2/5 = 0.73; 0.5 · 0.1/0.2 + 0 + 0.2 · 5/5 = 0.45
    assert (rows[rowing]["score"], rows[sailing]["score"]) == (0.73, 0.45)
    assert rows[rowing]["why"][0] == "assigned roles: readiness from 0.40 to 0.60"


def test_what_is_dismissed_never_returns_until_it_is_taken_back(deck):
    learner, _, rowing, _ = deck

    def suggested() -> bool:
        return rowing in [row["skill_id"] for row in learner.get("/users/me/next-skills?page_size=100")]

    assert suggested()
    learner.post(f"/users/me/next-skills/{rowing}/dismiss")
    assert not suggested()
    learner.put(f"/users/me/skills/{rowing}", {"level": 1, "interest": 5})  # whatever changes
    assert not suggested()
    assert rowing in [row["skill_id"] for row in learner.get("/users/me/next-skills/dismissed")]
    learner.delete(f"/users/me/next-skills/{rowing}/dismiss")
    assert suggested()


def test_one_learns_from_colleagues_two_levels_above(deck, mia, testers):
    learner, rower, rowing, _ = deck
    testers[1].put(f"/users/me/skills/{rowing}", {"level": 3})
    found = learner.get(f"/users/me/mentors?skill_id={rowing}")
    assert [one["user_id"] for one in found] == [rower.id]  # 5 is two above 2, 3 is one
    assert "level 5, " in found[0]["why"][0]
    assert "above 2" in found[0]["why"][0]
    mia.refused(404, "GET", f"/users/{learner.id}/mentors?skill_id={rowing}")
