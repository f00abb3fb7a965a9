"""What a role asks for and what somebody lacks of it, without one strong skill hiding a missing one."""

import pytest

from tests.e2e.stories.days import ago


@pytest.fixture
def role(hr, request):
    """A role profile of its own for each story."""

    def make(*requirements: dict) -> int:
        return hr.post(
            "/skills/roles/", {"name": f"Role, {request.node.name[5:]}", "requirements": list(requirements)}
        )["id"]

    return make


def certify(holder, hr, kind: int, expires_on: str) -> None:
    held = holder.post("/qualification/", {"type_id": kind, "issued_on": ago(300), "expires_on": expires_on})
    holder.post(f"/qualification/{held['id']}/review", {"decision": "submit"})
    hr.post(f"/qualification/{held['id']}/review", {"decision": "verify"})


def test_need_a_and_b_and_have_twice_a_is_half_ready_and_lists_b(mia, new_skill, role):
    a, b = new_skill("Hoisting"), new_skill("Lashing")
    mia.put(f"/users/me/skills/{a}", {"level": 4})
    number = role(*({"skill_id": skill, "level": 2, "must": True} for skill in (a, b)))
    gap = mia.get(f"/users/me/gap?role_id={number}")
    # (min(4, 2) + 0) ÷ (2 + 2) = 0.5; one of two is met
    assert (gap["readiness"], gap["compliance"]) == (0.5, 0.5)
    assert [one["name"] for one in gap["failed_musts"]] == ["Lashing"]
    assert [(one["name"], one["held"], one["state"]) for one in gap["requirements"]] == [
        ("Lashing", None, "missing"), ("Hoisting", 4, "met"),
    ]  # fmt: skip


def test_weights_levels_and_kinds_of_qualification_by_hand(mia, hr, new_skill, role):
    splice, read = new_skill("Wire splicing"), new_skill("Drawing reading")
    kind = hr.post("/qualification/types/", {"name": "Rigger's licence", "kind": "licence"})["id"]
    mia.put("/users/me/skills/", [{"skill_id": splice, "level": 3}, {"skill_id": read, "level": 2}])
    number = role(
        {"skill_id": splice, "level": 4, "weight": 3, "must": True}, {"skill_id": read, "level": 2, "weight": 2},
        {"qualification_type_id": kind, "weight": 4},
    )  # fmt: skip

    def figures(days: int = 0) -> tuple:
        gap = mia.get(f"/users/me/gap?role_id={number}&as_of={ago(days)}")
        return gap["readiness"], gap["compliance"]

    # reached: 3·3 + 2·2 + 4·0 = 13; asked: 3·4 + 2·2 + 4·1 = 20; one of three met
    assert figures() == (pytest.approx(13 / 20), pytest.approx(1 / 3))
    certify(mia, hr, kind, ago(-60))
    assert figures() == (pytest.approx(17 / 20), pytest.approx(2 / 3))
    assert figures(-60) == (pytest.approx(17 / 20), pytest.approx(2 / 3))  # its last valid day still counts
    assert figures(-61) == (pytest.approx(13 / 20), pytest.approx(1 / 3))


def test_an_exemption_has_a_reason_and_an_end_and_counts_on_neither_side(mia, lead, new_skill, role):
    a, b = new_skill("Reefing"), new_skill("Caulking")
    mia.put(f"/users/me/skills/{a}", {"level": 2})
    number = role({"skill_id": a, "level": 4}, {"skill_id": b, "level": 5, "weight": 9, "must": True})
    assert mia.get(f"/users/me/gap?role_id={number}")["readiness"] == pytest.approx(2 / 49)  # 2 ÷ (4 + 9·5)
    address = f"/users/{mia.id}/exemptions/"
    mia.refused(403, "POST", address, {"skill_id": b, "reason": "No.", "ends_on": ago(-30)})
    assert "reason" in lead.refused(400, "POST", address, {"skill_id": b, "ends_on": ago(-30)})["errors"]
    assert "ends_on" in lead.refused(400, "POST", address, {"skill_id": b, "reason": "On leave."})["errors"]
    lead.post(address, {"skill_id": b, "reason": "On leave.", "ends_on": ago(-30)})
    for day in (0, -30):
        gap = mia.get(f"/users/me/gap?role_id={number}&as_of={ago(day)}")
        assert (gap["readiness"], gap["compliance"], gap["failed_musts"]) == (0.5, 0.0, [])  # 2 ÷ 4, none of one
        row = next(one for one in gap["requirements"] if one["skill_id"] == b)
        assert (row["state"], row["exemption"]["reason"], row["exemption"]["ends_on"]) == (
            "exempt",
            "On leave.",
            ago(-30),
        )
    after = mia.get(f"/users/me/gap?role_id={number}&as_of={ago(-31)}")
    assert (after["readiness"], [one["name"] for one in after["failed_musts"]]) == (pytest.approx(2 / 49), ["Caulking"])


def test_the_other_way_round_a_role_names_who_is_nearest(head, hr, mia, colleague, lead, new_skill, role, teams):
    a, b = new_skill("Sculling"), new_skill("Punting")
    mia.put("/users/me/skills/", [{"skill_id": a, "level": 3}, {"skill_id": b, "level": 3}])
    colleague.put("/users/me/skills/", [{"skill_id": a, "level": 3}, {"skill_id": b, "level": 1}])
    number = role({"skill_id": a, "level": 3}, {"skill_id": b, "level": 3, "must": True})
    found = head.get(f"/skills/roles/{number}/candidates?team_id={teams['Fleet Cloud']}")
    assert [(one["user_id"], one["readiness"]) for one in found[:2]] == [
        (mia.id, 1.0), (colleague.id, pytest.approx(4 / 6)),
    ]  # fmt: skip
    assert [one["name"] for one in found[1]["failed_musts"]] == ["Punting"]
    fits = {one["role_id"]: one["readiness"] for one in mia.get("/users/me/fits?page_size=100")}
    assert fits[number] == 1.0


def test_a_team_is_held_against_a_role_person_by_person_and_in_sum(head, mia, colleague, new_skill, role, teams):
    a = new_skill("Paddling")
    mia.put(f"/users/me/skills/{a}", {"level": 4})
    colleague.put(f"/users/me/skills/{a}", {"level": 1})
    number = role({"skill_id": a, "level": 4})
    told = head.get(f"/skills/gaps?team_id={teams['Fleet Cloud']}&role_id={number}&page_size=100")
    count = told["totals"]["people"]
    readiness = {one["user_id"]: one["readiness"] for one in told["people"]}
    assert (readiness[mia.id], readiness[colleague.id]) == (1.0, 0.25)
    # one has it, one has a quarter, everybody else nothing
    assert told["totals"]["readiness"] == pytest.approx(1.25 / count)
    assert (told["totals"]["compliant"], told["totals"]["compliance"]) == (1, pytest.approx(1 / count))
    [row] = told["requirements"]
    assert (row["met"], row["below"], row["missing"], row["exempt"]) == (1, 1, count - 2, 0)


def test_the_roles_of_the_company_stand_behind_a_gap_without_a_role(mia, hr):
    gap = mia.get("/users/me/gap")
    assert [one["name"] for one in gap["roles"]] == ["Software engineer"]
    counted = [row for row in gap["requirements"] if row["state"] != "exempt"]
    asked = {row["name"]: (row["required"], row["weight"]) for row in counted}
    held = {row["name"]: row["held"] or 0 for row in counted}
    reached = sum(weight * min(held[name], level) for name, (level, weight) in asked.items())
    assert gap["readiness"] == pytest.approx(reached / sum(weight * level for level, weight in asked.values()))
