"""Whom to learn from: two levels above, fresh, from elsewhere, and not everybody from the same."""

from collections import Counter
from datetime import date, timedelta

import pytest

from smartskill.planning.services.growth.mentors import Mentor, rank_mentors
from tests.factories import make_skill, make_user, make_user_skill, sign_in
from tests.planning.crew import TODAY, Crew, say


@pytest.fixture
def crew(app):
    crew = Crew()
    crew.welding = make_skill("Welding")
    crew.ada = crew.hire("Ada")
    say(crew.ada, crew.welding, 2, source="self")
    return crew


def ask(client, crew, who=None, person="me"):
    answer = client.get(f"/api/users/{person}/mentors?skill_id={crew.welding.id}", headers=sign_in(who or crew.ada))
    assert answer.status_code == 200, answer.json
    return answer.json


def names(mentors):
    return [one["full_name"] for one in mentors]


def test_two_levels_above_and_fresh_first_then_from_another_team(client, crew):
    mate, far, faded, near = (
        crew.hire("Mate"), crew.hire("Far", crew.engine), crew.hire("Faded", crew.engine), crew.hire("Near")
    )  # fmt: skip
    for person, level in ((mate, 4), (far, 4), (near, 3)):
        say(person, crew.welding, level, rater=crew.boss)
    say(faded, crew.welding, 5, rater=crew.boss, days_ago=700)
    mentors = ask(client, crew)
    # Near is only one above and others are two; Faded's 0.8 has halved almost twice: 0.8 · 2^(−23/12) = 0.21
    assert names(mentors) == ["Far", "Mate", "Faded"]
    assert mentors[0]["why"] == [
        "level 4, two above 2", f"confidence 0.80, last confirmed on {TODAY}", "in another team: Engine",
    ]  # fmt: skip
    assert mentors[1]["why"][2] == "in the same team"
    assert mentors[2]["why"][1].endswith("which is not fresh")


def test_where_nobody_is_two_above_one_above_will_do(client, crew):
    say(crew.hire("Near"), crew.welding, 3, rater=crew.boss)
    say(crew.hire("Equal"), crew.welding, 2, rater=crew.boss)
    assert names(ask(client, crew)) == ["Near"]


def test_who_has_no_level_learns_from_three_and_above(client, crew):
    eve = crew.hire("Eve")
    for level in (1, 2, 3):
        say(crew.hire(f"Level {level}"), crew.welding, level, rater=crew.boss)
    [mentor] = ask(client, crew, eve)
    assert (mentor["full_name"], mentor["why"][0]) == ("Level 3", "level 3; yours is not rated")


def test_the_line_above_leavers_and_the_switched_off_are_not_named(client, crew):
    top = make_user("manager", full_name="Top")
    crew.boss.manager_id = top.id
    leaver = crew.hire("Leaver", leaves_on=TODAY + timedelta(days=89))
    off = crew.hire("Off", is_active=False)
    stays = crew.hire("Stays", leaves_on=TODAY + timedelta(days=90))
    for person in (top, crew.boss, leaver, off, stays, crew.rival):
        say(person, crew.welding, 5, source="assessment")
    assert sorted(names(ask(client, crew))) == ["Rival", "Stays"]


def test_a_hidden_level_makes_nobody_a_mentor(client, crew):
    hidden = crew.hire("Hidden")
    make_user_skill(hidden, crew.welding, 5, is_shown=False)
    other = crew.join("Other", crew.rival, crew.shore)
    make_user_skill(other, crew.welding, 5, is_shown=False)
    assert ask(client, crew) == []
    assert names(ask(client, crew, crew.boss, crew.ada.id)) == ["Hidden"]  # theirs to see, Other is not
    assert sorted(names(ask(client, crew, crew.hr, crew.ada.id))) == ["Hidden", "Other"]


@pytest.mark.parametrize(("who", "status"), [("boss", 200), ("hr", 200), ("rival", 404)])
def test_only_they_managers_above_and_hr_ask(client, crew, who, status):
    address = f"/api/users/{crew.ada.id}/mentors?skill_id={crew.welding.id}"
    assert client.get(address, headers=sign_in(getattr(crew, who))).status_code == status


def test_an_unknown_skill_is_named(client, crew):
    for query in ("?skill_id=2000000000", ""):
        refused = client.get(f"/api/users/me/mentors{query}", headers=sign_in(crew.ada))
        assert (refused.status_code, set(refused.json["errors"])) == (400, {"skill_id"})


def expert(user_id, confidence=0.8, team_id=9):
    return Mentor(user_id, f"Expert {user_id}", None, team_id, "Shore", 5, confidence, date(2026, 1, 1))


def test_equals_are_named_first_about_equally_often():
    experts = [expert(number) for number in range(1, 7)]
    first = Counter(rank_mentors(experts, learner, 1, 3)[0].user_id for learner in range(1000, 1600))
    # 600 learners, six experts: 100 each on average, with a spread of √(600 · 1/6 · 5/6) ≈ 9
    assert set(first) == {1, 2, 3, 4, 5, 6}
    assert max(first.values()) < 130
    assert min(first.values()) > 70


def test_the_more_trusted_are_named_more_often_and_a_learner_is_always_told_the_same():
    experts = [expert(1, 0.9), expert(2, 0.6)]
    first = Counter(rank_mentors(experts, learner, 1, 3)[0].user_id for learner in range(1000, 2000))
    assert 0.55 < first[1] / 1000 < 0.65  # 0.9 ÷ (0.9 + 0.6)
    assert rank_mentors(experts, 1, 1, 3) == rank_mentors(experts[::-1], 1, 1, 3)


def test_one_expert_who_leaves_changes_only_what_they_were_named_for():
    experts = [expert(number) for number in range(1, 7)]
    for learner in range(1000, 1200):
        before = rank_mentors(experts, learner, 1, 3)
        after = rank_mentors(experts[1:], learner, 1, 3)
        assert after == [one for one in before if one.user_id != 1]
