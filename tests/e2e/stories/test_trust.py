"""Levels one can trust: who said what and when, what that comes to, and how little it takes to keep it true."""

import pytest

from tests.e2e.product import path_of
from tests.e2e.stories.days import ago


@pytest.fixture
def sonar(new_skill, request) -> int:
    """A skill of its own for each story."""
    return new_skill(f"Sonar, {request.node.name[5:]}")


def test_many_levels_are_stated_at_once_and_colleagues_see_only_what_is_shown(mia, colleague, new_skill):
    shown, hidden = new_skill("Echo sounding"), new_skill("Knitting")
    rows = mia.put("/users/me/skills/", [
        {"skill_id": shown, "level": 4, "interest": 5}, {"skill_id": hidden, "level": 2, "is_shown": False},
    ])  # fmt: skip
    assert [(row["level"], row["is_shown"], row["confidence"]) for row in rows] == [(4, True, 0.4), (2, False, 0.4)]
    theirs = {row["skill_id"]: row for row in colleague.get(f"/users/{mia.id}/skills/?page_size=100")}
    assert theirs[shown]["level"] == 4
    assert hidden not in theirs
    colleague.refused(404, "GET", f"/users/{mia.id}/skills/{hidden}")


def test_of_many_levels_one_wrong_one_is_named_and_none_is_written(mia, sonar):
    entries = [{"skill_id": sonar, "level": 3}, {"skill_id": sonar, "level": 6}]
    problem = mia.refused(400, "PUT", "/users/me/skills/", entries)
    assert "1.level" in problem["errors"]
    mia.refused(404, "GET", f"/users/me/skills/{sonar}")


def test_the_evidence_shows_how_a_confidence_comes_about(mia, lead, colleague, sonar):
    address = f"/users/{mia.id}/skills/{sonar}"
    mia.put(address, {"level": 5})
    lead.put(address, {"level": 3, "effective_on": ago(183)})
    colleague.post(f"{address}/endorsements", {"level": 4})
    evidence = mia.get(f"{address}/evidence")
    # lead: 183 days = 6.0123 months; 0.8 · 2^(−6.0123 ÷ 12) = 0.8 · 0.7066 = 0.5653
    # Mia and the colleague today: 0.4 and 0.5. 1 − (1 − 0.5653) · 0.6 · 0.5 = 1 − 0.1304 = 0.8696
    assert evidence["confidence"] == pytest.approx(0.8696, abs=1e-4)
    strengths = {voice["source"]: (voice["weight"], voice["strength"]) for voice in evidence["voices"]}
    assert strengths == {
        "manager": (0.8, pytest.approx(0.5653, abs=1e-4)), "self": (0.4, 0.4), "peer": (0.5, 0.5),
    }  # fmt: skip
    assert sum(voice["contribution"] for voice in evidence["voices"]) == pytest.approx(0.8696, abs=5e-4)
    decided = evidence["decided_by"]
    assert (evidence["level"], decided["source"], decided["rater_name"]) == (3, "manager", lead.name)
    assert (decided["because"], decided["window_months"]) == ("most_trusted_within_window", 24)


def test_a_manager_of_somebody_else_may_not_rate(mia, sonar, signed_in, hr):
    mia.put(f"/users/me/skills/{sonar}", {"level": 3})
    others = hr.get("/users/?role=manager&page_size=100")
    above = {hr.get(f"/users/{mia.id}")["manager_id"]}
    stranger = next(one for one in others if one["title"] == "Support Lead" and one["id"] not in above)
    signed_in(stranger["email"]).refused(403, "PUT", f"/users/{mia.id}/skills/{sonar}", {"level": 1})


def test_stale_levels_are_collected_and_one_call_confirms_them_all(mia, lead, new_skill):
    skills = [new_skill("Tide tables"), new_skill("Morse code")]
    mia.put("/users/me/skills/", [{"skill_id": skill, "level": 3, "effective_on": ago(500)} for skill in skills])
    stale = {row["skill_id"]: row for row in mia.get("/users/me/skills/?is_stale=true&page_size=100")}
    # 500 days = 16.4 months at a review of 12; 0.4 · 2^(−16.427 ÷ 12) = 0.4 · 0.3872 = 0.1549
    assert [stale[skill]["confidence"] for skill in skills] == pytest.approx([0.1549] * 2, abs=1e-4)
    waiting = [row for row in lead.get("/skills/stale?page_size=100") if row["skill_id"] in skills]
    assert {(row["user_id"], row["overdue_months"]) for row in waiting} == {(mia.id, 4.4)}  # 16.4 − 12
    confirmed = mia.post("/users/me/skills/confirm", {"skill_ids": skills})
    assert [(row["level"], row["is_stale"], row["confidence"]) for row in confirmed] == [(3, False, 0.4)] * 2
    assert not {*skills} & {row["skill_id"] for row in mia.get("/users/me/skills/?is_stale=true&page_size=100")}


def test_the_link_of_a_mail_confirms_without_signing_in_and_on_post_only(demo, planned, signed_in):
    owner, page = signed_in(planned["to"]), path_of(planned["link"])

    def stale() -> int:
        return len(owner.get("/users/me/skills/?is_stale=true&page_size=100"))

    before = stale()
    status, _, shown = demo.ask("GET", page)
    assert (status, "<form" in shown, stale()) == (200, True, before)
    assert demo.ask("POST", page)[0] == 200
    after = stale()
    assert after < before
    assert demo.ask("POST", page)[0] == 200  # a second tap finds nothing left to do
    assert stale() == after
    forged = page[:-3] + ("aaa" if page[-3:] != "aaa" else "bbb")
    assert demo.ask("POST", forged)[0] == 404


def test_a_verified_certificate_grants_its_skills_until_it_is_revoked(mia, hr, sonar):
    kind = hr.post("/qualification/types/", {"name": "Sonar operator", "grants": [{"skill_id": sonar, "level": 4}]})
    held = mia.post("/qualification/", {"type_id": kind["id"], "issued_on": ago(30)})
    mia.post(f"/qualification/{held['id']}/review", {"decision": "submit"})
    mia.refused(404, "GET", f"/users/me/skills/{sonar}")  # submitted is not verified
    mia.refused(403, "POST", f"/qualification/{held['id']}/review", {"decision": "verify"})
    hr.post(f"/qualification/{held['id']}/review", {"decision": "verify"})
    row = mia.get(f"/users/me/skills/{sonar}")
    # an assessment, 30 days old: 0.9 · 2^(−0.9856 ÷ 12) = 0.9 · 0.9447 = 0.8502
    assert (row["level"], row["last_confirmed_on"]) == (4, ago(30))
    assert row["confidence"] == pytest.approx(0.8502, abs=1e-4)
    evidence = mia.get(f"/users/me/skills/{sonar}/evidence")
    assert (evidence["decided_by"]["source"], evidence["decided_by"]["qualification_id"]) == ("assessment", held["id"])
    hr.post(f"/qualification/{held['id']}/review", {"decision": "revoke", "note": "Withdrawn by the school."})
    mia.refused(404, "GET", f"/users/me/skills/{sonar}")


def test_the_views_of_oneself_a_manager_and_peers_are_set_side_by_side(mia, lead, head, colleague, sonar):
    address = f"/users/{mia.id}/skills/{sonar}"
    mia.put(address, {"level": 5})
    lead.put(address, {"level": 2})
    colleague.post(f"{address}/endorsements", {"level": 4})
    row = next(row for row in mia.get("/users/me/skills/differences") if row["skill_id"] == sonar)
    assert (row["self_level"], row["manager_level"], row["peer_median"], row["peer_count"]) == (5, 2, 4, 1)
    assert (row["difference"], row["peer_difference"], row["missing_voices"]) == (3, 1, [])
    sums = next(one for one in head.get("/skills/differences?by=skill&page_size=100") if one["skill_id"] == sonar)
    assert (sums["pairs"], sums["mean_difference"], sums["self_higher"]) == (1, 3, 1)
    colleague.refused(404, "GET", f"/users/{mia.id}/skills/differences")


def test_the_severity_of_raters_is_told_only_where_the_sample_allows_it(hr, head):
    raters = hr.get("/skills/raters")
    reported = [one for one in raters if one["state"] == "reported"]
    others = [one for one in raters if one["state"] == "not enough"]
    assert len(reported) >= 3
    assert len(others) >= 3
    for one in reported:
        assert (one["pair_count"] >= 10, one["people_count"] >= 5, one["other_count"] >= 3) == (True, True, True)
        low, high = one["interval"]
        assert low <= one["mean_deviation"] <= high
    for one in others:
        assert one["pair_count"] < 10 or one["people_count"] < 5 or one["other_count"] < 3
        assert (one["mean_deviation"], one["interval"]) == (None, None)
    head.refused(403, "GET", "/skills/raters")
