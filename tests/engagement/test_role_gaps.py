"""The next step towards a role: who is told, of what, and what is settled before the mail goes."""

from datetime import timedelta

import pytest
from sqlalchemy.dialects.postgresql import Range

from smartskill.database import now
from smartskill.engagement.services.role_gaps import KIND, find_role_gaps
from smartskill.extensions import db
from smartskill.notifications.services.inbox import notify
from smartskill.planning.models.growth import DismissedSkill
from smartskill.planning.models.roles import Exemption, RoleAssignment
from tests.engagement.counting import count_queries
from tests.engagement.planned import inbox_of, mails_to, narrowed, plan_now, settled
from tests.engagement.samples import refuse
from tests.engagement.test_mails import letter_to
from tests.factories import make_role, make_skill, make_user, make_user_skill

TODAY = now().date()


def give(user, role):
    db.session.add(RoleAssignment(user_id=user.id, role_id=role.id, valid=Range(TODAY - timedelta(days=30), None)))
    db.session.flush()


@pytest.fixture
def case(app):
    """Ada has Kafka 2 and is a data engineer, which asks Kafka 4 and Terraform 2; Ben has Kafka 5."""
    kafka, terraform = make_skill("Kafka"), make_skill("Terraform")
    role = make_role("Data engineer", ((kafka, 4), (terraform, 2)))
    ada, ben = settled(make_user(full_name="Ada")), make_user(full_name="Ben")
    give(ada, role)
    make_user_skill(ada, kafka, level=2)
    make_user_skill(ben, kafka, level=5)
    return ada, ben, kafka, terraform, role


def test_the_evidence_names_role_gap_and_somebody_to_learn_from(case):
    ada, ben, kafka, _terraform, role = case
    found = find_role_gaps([ada, ben], now())
    assert list(found) == [ada.id]
    evidence = found[ada.id]
    assert (evidence["role_id"], evidence["role_name"], evidence["total"]) == (role.id, "Data engineer", 2)
    assert evidence["readiness"] == round(2 / 6, 4)  # of 4 and 2, two levels are there
    first, second = sorted(evidence["gaps"], key=lambda gap: gap["skill_name"])
    assert first == {
        "skill_id": kafka.id, "skill_name": "Kafka", "held": 2, "required": 4, "must": False,
        "mentor": {"user_id": ben.id, "name": "Ben", "level": 5},
    }  # fmt: skip
    assert (second["skill_name"], second["held"], second["mentor"]) == ("Terraform", None, None)


def test_a_level_that_its_owner_hides_names_nobody(case):
    ada, ben, kafka, *_ = case
    row = make_user_skill(make_user(full_name="Cleo"), kafka, level=5, is_shown=False)
    for other in db.session.query(type(row)).filter_by(user_id=ben.id):
        other.is_shown = False
    db.session.flush()
    assert all(gap["mentor"] is None for gap in find_role_gaps([ada], now())[ada.id]["gaps"])


def test_a_manager_above_is_no_mentor(case):
    ada, ben, *_ = case
    ada.manager_id = make_user().id
    db.session.get(type(ada), ada.manager_id).manager_id = ben.id
    db.session.flush()
    assert all(gap["mentor"] is None for gap in find_role_gaps([ada], now())[ada.id]["gaps"])


def test_who_has_no_role_or_all_of_it_is_told_nothing(case):
    _ada, ben, kafka, terraform, role = case
    cleo = make_user()
    give(cleo, role)
    make_user_skill(cleo, kafka, level=4)
    make_user_skill(cleo, terraform, level=2)
    assert find_role_gaps([ben, cleo], now()) == {}


def test_what_was_dismissed_exempted_or_retired_is_not_named(case):
    ada, _ben, kafka, terraform, _role = case
    db.session.add(DismissedSkill(user_id=ada.id, skill_id=terraform.id))
    db.session.add(
        Exemption(user_id=ada.id, skill_id=kafka.id, reason="x", starts_on=TODAY, ends_on=TODAY + timedelta(days=1))
    )
    db.session.flush()
    assert find_role_gaps([ada], now()) == {}


def test_what_was_told_is_not_told_again_for_a_time(case):
    ada, _ben, _kafka, _terraform, _role = case
    notify(ada.id, KIND, campaign_key="x", evidence=find_role_gaps([ada], now())[ada.id])
    assert find_role_gaps([ada], now()) == {}
    assert list(find_role_gaps([ada], now() + timedelta(days=91))) == [ada.id]


def test_what_is_reached_or_no_longer_theirs_is_left_out_when_it_goes(case):
    ada, _ben, _kafka, terraform, _role = case
    evidence = find_role_gaps([ada], now())[ada.id]
    make_user_skill(ada, terraform, level=2)
    left = narrowed(ada, KIND, evidence)
    assert [gap["skill_name"] for gap in left["gaps"]] == ["Kafka"]
    assert (left["total"], left["readiness"]) == (1, round(4 / 6, 4))
    db.session.query(RoleAssignment).delete()
    assert narrowed(ada, KIND, evidence) is None


def test_the_mail_says_it(case):
    ada, *_ = case
    refuse(ada, "prediction")
    plan_now(ada)
    assert [entry.kind for entry in inbox_of(ada)] == [KIND]
    assert mails_to(ada)
    letter = letter_to(ada)
    assert letter.subject == "Your next step towards Data engineer"
    for said in (
        "You have 33% of what the role Data engineer asks for",
        "You are at level 2 of 4.",
        "Ben is at level 5",
    ):
        assert said in letter.body
        assert said in letter.html


def test_the_queries_do_not_grow_with_the_people(case):
    ada, _ben, kafka, _terraform, role = case
    others = [make_user() for _ in range(20)]
    for one in others:
        give(one, role)
        make_user_skill(one, kafka, level=1)
    db.session.flush()
    few = count_queries(lambda: find_role_gaps([ada], now()))
    many = count_queries(lambda: find_role_gaps([ada, *others], now()))
    assert few == many <= 12
