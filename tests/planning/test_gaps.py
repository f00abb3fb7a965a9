"""Gaps over HTTP, by figures worked out by hand: the arithmetic stands beside each."""

from datetime import UTC, datetime, timedelta

import pytest

from smartskill.extensions import db
from smartskill.skills.models.levels import Rating
from smartskill.skills.services.rating import rate_skill
from tests.factories import make_role, make_skill, make_user, make_user_skill, sign_in
from tests.planning.lacks import TODAY, ask, assign, certify, exempt, names, states


def test_need_a_and_b_and_have_twice_a_is_half_and_lists_b(client, person):
    a, b = make_skill("A"), make_skill("B")
    make_user_skill(person, a, level=4)
    gap = ask(client, person, f"role_id={make_role('Both', ((a, 2, 1.0, True), (b, 2, 1.0, True))).id}")
    # (1·min(4, 2) + 1·0) ÷ (1·2 + 1·2) = 2 ÷ 4; one of two met
    assert (gap["readiness"], gap["compliance"]) == (0.5, 0.5)
    assert names(gap["failed_musts"]) == ["B"]
    assert [(row["name"], row["required"], row["held"], row["state"]) for row in gap["requirements"]] == [
        ("B", 2, None, "missing"),
        ("A", 2, 4, "met"),
    ]


def test_weights_count_in_readiness_and_not_in_compliance(client, person, licence):
    skills = [make_skill(name) for name in ("Solder", "Read drawings", "Speak Czech")]
    for skill, level in zip(skills, (3, 2, 5), strict=False):
        make_user_skill(person, skill, level=level)
    solder, drawings, czech = skills
    role = make_role("Fitter", ((solder, 4, 3.0, True), (drawings, 2, 2.0), (czech, 1, 0.5), (licence, 1, 4.0)))
    gap = ask(client, person, f"role_id={role.id}")
    # reached: 3·min(3, 4) + 2·min(2, 2) + 0.5·min(5, 1) + 4·0 = 9 + 4 + 0.5 = 13.5
    # asked:   3·4 + 2·2 + 0.5·1 + 4·1 = 20.5
    assert gap["readiness"] == pytest.approx(13.5 / 20.5)
    assert gap["compliance"] == 0.5  # drawings and Czech of four
    assert names(gap["failed_musts"]) == ["Solder"]
    assert names(gap["requirements"]) == ["Solder", "Forklift licence", "Read drawings", "Speak Czech"]
    assert states(gap) == {
        "Solder": "below",
        "Forklift licence": "missing",
        "Read drawings": "met",
        "Speak Czech": "met",
    }


def test_where_nothing_is_asked_there_is_no_share(client, person):
    skill = make_skill()
    empty = ask(client, person, f"role_id={make_role().id}")
    nobody = ask(client, person)
    exempt(person, skill)
    excused = ask(client, person, f"role_id={make_role(asks=((skill, 3, 1.0, True),)).id}")
    for gap in (empty, nobody, excused):
        assert (gap["readiness"], gap["compliance"], gap["failed_musts"]) == (None, None, [])
    assert nobody["roles"] == []
    assert states(excused) == {skill.name: "exempt"}


def test_what_one_is_exempt_from_leaves_both_sums_and_is_no_failed_must(client, person):
    a, b, c = make_skill("A"), make_skill("B"), make_skill("C")
    make_user_skill(person, a, level=2)
    make_user_skill(person, c, level=1)  # held and exempt: counts on neither side
    granted = exempt(person, b)
    exempt(person, c)
    gap = ask(client, person, f"role_id={make_role(asks=((a, 4), (b, 5, 9.0, True), (c, 2))).id}")
    # only A is left: 1·2 ÷ 1·4, none of one met
    assert (gap["readiness"], gap["compliance"], gap["failed_musts"]) == (0.5, 0.0, [])
    row = next(row for row in gap["requirements"] if row["name"] == "B")
    assert (row["state"], row["held"]) == ("exempt", None)
    assert row["exemption"] == {
        "id": granted.id,
        "reason": "Does other work.",
        "ends_on": str(granted.ends_on),
    }


@pytest.mark.parametrize(
    ("given", "state"),
    [
        ({}, "met"),
        ({"expires_on": TODAY}, "met"),
        ({"expires_on": TODAY - timedelta(days=1)}, "missing"),
        ({"review_state": "submitted", "reviewed_at": None}, "missing"),
        ({"review_state": "draft", "reviewed_at": None}, "missing"),
        ({"review_state": "rejected"}, "missing"),
        ({"review_state": "revoked"}, "missing"),
        ({"issued_first_on": TODAY + timedelta(days=1), "issued_precision": "day"}, "missing"),
    ],
)
def test_only_a_verified_qualification_that_is_valid_today_counts(client, person, licence, given, state):
    held = certify(person, licence, **given)
    gap = ask(client, person, f"role_id={make_role(asks=((licence, 1, 2.0, True),)).id}")
    [row] = gap["requirements"]
    is_met = state == "met"
    assert (row["state"], row["held"], row["required"]) == (state, 1 if is_met else None, 1)
    assert row["qualification_id"] == (held.id if is_met else None)
    assert (gap["readiness"], gap["compliance"]) == ((1.0, 1.0) if is_met else (0.0, 0.0))
    assert bool(gap["failed_musts"]) != is_met


def test_a_day_of_the_past_is_judged_by_what_was_known_of_it(client, person, licence):
    skill = make_skill("Weld")
    day = TODAY - timedelta(days=300)
    for level, since in ((2, day), (4, TODAY - timedelta(days=20))):
        rate_skill(person.id, skill.id, level, source="self", rater_id=person.id, effective_on=since)
    certify(
        person,
        licence,
        issued_first_on=day,
        issued_precision="day",
        expires_on=TODAY - timedelta(days=50),
        reviewed_at=datetime.now(UTC) - timedelta(days=200),
    )
    role = make_role(asks=((skill, 4), (licence,)))

    def on(days_ago):
        gap = ask(client, person, f"role_id={role.id}&as_of={TODAY - timedelta(days=days_ago)}")
        return gap["readiness"], gap["compliance"]

    assert on(301) == (0.0, 0.0)  # nothing was said yet
    assert on(250) == (0.4, 0.0)  # level 2 of 4, the licence held but not yet reviewed: (2 + 0) ÷ (4 + 1)
    assert on(200) == (0.6, 0.5)  # … and reviewed: (2 + 1) ÷ 5
    assert on(50) == (0.6, 0.5)  # its last valid day
    assert on(49) == (0.4, 0.0)
    assert on(0) == (0.8, 0.5)  # level 4 of 4, the licence expired: (4 + 0) ÷ 5
    db.session.query(Rating).filter_by(level=4).update({"retracted_at": datetime.now(UTC)})
    assert on(10) == (0.4, 0.0)  # what was taken back never held


def test_a_day_to_come_knows_what_will_have_expired(client, person, licence):
    certify(person, licence, expires_on=TODAY + timedelta(days=30))
    role = make_role(asks=((licence,),))
    assert ask(client, person, f"role_id={role.id}&as_of={TODAY + timedelta(days=30)}")["compliance"] == 1.0
    assert ask(client, person, f"role_id={role.id}&as_of={TODAY + timedelta(days=31)}")["compliance"] == 0.0


def test_several_roles_together_ask_for_each_thing_once_at_its_highest(client, person):
    a, b, c = make_skill("A"), make_skill("B"), make_skill("C")
    make_user_skill(person, a, level=2)
    make_user_skill(person, c, level=1)
    baker = make_role("Baker", ((a, 2, 3.0), (b, 1)))
    miller = make_role("Miller", ((a, 4, 1.0, True), (c, 1)))
    former = make_role("Former", ((make_skill("D"), 5),))
    assign(person, baker)
    assign(person, miller)
    assign(person, former, until=TODAY)
    gap = ask(client, person)
    # A at 4 with weight 3, a must; B at 1; C at 1: (3·2 + 0 + 1) ÷ (3·4 + 1 + 1) = 7 ÷ 14
    assert (gap["readiness"], gap["compliance"]) == (0.5, pytest.approx(1 / 3))
    assert names(gap["failed_musts"]) == ["A"]
    first = gap["requirements"][0]
    assert (first["name"], first["required"], first["weight"], first["must"]) == ("A", 4, 3.0, True)
    assert first["role_ids"] == [baker.id, miller.id]
    # Baker alone: (3·2 + 0) ÷ (3·2 + 1); Miller alone: (1·2 + 1·1) ÷ (1·4 + 1·1)
    assert [(one["name"], one["readiness"], names(one["failed_musts"])) for one in gap["roles"]] == [
        ("Baker", pytest.approx(6 / 7), []),
        ("Miller", 0.6, ["A"]),
    ]
    assert names(ask(client, person, f"as_of={TODAY - timedelta(days=1)}")["roles"]) == ["Baker", "Former", "Miller"]


def test_trust_in_a_level_stands_beside_it(client, person):
    skill = make_skill(review_months=12)
    old = TODAY - timedelta(days=365)
    make_user_skill(person, skill, level=3, voices=[[0.4, str(old)]], last_confirmed_on=old)
    [row] = ask(client, person, f"role_id={make_role(asks=((skill, 3),)).id}")["requirements"]
    # 0.4 · 2^(−(365 ÷ 30.4375) ÷ 12) = 0.2001
    assert row["confidence"] == pytest.approx(0.2001, abs=1e-4)
    assert (row["is_fresh"], row["last_confirmed_on"], row["state"]) == (False, str(old), "met")


def test_the_gap_is_for_the_person_the_managers_above_and_hr(client):
    boss = make_user("manager")
    lead = make_user("manager", manager_id=boss.id)
    person = make_user(manager_id=lead.id)
    asked = {"self": person, "lead": lead, "boss": boss, "hr": make_user("hr"), "stranger": make_user("manager")}
    for path in ("gap", "fits"):
        answers = {
            who: client.get(f"/api/users/{person.id}/{path}", headers=sign_in(asker)).status_code
            for who, asker in asked.items()
        }
        assert answers == {"self": 200, "lead": 200, "boss": 200, "hr": 200, "stranger": 404}
    refused = client.get("/api/users/me/gap?role_id=2000000000", headers=sign_in(person))
    assert (refused.status_code, set(refused.json["errors"])) == (400, {"role_id"})
