"""People and skills on any day, in the organisation of that day."""

import pytest

from tests.e2e.stories.days import ago


def people(matrix) -> set[str]:
    return {person["full_name"] for person in matrix["people"]}


def test_a_past_day_knows_what_was_said_by_then_and_the_unknown_has_no_cell(head, mia, new_skill, teams):
    skill = new_skill("Dead reckoning")
    for level, days in ((2, 100), (4, 10)):
        mia.put(f"/users/me/skills/{skill}", {"level": level, "effective_on": ago(days)})

    def on(days: int) -> list[dict]:
        matrix = head.get(f"/skills/matrix?team_id={teams['Fleet Cloud']}&skill_id={skill}&as_of={ago(days)}")
        assert mia.name in people(matrix)
        assert [row["holders"] for row in matrix["coverage"]] == [len(matrix["cells"])]
        return matrix["cells"]

    assert on(150) == []  # nobody was rated: no cells, no zeros
    # 50 days after the 2: 1.6427 months; 0.4 · 2^(−1.6427 ÷ 12) = 0.4 · 0.9095 = 0.3638
    [cell] = on(50)
    assert (cell["user_id"], cell["level"], cell["confidence"]) == (mia.id, 2, pytest.approx(0.3638, abs=1e-4))
    [cell] = on(0)
    assert cell["level"] == 4
    head.refused(400, "GET", f"/skills/matrix?as_of={ago(-2)}")


def test_coverage_counts_holders_at_the_level_that_a_target_asks_for(head, hr, mia, colleague, new_skill, teams):
    skill, team = new_skill("Night watch"), teams["Fleet Cloud"]
    mia.put(f"/users/me/skills/{skill}", {"level": 4})
    colleague.put(f"/users/me/skills/{skill}", {"level": 2})
    rows = head.get(f"/skills/matrix?team_id={team}&skill_id={skill}")["coverage"]
    assert rows == [{"skill_id": skill, "level": 1, "holders": 2, "required": None}]
    target = hr.post("/skills/targets/", {"team_id": team, "skill_id": skill, "level": 3, "heads": 2})
    rows = head.get(f"/skills/matrix?team_id={team}&skill_id={skill}")["coverage"]
    assert rows == [{"skill_id": skill, "level": 3, "holders": 1, "required": 2}]
    hr.delete(f"/skills/targets/{target['id']}")


def test_a_team_is_as_it_was_before_the_companys_reorganisation(hr, teams):
    support = people(hr.get(f"/skills/matrix?team_id={teams['Customer Support']}&as_of={ago(400)}"))
    assert len(support) >= 3
    before = people(hr.get(f"/skills/matrix?team_id={teams['Sales']}&as_of={ago(400)}"))
    today = people(hr.get(f"/skills/matrix?team_id={teams['Sales']}"))
    assert support <= before  # Customer Support hung below Sales then
    assert not support & today


def test_a_reorganisation_of_today_changes_no_past_answer(hr, testers, teams):
    mover, team = testers[0], teams["Quality Engineering"]
    addresses = [f"/skills/matrix?team_id={number}&as_of={ago(30)}" for number in (team, teams["Platform"])]
    before = [hr.get(address) for address in addresses]
    hr.put(f"/users/{mover.id}/team", {"team_id": teams["Platform"]})
    assert [hr.get(address) for address in addresses] == before
    assert mover.name in people(before[0])
    assert mover.name not in people(hr.get(f"/skills/matrix?team_id={team}"))
    assert mover.name in people(hr.get(f"/skills/matrix?team_id={teams['Platform']}"))
    hr.put(f"/users/{mover.id}/team", {"team_id": team})
    assert [hr.get(address) for address in addresses] == before


def test_it_is_for_those_who_plan_and_comes_as_a_table_too(mia, head, teams):
    mia.refused(403, "GET", f"/skills/matrix?team_id={teams['Fleet Cloud']}")
    table = head.get(f"/skills/matrix?team_id={teams['Fleet Cloud']}", Accept="text/csv")
    assert table.splitlines()[0].count(",") > 5
    assert "Mia Petersen" in table
