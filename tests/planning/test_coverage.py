"""Coverage over HTTP, on numbers worked out by hand; they stand beside each case.

A manager's word of today is worth 0.8, which is fresh (≥ 0.5); one's own 0.4, which is not. With `review_months` 12 a
statement decides for 24 months = 730.5 days.
"""

from datetime import timedelta

import pytest

from smartskill.extensions import db
from smartskill.planning.services.coverage import counting
from smartskill.skills.models.levels import UserSkill
from smartskill.user.services.organisation import place_user
from tests.factories import make_skill, make_user, sign_in
from tests.planning.crew import TODAY, Crew, certify, make_kind, say, want, wish

ADDRESS = "/api/skills/coverage"


@pytest.fixture
def crew(app):
    return Crew()


@pytest.fixture(autouse=True, params=[500, 0], ids=["small teams", "large teams"])
def many(request, monkeypatch):
    """From how many people on a team's levels are counted skill by skill; every case holds both ways."""
    monkeypatch.setattr(counting, "MANY", request.param)


@pytest.fixture
def welders(crew):
    """Welding on deck: Ada 3, Ben 4 and Cid 2 by their manager's word, Dan 3 by his own."""
    crew.welding = make_skill("Welding")
    crew.ada, crew.ben, crew.cid, crew.dan = (crew.hire(name) for name in ("Ada", "Ben", "Cid", "Dan"))
    for person, level in ((crew.ada, 3), (crew.ben, 4), (crew.cid, 2)):
        say(person, crew.welding, level, rater=crew.boss)
    say(crew.dan, crew.welding, 3, source="self")
    return crew


def ask(client, who, path=""):
    answer = client.get(f"{ADDRESS}{path}", headers=sign_in(who))
    assert answer.status_code == 200, answer.json
    return answer.json


def test_who_holds_who_falls_and_who_is_nearest(client, welders):
    want(3, skill=welders.welding, level=3, team=welders.deck)
    for who in (welders.hr, welders.boss):
        [row] = ask(client, who, f"?without={welders.ada.id}")
        # held: Ada 3, Ben 4, Dan 3 = 3 of 3. Without Ada: 2 of 3, so it falls, one short.
        assert (row["required"], row["held"], row["held_without"], row["held_in_90_days"]) == (3, 3, 2, 3)
        lost = [{"user_id": welders.ada.id, "full_name": "Ada"}]
        assert row["falls_below"] == {"before": 3, "after": 2, "short": 1, "lost": lost}
        # nearest: Cid, who has 2 of 3, and nobody else has a level
        assert row["nearest"] == [
            {"user_id": welders.cid.id, "full_name": "Cid", "level": 2, "confidence": 0.8, "interest": None,
             "target_level": None, "missing": "one level: has 2, needs 3"},
        ]  # fmt: skip
        # Ada and Ben are fresh, so nobody is alone
        assert (row["sole_holder"], row["left_out"]) == (None, 0)
    [row] = ask(client, welders.boss)
    assert row["falls_below"] is None


def test_what_was_short_before_does_not_fall(client, welders):
    want(4, skill=welders.welding, level=3, team=welders.deck)
    [row] = ask(client, welders.hr, f"?without={welders.ada.id}&without={welders.ben.id}")
    assert (row["held"], row["held_without"], row["falls_below"]) == (3, 1, None)


def test_the_sole_holder_is_the_only_one_who_is_fresh(client, welders):
    want(1, skill=welders.welding, level=4, team=welders.deck)  # Ben alone
    want(1, skill=welders.welding, level=3, team=welders.deck)  # Ada and Ben; Dan's own word is not fresh
    own = make_skill("Knots")
    say(welders.dan, own, 5, source="self")
    want(1, skill=own, level=5, team=welders.deck)  # Dan alone, 0.4: not fresh
    found = {(row["skill_name"], row["level"]): row["sole_holder"] for row in ask(client, welders.boss)}
    ben = {"user_id": welders.ben.id, "full_name": "Ben"}
    assert found == {("Welding", 4): ben, ("Welding", 3): None, ("Knots", 5): None}


def test_unknown_is_never_zero(client, welders):
    knots, eve = make_skill("Knots"), welders.hire("Eve")
    want(1, skill=knots, level=1, team=welders.deck)
    [row] = ask(client, welders.boss)
    assert (row["held"], row["nearest"]) == (0, [])  # nobody has a level, so nobody is "one level short"
    wish(eve, knots, interest=5, target_level=2)
    wish(welders.dan, knots, interest=2)  # not keen enough to be named
    [row] = ask(client, welders.boss)
    assert [(one["full_name"], one["level"], one["missing"]) for one in row["nearest"]] == [
        ("Eve", None, "no level yet: needs 1")
    ]


def test_the_nearest_are_ordered_by_levels_short_then_trust_then_interest_then_aim(client, crew):
    skill = make_skill()
    people = {name: crew.hire(name) for name in ("One", "Keen", "Aims", "Trusted", "Far")}
    for name in ("One", "Keen", "Aims"):
        say(people[name], skill, 3, source="self")  # 0.4
    wish(people["Keen"], skill, interest=4)
    wish(people["Aims"], skill, interest=3, target_level=5)
    say(people["Trusted"], skill, 3, rater=crew.boss)  # 0.8
    say(people["Far"], skill, 2, rater=crew.boss)
    want(1, skill=skill, level=4, team=crew.deck)
    [row] = ask(client, crew.boss)
    assert [one["full_name"] for one in row["nearest"]] == ["Trusted", "Keen", "Aims", "One", "Far"]
    [row] = ask(client, crew.boss, f"?without={people['Trusted'].id}")
    assert [one["full_name"] for one in row["nearest"]] == ["Keen", "Aims", "One", "Far"]


def test_in_90_days_leavers_are_gone_and_levels_are_what_will_count_then(client, welders):
    welders.ada.leaves_on = TODAY + timedelta(days=30)
    welders.dan.leaves_on = TODAY + timedelta(days=90)  # the last day: still here on that day
    eve, flo = welders.hire("Eve"), welders.hire("Flo")
    # The manager's 4 is 700 days old: it decides today (≤ 730.5) and not in 90 days (790), when her own 2 will.
    say(eve, welders.welding, 4, rater=welders.boss, days_ago=700)
    say(eve, welders.welding, 2, source="self", days_ago=100)
    # The other way round: an old 2 of the manager's gives way to her own 3.
    say(flo, welders.welding, 2, rater=welders.boss, days_ago=700)
    say(flo, welders.welding, 3, source="self", days_ago=100)
    want(3, skill=welders.welding, level=3, team=welders.deck)
    [row] = ask(client, welders.boss)
    # today Ada, Ben, Dan, Eve = 4; then Ben, Dan, Flo = 3
    assert (row["held"], row["held_in_90_days"]) == (4, 3)
    day = (TODAY + timedelta(days=30)).isoformat()
    assert row["losses"] == [
        {"user_id": welders.ada.id, "full_name": "Ada", "leaving_on": day, "expiring_on": None, "level_then": None,
         "text": f"Ada leaves; the last day is {day}."},
        {"user_id": eve.id, "full_name": "Eve", "leaving_on": None, "expiring_on": None, "level_then": 2,
         "text": "Eve will count as level 2 instead of 4: what was said fades with its age."},
    ]  # fmt: skip
    assert [(one["full_name"], one["level_then"]) for one in row["gains"]] == [("Flo", 3)]
    [row] = ask(client, welders.boss, f"?without={welders.ben.id}")
    assert (row["held_without"], row["held_in_90_days_without"]) == (3, 2)


def test_the_later_levels_are_those_that_the_projection_will_show(client, welders, monkeypatch):
    """What is foretold for a day is what the nightly refresh makes of the same ratings on that day."""
    eve = welders.hire("Eve")
    say(eve, welders.welding, 4, rater=welders.boss, days_ago=700)
    say(eve, welders.welding, 2, source="self", days_ago=100)
    want(1, skill=welders.welding, level=2, team=welders.deck)
    later = TODAY + timedelta(days=90)
    on_the_day = ask(client, welders.hr, f"?as_of={later}")
    assert on_the_day[0]["held"] == ask(client, welders.hr)[0]["held_in_90_days"] == 5
    row = db.session.query(UserSkill).filter_by(user_id=eve.id).one()
    assert row.next_change_on == TODAY + timedelta(days=31)  # 730.5 − 700, the day after


def test_a_certificate_counts_while_it_is_verified_and_valid(client, crew):
    kind = make_kind()
    people = {
        name: crew.hire(name) for name in ("Valid", "Endless", "Expiring", "Renewed", "Expired", "Waiting", "Draft")
    }
    last = TODAY + timedelta(days=45)
    certify(people["Valid"], kind, last_day=TODAY + timedelta(days=90))  # its last day is that very day
    certify(people["Endless"], kind)
    certify(people["Expiring"], kind, last_day=last)
    old = certify(people["Renewed"], kind, last_day=last)
    certify(people["Renewed"], kind, last_day=TODAY + timedelta(days=500), renews_id=old.id)
    certify(people["Expired"], kind, last_day=TODAY - timedelta(days=1))
    certify(people["Waiting"], kind, state="submitted")
    certify(people["Draft"], kind, state="draft")
    want(4, kind=kind, team=crew.deck)
    [row] = ask(client, crew.boss)
    # today: Valid, Endless, Expiring, Renewed; then without Expiring
    assert (row["qualification_name"], row["held"], row["held_in_90_days"]) == ("Sea survival", 4, 3)
    assert [one["text"] for one in row["losses"]] == [f"Expiring has it until {last}; no renewal is verified."]
    assert row["losses"][0]["expiring_on"] == last.isoformat()
    yesterday = TODAY - timedelta(days=1)
    assert [(one["full_name"], one["missing"]) for one in row["nearest"]] == [
        ("Waiting", "a review: it waits for one"),
        ("Expired", f"a renewal: it expired on {yesterday}"),
        ("Draft", "to be submitted: it is a draft"),
    ]
    [row] = ask(client, crew.boss, f"?as_of={yesterday}")
    assert row["held"] == 5  # Expired's last valid day


def test_a_sole_certificate_holder_needs_no_statements(client, crew):
    kind, ada = make_kind(), crew.hire("Ada")
    certify(ada, kind)
    want(1, kind=kind, team=crew.deck)
    [row] = ask(client, crew.boss)
    assert row["sole_holder"] == {"user_id": ada.id, "full_name": "Ada"}


def test_a_team_counts_with_the_teams_below_it_and_the_organisation_with_everybody(client, welders):
    eve = welders.hire("Eve", welders.engine)
    zoe = welders.join("Zoe", welders.rival, welders.shore)
    for person in (eve, zoe, welders.boss):
        say(person, welders.welding, 5, source="self")
    for team in (welders.ship, welders.deck, welders.engine, welders.shore, None):
        want(1, skill=welders.welding, level=3, team=team)
    # deck: Ada, Ben, Dan; engine: Eve; ship: these and the boss; shore: Zoe; all: 6
    expected = {"Ship": 5, "Deck": 3, "Engine": 1, "Shore": 1, None: 6}
    assert {row["team_name"]: row["held"] for row in ask(client, welders.hr)} == expected
    below = {row["team_name"]: row["held"] for row in ask(client, welders.hr, f"?team_id={welders.ship.id}")}
    assert below == {"Ship": 5, "Deck": 3, "Engine": 1}
    # the manager's answer is the same, themselves included, and is about their own teams
    assert {row["team_name"]: row["held"] for row in ask(client, welders.boss)} == below


def test_of_a_team_that_is_partly_theirs_a_manager_is_told_how_many_are_left_out(client, welders):
    guest = welders.join("Guest", welders.rival, welders.deck)
    say(guest, welders.welding, 5, source="self")
    want(3, skill=welders.welding, level=3, team=welders.deck)
    assert ask(client, welders.boss) == []  # not a team that is theirs
    [row] = ask(client, welders.boss, f"?team_id={welders.deck.id}")
    assert (row["held"], row["left_out"]) == (3, 1)
    [row] = ask(client, welders.hr, f"?team_id={welders.deck.id}")
    assert (row["held"], row["left_out"]) == (4, 0)
    [row] = ask(client, welders.rival, f"?team_id={welders.deck.id}")
    assert (row["held"], row["left_out"]) == (1, 4)  # Ada, Ben, Cid and Dan are not the rival's


def test_a_reorganisation_changes_no_past_answer(client, welders):
    want(3, skill=welders.welding, level=3, team=welders.deck)
    say(welders.ada, welders.welding, 3, rater=welders.boss, days_ago=200)
    day = TODAY - timedelta(days=10)
    for person in (welders.ben, welders.dan):
        say(person, welders.welding, 4, rater=welders.boss, days_ago=200)
    before = ask(client, welders.hr, f"?team_id={welders.deck.id}&as_of={day}")
    assert before[0]["held"] == 3
    place_user(welders.ben, team_id=welders.engine.id, manager_id=welders.boss.id)
    db.session.flush()
    assert ask(client, welders.hr, f"?team_id={welders.deck.id}&as_of={day}") == before
    assert ask(client, welders.hr, f"?team_id={welders.deck.id}")[0]["held"] == 2


def test_who_has_left_counts_in_the_past_only(client, welders):
    want(2, skill=welders.welding, level=3, team=welders.deck)
    for person in (welders.ada, welders.ben):
        say(person, welders.welding, 4, rater=welders.boss, days_ago=200)
    welders.ben.is_active = False
    welders.ada.leaves_on = TODAY - timedelta(days=5)
    db.session.flush()
    day = TODAY - timedelta(days=6)
    assert ask(client, welders.hr)[0]["held"] == 1  # Dan
    assert ask(client, welders.hr, f"?as_of={day}")[0]["held"] == 2  # Ada and Ben; Dan said his today


def test_without_names_people_who_are_unknown_or_not_theirs(client, welders):
    want(3, skill=welders.welding, level=3, team=welders.deck)
    zoe = welders.join("Zoe", welders.rival, welders.shore)
    gone = welders.hire("Gone", is_active=False)
    path = f"{ADDRESS}?without={welders.ada.id}&without=2000000000"
    unknown = client.get(path, headers=sign_in(welders.boss))
    assert unknown.status_code == 404
    assert unknown.json["errors"] == {"without.1": ["There is no person 2000000000."]}
    refused = client.get(f"{ADDRESS}?without={zoe.id}", headers=sign_in(welders.boss))
    assert refused.status_code == 403
    assert refused.json["errors"] == {"without.0": [f"Person {zoe.id} does not report to you."]}
    assert client.get(f"{ADDRESS}?without={gone.id}", headers=sign_in(welders.boss)).status_code == 404
    assert client.get(f"{ADDRESS}?without={gone.id}&without={zoe.id}", headers=sign_in(welders.hr)).status_code == 200
    assert client.get(f"{ADDRESS}?team_id=2000000000", headers=sign_in(welders.hr)).status_code == 404
    assert client.get(f"{ADDRESS}?team_id={welders.shore.id}", headers=sign_in(welders.boss)).status_code == 403
    assert client.get(ADDRESS, headers=sign_in(make_user())).status_code == 403


def test_the_worst_come_first_and_pages_hold(client, welders):
    names = ["Anchors", "Buoys", "Cranes"]
    for name in names:
        skill = make_skill(name)
        say(welders.ada, skill, 3, rater=welders.boss)
        want(1, skill=skill, level=3, team=welders.deck)
    want(9, skill=welders.welding, level=1, team=welders.deck)
    every = ask(client, welders.hr, f"?without={welders.ada.id}")
    assert [row["skill_name"] for row in every] == [*names, "Welding"]
    pages = [ask(client, welders.hr, f"?without={welders.ada.id}&page_size=3&page={page}") for page in (1, 2, 3)]
    assert pages == [every[:3], every[3:], []]
