"""Skills worth learning next: what the mail says is what the person's own page says, above a stated threshold."""

from datetime import timedelta

import pytest

from smartskill.database import now
from smartskill.engagement.services.recommendations import KIND, NUMBERS, WORTH_TELLING, find_recommended
from smartskill.extensions import db
from smartskill.notifications.services.inbox import notify
from smartskill.planning.models.growth import DismissedSkill
from smartskill.planning.services.growth.next_steps import find_next_skills
from tests.engagement.counting import count_queries
from tests.engagement.planned import narrowed
from tests.engagement.test_role_gaps import give
from tests.factories import make_role, make_skill, make_user, make_user_skill, sign_in

TODAY = now().date()


@pytest.fixture
def case(app):
    """Ada's role asks for Kafka, which she likes, and for Terraform, which she does not."""
    kafka, terraform = make_skill("Kafka"), make_skill("Terraform")
    role = make_role("Data engineer", ((kafka, 4), (terraform, 4)))
    ada = make_user()
    give(ada, role)
    make_user_skill(ada, kafka, level=2, interest=4)
    make_user_skill(ada, terraform, level=2)
    return ada, kafka, terraform


def test_two_of_three_numbers_have_to_speak_for_it(case):
    ada, kafka, _terraform = case
    scores = {row["skill_name"]: row["score"] for row in find_next_skills([ada])[ada.id]}
    assert scores == {"Kafka": 0.66, "Terraform": 0.5}
    [thing] = find_recommended([ada], now())[ada.id]["skills"]
    assert thing["skill_id"] == kafka.id
    assert thing["score"] >= WORTH_TELLING > scores["Terraform"]
    assert {name: thing[name] for name in NUMBERS} == {
        "readiness_gained": pytest.approx(1 / 8), "team_coverage_gained": 0, "interest": 4,
    }  # fmt: skip
    assert (thing["level"], thing["next_level"], thing["role_name"], thing["team"]) == (2, 3, "Data engineer", None)


def test_it_is_what_their_own_page_says(case, client):
    ada, *_ = case
    page = client.get("/api/users/me/next-skills", headers=sign_in(ada)).json
    [thing] = find_recommended([ada], now())[ada.id]["skills"]
    assert {name: page[0][name] for name in (*NUMBERS, "skill_id", "score", "next_level")} == {
        name: thing[name] for name in (*NUMBERS, "skill_id", "score", "next_level")
    }


def test_many_at_once_are_told_what_each_alone_is(case):
    ada, kafka, terraform = case
    others = [make_user() for _ in range(12)]
    for place, one in enumerate(others):
        make_user_skill(one, kafka, level=1 + place % 4, interest=place % 6)
        make_user_skill(one, terraform, level=3, target_level=5 if place % 2 else None)
    people = [ada, *others]
    assert find_next_skills(people) == {one.id: find_next_skills([one])[one.id] for one in people}
    few, many = (count_queries(lambda given=given: find_recommended(given, now())) for given in ([ada], people))
    assert many <= few + 2  # the peers of those without a role
    assert many <= 20


def test_what_was_told_or_dismissed_is_not_recommended(case):
    ada, kafka, _terraform = case
    evidence = find_recommended([ada], now())[ada.id]
    notify(ada.id, KIND, campaign_key="x", evidence=evidence)
    assert find_recommended([ada], now()) == {}
    assert ada.id in find_recommended([ada], now() + timedelta(days=91))
    assert narrowed(ada, KIND, evidence) == evidence
    db.session.add(DismissedSkill(user_id=ada.id, skill_id=kafka.id))
    db.session.flush()
    assert narrowed(ada, KIND, evidence) is None
