"""What others need that a person has: counted, never naming who looked, and never of what is hidden."""

from datetime import timedelta

import pytest

from smartskill.database import now
from smartskill.engagement.services.team_needs import KIND, find_team_needs
from smartskill.extensions import db
from smartskill.notifications.services.inbox import notify
from smartskill.planning.models.searches import SavedSearch
from smartskill.planning.models.targets import CoverageTarget
from smartskill.user.services import teams
from tests.engagement.counting import count_queries
from tests.engagement.planned import inbox_of, narrowed, plan_now, settled
from tests.engagement.samples import act, refuse
from tests.engagement.test_mails import letter_to
from tests.factories import make_skill, make_user, make_user_skill

TODAY = now().date()


@pytest.fixture
def case(app):
    """Ada shows Kafka at level 4."""
    ada, kafka = settled(make_user(full_name="Ada")), make_skill("Kafka")
    row = make_user_skill(ada, kafka, level=4)
    return ada, kafka, row


def seek(skill, *people, days=3, **given):
    for one in people:
        act(one, now() - timedelta(days=days), "search", subject_type="skill", subject_id=skill.id, **given)


def watch(skill, person):
    query = {"need": [f"{skill.id}:2"], "match": "all"}
    db.session.add(SavedSearch(user_id=person.id, name="mine", query=query, is_watched=True))
    db.session.flush()


def needs_of(person, at=None):
    return find_team_needs([person], at or now()).get(person.id, {}).get("needs")


def test_three_who_looked_are_told_of_as_a_number(case):
    ada, kafka, _ = case
    first, second, third = (make_user(full_name=f"Seeker {name}") for name in "ABC")
    seek(kafka, first, second, second)
    assert needs_of(ada) is None  # two people: that would tell on somebody
    watch(kafka, third)
    assert needs_of(ada) == [{"skill_id": kafka.id, "skill_name": "Kafka", "level": 4, "seekers": 3, "team": None}]


def test_nobody_counts_who_looked_long_ago_is_a_machine_or_the_person(case):
    ada, kafka, _ = case
    seek(kafka, make_user(), make_user())
    seek(kafka, make_user(), days=29)
    seek(kafka, make_user(), is_automated=True)
    seek(kafka, ada)
    seek(make_skill(), make_user(), make_user(), make_user())
    assert needs_of(ada) is None


def test_a_hidden_or_low_level_is_never_told_of(case):
    ada, kafka, row = case
    seek(kafka, *(make_user() for _ in range(3)))
    row.is_shown = False
    db.session.flush()
    assert needs_of(ada) is None
    row.is_shown, row.level = True, 2
    db.session.flush()
    assert needs_of(ada) is None


@pytest.fixture
def platform(case):
    """Ada's team Platform wants three at Kafka 3 and has only her; another team wants some too."""
    ada, kafka, _ = case
    platform, other = (teams.create_team(name) for name in ("Platform", "Other"))
    ada.team_id = platform.id
    db.session.add(CoverageTarget(team_id=platform.id, skill_id=kafka.id, level=3, heads=3))
    db.session.add(CoverageTarget(team_id=other.id, skill_id=kafka.id, level=4, heads=9))
    db.session.flush()
    return platform


def test_what_their_own_team_lacks_is_told_and_of_no_other(case, platform):
    ada, kafka, _ = case
    [need] = needs_of(ada)
    assert need["team"] == {"name": "Platform", "level": 3, "wanted": 3, "held": 1}
    outsider = make_user()
    make_user_skill(outsider, kafka, level=5)
    assert needs_of(outsider) is None


def test_a_target_that_is_met_or_above_them_is_not_told(case, platform):
    ada, _kafka, row = case
    row.level = 3
    target = db.session.query(CoverageTarget).filter_by(team_id=platform.id).one()
    target.level = 4
    db.session.flush()
    assert needs_of(ada) is None
    target.level, target.heads = 3, 1
    db.session.flush()
    assert needs_of(ada) is None


def test_what_was_told_is_not_told_again_and_what_was_met_does_not_go(case, platform):
    ada, _kafka, _ = case
    evidence = find_team_needs([ada], now())[ada.id]
    assert narrowed(ada, KIND, evidence) == evidence
    notify(ada.id, KIND, campaign_key="x", evidence=evidence)
    assert needs_of(ada) is None
    db.session.query(CoverageTarget).filter_by(team_id=platform.id).update({"heads": 1})
    assert narrowed(ada, KIND, evidence) is None


def test_the_mail_says_it_and_names_nobody(case, platform):
    ada, kafka, _ = case
    seekers = [make_user(full_name=f"Seeker {name}") for name in "ABC"]
    seek(kafka, *seekers)
    refuse(ada, "prediction")
    plan_now(ada)
    [entry] = inbox_of(ada)
    assert entry.kind == KIND
    letter = letter_to(ada)
    assert letter.subject == "Your Kafka is needed"
    for said in (
        "Platform has 1 of the 3 people it wants at level 3 or above.",
        "3 colleagues looked for people with it",
    ):
        assert said in letter.body
        assert said in letter.html
    assert not any(one.full_name in f"{letter.body}{entry.evidence}" for one in seekers)
    assert "/c/" in letter.body  # its links are counted


def test_the_queries_do_not_grow_with_the_people(case, platform):
    ada, kafka, _ = case
    others = [make_user() for _ in range(20)]
    for one in others:
        make_user_skill(one, kafka, level=3)
    few = count_queries(lambda: find_team_needs([ada], now()))
    assert few == count_queries(lambda: find_team_needs([ada, *others], now())) <= 8
