"""Enough heads today, in ninety days, and if somebody left."""

import pytest

from tests.e2e.stories.days import ago


@pytest.fixture
def wanted(hr, teams, head, new_skill, request):
    """Two heads of Software Engineering with a skill at level 3; how that stands, as its head sees it."""
    skill = new_skill(f"Mooring, {request.node.name[5:]}")
    body = {"team_id": teams["Software Engineering"], "skill_id": skill, "level": 3, "heads": 2}
    target = hr.post("/skills/targets/", body)["id"]

    def row(query: str = "") -> dict:
        found = head.get(f"/skills/coverage?team_id={teams['Software Engineering']}{query}")
        return next(one for one in found if one["target_id"] == target)

    yield skill, row
    hr.delete(f"/skills/targets/{target}")


def test_a_target_counts_heads_and_names_the_nearest(wanted, mia, lead, colleague):
    skill, row = wanted
    assert (row()["held"], row()["required"], row()["nearest"]) == (0, 2, [])
    lead.put(f"/users/{mia.id}/skills/{skill}", {"level": 4})
    lead.put(f"/users/{colleague.id}/skills/{skill}", {"level": 2})
    told = row()
    assert (told["held"], told["sole_holder"]["full_name"]) == (1, mia.name)
    assert [(one["full_name"], one["missing"]) for one in told["nearest"]] == [
        (colleague.name, "one level: has 2, needs 3")
    ]
    lead.put(f"/users/{colleague.id}/skills/{skill}", {"level": 3})
    told = row()
    assert (told["held"], told["sole_holder"], told["falls_below"]) == (2, None, None)


def test_what_if_somebody_left_is_told_to_the_head(wanted, mia, lead, colleague):
    skill, row = wanted
    for person in (mia, colleague):
        lead.put(f"/users/{person.id}/skills/{skill}", {"level": 3})
    told = row(f"&without={mia.id}")
    assert told["falls_below"] == {
        "before": 2, "after": 1, "short": 1, "lost": [{"user_id": mia.id, "full_name": mia.name}],
    }  # fmt: skip
    assert (told["held"], told["held_without"]) == (2, 1)
    assert row(f"&without={mia.id}&without={colleague.id}")["held_without"] == 0
    assert row()["falls_below"] is None


def test_who_leaves_within_ninety_days_is_missing_then(wanted, mia, lead, colleague):
    skill, row = wanted
    for person in (mia, colleague):
        lead.put(f"/users/{person.id}/skills/{skill}", {"level": 3})
    lead.patch(f"/users/{colleague.id}", {"leaves_on": ago(-30)})
    told = row()
    assert (told["held"], told["held_in_90_days"]) == (2, 1)
    [loss] = told["losses"]
    assert (loss["full_name"], loss["leaving_on"]) == (colleague.name, ago(-30))
    lead.patch(f"/users/{colleague.id}", {"leaves_on": None})
    assert row()["losses"] == []


def test_certificates_that_expire_within_ninety_days_are_missing_then(hr, head, mia, teams):
    kind = hr.post("/qualification/types/", {"name": "Small craft licence", "kind": "licence"})["id"]
    body = {"team_id": teams["Fleet Cloud"], "qualification_type_id": kind, "heads": 1}
    target = hr.post("/skills/targets/", body)["id"]
    held = mia.post("/qualification/", {"type_id": kind, "issued_on": ago(300), "expires_on": ago(-40)})
    mia.post(f"/qualification/{held['id']}/review", {"decision": "submit"})
    hr.post(f"/qualification/{held['id']}/review", {"decision": "verify"})
    told = next(one for one in head.get("/skills/coverage") if one["target_id"] == target)
    assert (told["held"], told["held_in_90_days"]) == (1, 0)
    assert [(one["full_name"], one["expiring_on"]) for one in told["losses"]] == [(mia.name, ago(-40))]
    hr.delete(f"/skills/targets/{target}")


def test_the_demo_has_a_sole_holder_to_worry_about(head, mia):
    told = next(one for one in head.get("/skills/coverage") if one["skill_name"] == "TimescaleDB")
    assert (told["held"], told["required"], told["sole_holder"]) == (1, 2, {"user_id": mia.id, "full_name": mia.name})
    assert next(one for one in head.get(f"/skills/coverage?without={mia.id}") if one["skill_name"] == "TimescaleDB")[
        "held_without"
    ] == 0  # fmt: skip


def test_a_manager_keeps_the_targets_of_their_own_teams_only(head, mia, new_skill, teams):
    body = {"team_id": teams["Warehouse"], "skill_id": new_skill("Lassoing"), "level": 3, "heads": 1}
    head.refused(403, "POST", "/skills/targets/", body)
    mine = head.post("/skills/targets/", body | {"team_id": teams["Platform"]})
    head.delete(f"/skills/targets/{mine['id']}")
    mia.refused(403, "GET", "/skills/coverage")
