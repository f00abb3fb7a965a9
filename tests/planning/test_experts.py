"""Experts: who is found, in which order, why, and what emptied an answer. The numbers are worked out beside them."""

from datetime import timedelta

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from smartskill.database import now
from smartskill.extensions import db
from smartskill.planning.services.experts.conditions import Conditions, Need
from smartskill.planning.services.experts.finding import search_experts
from smartskill.planning.services.experts.kept import page_statement
from smartskill.planning.services.experts.sight import sight_of
from smartskill.skills.models.levels import Endorsement
from smartskill.skills.services.formulas import confidence
from smartskill.user.services.organisation import place_user
from smartskill.user.services.teams import create_team
from tests.factories import make_experience, make_skill, make_user, make_user_skill, sign_in

PATH = "/api/skills/experts"


def days_ago(count):
    return (now() - timedelta(days=count)).date()


def rated(user, skill, level, *, days=0, weight=0.4, **more):
    """A level that one rater stated some days ago."""
    day = days_ago(days)
    voices = [[weight, day.isoformat()]]
    return make_user_skill(user, skill, level, voices=voices, last_confirmed_on=day, **more)


def ask(client, asker, query):
    return client.get(f"{PATH}?{query}", headers=sign_in(asker))


def names(answer):
    assert answer.status_code == 200, answer.json
    return [hit["full_name"] for hit in answer.json]


def test_the_score_and_the_reasons_are_as_worked_by_hand(client):
    asker, ada, skill = make_user(), make_user(full_name="Ada", title="DBA"), make_skill(review_months=12)
    rated(ada, skill, 4, days=91, weight=0.8, interest=5)
    for endorser in (make_user(), make_user()):
        db.session.add(Endorsement(user_id=ada.id, skill_id=skill.id, endorser_id=endorser.id))
    answer = ask(client, asker, f"need={skill.id}:3")
    # 91 days = 2.9897 months; 2^(-2.9897 / 12) = 0.8414. Confidence 0.8 · 0.8414 = 0.6731.
    # 0.4 · 4/5 + 0.3 · 0.6731 + 0.2 · 0.8414 + 0.1 · 5/5 = 0.32 + 0.2019 + 0.1683 + 0.1 = 0.7902
    assert answer.json == [{
        "user_id": ada.id, "full_name": "Ada", "title": "DBA", "team_id": None, "score": 0.7902, "matches": [],
        "why": [{
            "skill_id": skill.id,
            "fact": "level 4, confirmed 2 months ago, confidence 0.67, endorsed by 2, interest 5",
        }],
    }]  # fmt: skip


def test_they_are_ordered_by_the_score_and_an_unknown_interest_is_the_middle(client):
    skill = make_skill()
    for name, level, interest in (("Low", 3, 5), ("Keen", 5, 3), ("Unsaid", 5, None), ("Weary", 5, 2)):
        rated(make_user(full_name=name), skill, level, interest=interest)
    # All of today, confidence 0.4: level 5 gives 0.4 + 0.12 + 0.2 = 0.72, and 0.06, 0.05 (2.5 / 5), 0.04 of interest.
    # Low: 0.24 + 0.12 + 0.2 + 0.1 = 0.66
    answer = ask(client, make_user(), f"need={skill.id}:1")
    assert [(hit["full_name"], hit["score"]) for hit in answer.json] == [
        ("Keen", 0.78), ("Unsaid", 0.77), ("Weary", 0.76), ("Low", 0.66),
    ]  # fmt: skip


def test_all_needs_are_met_by_all_and_any_by_one(client):
    one, two = make_skill(), make_skill()
    both, first, second = make_user(full_name="Both"), make_user(full_name="First"), make_user(full_name="Second")
    rated(both, one, 3)
    rated(both, two, 3)
    rated(first, one, 5)
    rated(second, two, 2)
    asker, needs = make_user(), f"need={one.id}:3&need={two.id}:3"
    assert names(ask(client, asker, needs)) == ["Both"]
    answer = ask(client, asker, f"{needs}&match=any")
    # Both: the mean of 0.61 and 0.61 (0.24 + 0.12 + 0.2 + 0.05); First: 0.77 and 0, so 0.385
    assert [(hit["full_name"], hit["score"]) for hit in answer.json] == [("Both", 0.61), ("First", 0.385)]
    assert [reason["skill_id"] for reason in answer.json[1]["why"]] == [one.id]


def test_a_minimum_interest_is_a_need_and_unknown_interest_does_not_meet_it(client):
    skill = make_skill()
    for name, interest in (("Keen", 4), ("Bored", 1), ("Unsaid", None)):
        rated(make_user(full_name=name), skill, 4, interest=interest)
    assert names(ask(client, make_user(), f"need={skill.id}:3:4")) == ["Keen"]
    assert names(ask(client, make_user(), f"need={skill.id}:3:0")) == ["Keen", "Bored"]


def test_who_has_what_nobody_may_have_is_left_out(client):
    wanted, unwanted = make_skill(), make_skill()
    people = {name: make_user(full_name=name) for name in ("None", "Some", "Much")}
    for person in people.values():
        rated(person, wanted, 4)
    rated(people["Some"], unwanted, 2)
    rated(people["Much"], unwanted, 4)
    asker = make_user()
    assert set(names(ask(client, asker, f"need={wanted.id}:1&not={unwanted.id}"))) == {"None"}
    assert set(names(ask(client, asker, f"need={wanted.id}:1&not={unwanted.id}:3"))) == {"None", "Some"}


def test_only_people_of_the_team_and_below_are_found(client):
    skill, top = make_skill(), create_team("Top")
    below, side = create_team("Below", parent_id=top.id), create_team("Side")
    for name, team in (("Top", top), ("Below", below), ("Side", side)):
        person = make_user(full_name=name)
        place_user(person, team_id=team.id)
        rated(person, skill, 3)
    assert set(names(ask(client, make_user(), f"need={skill.id}:1&team_id={top.id}"))) == {"Top", "Below"}


def test_hidden_levels_are_found_by_those_who_may_see_them_only(client):
    skill, other = make_skill(), make_skill()
    boss, owner, colleague, hr = make_user(), make_user(full_name="Owner"), make_user(), make_user("hr")
    place_user(owner, manager_id=boss.id)
    rated(owner, skill, 5, is_shown=False)
    rated(owner, other, 5)
    found = {who: names(ask(client, asker, f"need={skill.id}:1")) for who, asker in
             (("boss", boss), ("owner", owner), ("hr", hr), ("colleague", colleague))}  # fmt: skip
    assert found == {"boss": ["Owner"], "owner": ["Owner"], "hr": ["Owner"], "colleague": []}
    without = f"need={other.id}:1&not={skill.id}"
    assert names(ask(client, colleague, without)) == ["Owner"]  # leaving them out would tell of it
    assert names(ask(client, hr, without)) == []
    [hit] = ask(client, colleague, f"need={other.id}:1&need={skill.id}:1&match=any").json
    assert [reason["skill_id"] for reason in hit["why"]] == [other.id]


def test_inactive_people_are_not_found(client):
    skill = make_skill()
    rated(make_user(is_active=False), skill, 5)
    assert names(ask(client, make_user("hr"), f"need={skill.id}:1")) == []


def test_a_need_on_a_merged_skill_is_one_on_the_other(client):
    winner = make_skill()
    loser = make_skill(merged_into_id=winner.id, status="retired")
    rated(make_user(full_name="Ada"), winner, 3)
    answer = ask(client, make_user(), f"need={loser.id}:3")
    assert names(answer) == ["Ada"]
    assert answer.json[0]["why"][0]["skill_id"] == winner.id


@pytest.mark.parametrize(
    ("query", "field"),
    [
        ("need=x", "need.0"),
        ("need=1:1&need=2:6", "need.1"),
        ("need=1:1:6", "need.0"),
        ("need=2000000000:1", "need.0"),
        ("need=9999999999:1", "need.0"),
        ("need=1:1&not=0", "not.0"),
        ("match=all", "need"),
        ("need=1:1&match=some", "match"),
        ("text=kafka&team_id=2000000000", "team_id"),
        ("text=-kafka", "text"),
        ("text=%21%21", "text"),
        ("&".join(["need=1:1"] * 11), "need"),
    ],
)
def test_what_is_wrong_in_itself_is_named(client, query, field):
    answer = ask(client, make_user(), query)
    assert answer.status_code == 400
    assert list(answer.json["errors"]) == [field]


def test_pages_have_totals(client):
    skill = make_skill()
    for number in range(3):
        rated(make_user(full_name=f"P{number}"), skill, 3)
    asker = make_user()
    first, last, beyond = (ask(client, asker, f"need={skill.id}:1&page_size=2&page={page}") for page in (1, 2, 3))
    assert names(first) + names(last) == ["P0", "P1", "P2"]
    assert names(beyond) == []
    assert all('"total":3' in answer.headers["X-Pagination"] for answer in (first, last, beyond))
    assert "X-No-Match" not in beyond.headers


@pytest.mark.parametrize(
    ("query", "named"),
    [
        ("need={one}:5", "need.0"),
        ("need={one}:3&need={two}:5", "need.1"),
        ("need={one}:3&need={two}:3", "need.0, need.1"),  # both are met, by different people
        ("need={one}:3:5", "need.0.min_interest"),
        ("need={one}:5&need={two}:5", "need.0+need.1"),
        ("need={one}:3&not={one}", "need.0, not.0"),
        ("need={one}:3&team_id={team}", "team_id"),
        ("need={one}:5&need={two}:5&match=any", "need.0|need.1"),
        ("need={one}:3&text=glassblowing", "text"),
    ],
)
def test_an_empty_answer_names_what_emptied_it(client, query, named):
    one, two, team = make_skill(), make_skill(), create_team("Nobody's")
    rated(make_user(), one, 3, interest=2)
    rated(make_user(), two, 3)
    answer = ask(client, make_user(), query.format(one=one.id, two=two.id, team=team.id))
    assert (answer.json, answer.headers["X-No-Match"]) == ([], named)


def test_words_and_needs_count_alike(client):
    skill = make_skill()
    both, able, told = make_user(full_name="Both"), make_user(full_name="Able"), make_user(full_name="Told")
    rated(both, skill, 3)
    rated(able, skill, 3)
    for person in (both, told):
        make_experience(person, title="Kafka engineer", organisation="Northwind", summary="Streams")
    asker = make_user()
    assert names(ask(client, asker, f"need={skill.id}:3&text=kafka")) == ["Both"]
    answer = ask(client, asker, f"need={skill.id}:3&text=kafka&match=any")
    assert names(answer) == ["Both", "Told", "Able"]  # a title that matches is worth more than 0.61
    assert [len(hit["why"]) for hit in answer.json] == [2, 1, 1]
    assert answer.json[1]["why"] == [{"skill_id": None, "fact": "title of “Kafka engineer” at Northwind"}]


# --- against the definition, written out slowly ----------------------------------------------------------------------

LEVELS = st.fixed_dictionaries({
    "level": st.integers(1, 5), "interest": st.none() | st.integers(0, 5), "is_shown": st.booleans(),
    "voices": st.lists(st.tuples(st.sampled_from([0.3, 0.4, 0.8, 0.9]), st.integers(0, 900)), min_size=1, max_size=3),
})  # fmt: skip
NEEDS = st.lists(st.tuples(st.integers(0, 2), st.integers(1, 5), st.none() | st.integers(0, 5)), min_size=1, max_size=3)


def slow_experts(people, needs, without, is_any):
    """Every person against every need, one by one."""
    found = []
    for person, levels in people.items():
        seen = {place: facts for place, facts in levels.items() if facts["is_shown"]}
        if any(place in seen and seen[place]["level"] >= level for place, level, _ in without):
            continue
        worths = [slow_worth(seen.get(place), level, interest) for place, level, interest in needs]
        if all(worth is not None for worth in worths) or (is_any and any(worth is not None for worth in worths)):
            found.append((-round(sum(worth or 0 for worth in worths) / len(needs), 9), person))
    return sorted(found)


def slow_worth(facts, level, interest):
    if facts is None or facts["level"] < level:
        return None
    if interest is not None and (facts["interest"] is None or facts["interest"] < interest):
        return None
    voices = [(weight, days_ago(days).isoformat()) for weight, days in facts["voices"]]
    recency = 2 ** -(min(days for _, days in facts["voices"]) / 30.4375 / 12)
    liking = 2.5 if facts["interest"] is None else facts["interest"]
    sure = confidence(voices, 12, now().date())
    return 0.4 * facts["level"] / 5 + 0.3 * sure + 0.2 * recency + 0.1 * liking / 5


@settings(max_examples=40, deadline=None, suppress_health_check=[HealthCheck.function_scoped_fixture])
@given(
    people=st.lists(st.dictionaries(st.integers(0, 2), LEVELS, max_size=3), min_size=1, max_size=6),
    needs=NEEDS,
    without=st.lists(st.tuples(st.integers(0, 2), st.integers(1, 5), st.none()), max_size=1),
    is_any=st.booleans(),
)
def test_it_agrees_with_the_definition(app, people, needs, without, is_any):
    point = db.session.begin_nested()
    asker, skills = make_user(), [make_skill() for _ in range(3)]
    made = {}
    for levels in people:
        person = make_user()
        made[person.id] = levels
        for place, facts in levels.items():
            voices = [[weight, days_ago(days).isoformat()] for weight, days in facts["voices"]]
            last = days_ago(min(days for _, days in facts["voices"]))
            make_user_skill(person, skills[place], **{**facts, "voices": voices, "last_confirmed_on": last})
    conditions = Conditions(
        tuple(Need(skills[place].id, level, interest) for place, level, interest in needs),
        tuple(Need(skills[place].id, level) for place, level, _ in without),
        is_any,
    )
    rows = db.session.execute(search_experts(conditions, sight_of(asker)))
    found = sorted((-round(row.score, 9), row.user_id) for row in rows)
    expected = slow_experts(made, needs, without, is_any)
    assert [person for _, person in found] == [person for _, person in expected]
    assert [score for score, _ in found] == pytest.approx([score for score, _ in expected])
    by_score = list(db.session.execute(search_experts(conditions, sight_of(asker))))
    for first in (1, 2):  # a page leaves out whom it can't show, and nobody else
        statement, values = page_statement(conditions, sight_of(asker), 1, first)
        page = list(statement.execute(values))
        assert [(row.user_id, row.total) for row in page] == [(row.user_id, row.total) for row in by_score[:first]]
    point.rollback()
