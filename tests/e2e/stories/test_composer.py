"""The smallest team that can do it, composed in the background, with a reason for each of its people."""

import pytest


@pytest.fixture
def yard(lead, mia, colleague, new_skill, request):
    """By their lead's word Mia can rivet and paint, her colleague paint and almost rivet; both want to rivet."""
    rivet, paint = (new_skill(f"{name}, {request.node.name[5:]}") for name in ("Riveting", "Painting"))
    for person, skill, level in ((mia, rivet, 4), (mia, paint, 3), (colleague, paint, 4), (colleague, rivet, 2)):
        lead.put(f"/users/{person.id}/skills/{skill}", {"level": level})
    colleague.put(f"/users/me/skills/{rivet}", {"interest": 5})
    return rivet, paint


def names(people) -> list[str]:
    return [one["full_name"] for one in people]


def test_one_person_who_can_do_both_is_the_team(head, mia, colleague, yard):
    rivet, paint = yard
    needs = [{"skill_id": skill, "min_level": 3} for skill in yard]
    plan = head.begin("/skills/team", {"needs": needs, "pool": {"user_ids": [mia.id, colleague.id]}})
    assert (plan["state"], plan["progress"]) == ("done", 1)
    [pick] = plan["result"]["team"]
    assert pick["full_name"] == mia.name
    assert [(why["skill_id"], why["level"], why["is_decisive"]) for why in pick["why"]] == [
        (rivet, 4, True), (paint, 3, True),
    ]  # fmt: skip
    assert pick["why"][0]["fact"].endswith("level 4, 3 needed, confidence 0.80; none to spare")
    solver = plan["result"]["solver"]
    assert (solver["name"], solver["is_proven"], solver["at_least"], solver["pool"]) == ("exact", True, 1, 2)


def test_heads_that_are_missing_are_told_and_who_could_grow_into_them(head, mia, colleague, yard):
    rivet, paint = yard
    needs = [{"skill_id": rivet, "min_level": 3, "heads": 2}, {"skill_id": paint, "min_level": 3, "heads": 2}]
    result = head.begin("/skills/team", {"needs": needs, "pool": {"user_ids": [mia.id, colleague.id]}})["result"]
    assert {*names(result["team"])} == {mia.name, colleague.name}  # two heads that paint: it takes both
    [unmet] = result["unmet"]
    assert (unmet["skill_id"], unmet["covered"], unmet["short"]) == (rivet, 1, 1)
    [seat] = result["growth_seats"]
    assert (seat["full_name"], seat["level"], seat["interest"]) == (colleague.name, 2, 5)
    assert seat["learn"].endswith("from level 2 to 3")


def test_who_could_stand_in_is_named_and_so_is_another_team(head, mia, colleague, yard):
    _, paint = yard
    body = {"needs": [{"skill_id": paint, "min_level": 3}], "pool": {"user_ids": [mia.id, colleague.id]}}
    result = head.begin("/skills/team", body)["result"]
    [pick] = result["team"]
    other = ({mia.name, colleague.name} - {pick["full_name"]}).pop()
    assert names(pick["alternatives"]) == [other]
    assert [names(team["people"]) for team in result["alternatives"]] == [[other]]


def test_it_is_for_those_who_plan_for_the_people_of_the_pool(head, mia, hr, yard):
    body = {"needs": [{"skill_id": yard[0], "min_level": 3}], "pool": {"user_ids": [hr.id]}}
    mia.refused(403, "POST", "/skills/team", body)
    refusal = head.refused(403, "POST", "/skills/team", body)
    assert refusal["errors"] == {"pool.user_ids.0": [f"Person {hr.id} does not report to you."]}
