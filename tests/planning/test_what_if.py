"""What if these people leave: exactly the targets that fall, against counting one by one."""

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from smartskill.planning.services.coverage.answer import list_coverage
from smartskill.planning.services.coverage.what_if import find_fall
from tests.factories import make_skill, sign_in
from tests.planning.crew import Crew, certify, make_kind, say, want


@pytest.fixture
def crew(app):
    return Crew()


def slow_fall(required, holders, without):
    """One by one, as one would on paper."""
    before = sum(1 for _ in holders)
    after = sum(1 for one in holders if one not in without)
    return (before, after) if before >= required and after < required else None


@given(
    required=st.integers(1, 6),
    holders=st.sets(st.integers(1, 9)),
    without=st.sets(st.integers(1, 12)),
)
def test_a_fall_is_what_counting_one_by_one_says(required, holders, without):
    found, expected = find_fall(required, len(holders), holders & without), slow_fall(required, holders, without)
    assert (found is None) == (expected is None)
    if found is not None:
        assert (found.before, found.after, found.short) == (*expected, required - expected[1])
        assert set(found.lost) == holders & without


@pytest.fixture
def fleet(crew):
    """24 people in two teams, six skills and one kind of certificate at haphazard levels, 57 targets nearly all met."""
    crew.people = [crew.hire(f"Sailor {number}", (crew.deck, crew.engine)[number % 2]) for number in range(24)]
    skills, kind, levels = [make_skill() for _ in range(6)], make_kind(), {}
    for place, person in enumerate(crew.people):
        for number, skill in enumerate(skills):
            levels[place, number] = (place * 7 + number * 5) % 11  # 0 and from 6 on: nothing said
            if 1 <= levels[place, number] <= 5:
                say(person, skill, levels[place, number], rater=crew.boss)
        if place % 5 == 0:
            certify(person, kind)
    for team, places in ((crew.ship, range(24)), (crew.deck, range(0, 24, 2)), (crew.engine, range(1, 24, 2))):
        for number, skill in enumerate(skills):
            for level in (1, 3, 4):
                count = sum(level <= levels[place, number] <= 5 for place in places)
                want(max(1, count - (number + level) % 3), skill=skill, level=level, team=team)
        want(2, kind=kind, team=team)
    return crew


def test_removing_people_lists_exactly_the_targets_that_fall(client, fleet):
    """Against a slow reference: for each target each person's level is asked for over HTTP, and they are counted."""
    headers, everyone = sign_in(fleet.hr), [fleet.boss, *fleet.people]
    levels = {}
    for person in everyone:
        for row in client.get(f"/api/users/{person.id}/skills/?page_size=100", headers=headers).json:
            levels[person.id, "skill", row["skill_id"]] = row["level"]
        for row in client.get(f"/api/qualification/?user_id={person.id}", headers=headers).json:
            levels[person.id, "kind", row["type_id"]] = 1
    targets = client.get("/api/skills/targets/?page_size=100", headers=headers).json
    teams = {fleet.ship.id: {p.id for p in everyone}}
    for team, parity in ((fleet.deck, 0), (fleet.engine, 1)):
        teams[team.id] = {person.id for place, person in enumerate(fleet.people) if place % 2 == parity}
    assert len(targets) == 57

    def fallen(without):
        found = {}
        for target in targets:
            thing = ("skill", target["skill_id"]) if target["skill_id"] else ("kind", target["qualification_type_id"])
            holders = [one for one in teams[target["team_id"]] if levels.get((one, *thing), 0) >= target["level"]]
            fall = slow_fall(target["heads"], holders, without)
            if fall:
                found[target["id"]] = fall
        return found

    seen = set()

    @settings(max_examples=40, deadline=None, suppress_health_check=list(HealthCheck))
    @given(st.sets(st.sampled_from([person.id for person in everyone]), max_size=8))
    def check(without):
        rows, _ = list_coverage({"without": sorted(without), "page": 1, "page_size": 100}, fleet.hr)
        found = {row["target_id"]: row["falls_below"] for row in rows if row["falls_below"]}
        assert {key: (fall["before"], fall["after"]) for key, fall in found.items()} == fallen(without)
        seen.update(found)

    check()
    assert len(seen) > 10  # the sets drawn did break something
