"""Subscription mail: once a week at the person's own slot, past every gate, by odds that add up and can be replayed."""

import itertools
from collections import Counter
from datetime import UTC, date, timedelta
from zoneinfo import ZoneInfo

import pytest
from sqlalchemy import func, select

from ml.policy.draw import draw_arm, uniform_of
from smartskill.engagement.insights.weighing import ARMS, secret
from smartskill.engagement.models import Decision, PlanRun, Prediction
from smartskill.engagement.services import runs
from smartskill.engagement.services.slots import Window, find_slot, week_of
from smartskill.engagement.tasks import preview
from smartskill.extensions import db
from smartskill.notifications.models import Delivery, MailSettings, Notification, Preference
from tests.engagement.planned import decisions_about, inbox_of, mails_to, plan_at, plan_now, settled
from tests.engagement.samples import MONDAY, act, make_endorsement, make_stale_skill, refuse
from tests.factories import make_user


@pytest.fixture
def person(app):
    return settled(make_user(timezone="Europe/Berlin"))


@pytest.fixture
def nobody_held_out(app, monkeypatch):
    monkeypatch.setitem(app.config, "HOLDOUT_SHARE", 0.0)


def history(user, weeks: int = 20):
    """Somebody who comes on Thursdays at 14 o'clock in Berlin."""
    for week in range(1, weeks):
        act(user, MONDAY + timedelta(days=3 - 7 * week, hours=10, minutes=5))
    act(user, MONDAY - timedelta(days=30))


def test_a_person_is_decided_on_once_a_week_on_their_best_day_and_hour(person, nobody_held_out):
    history(person)
    make_stale_skill(person)
    for day in range(14):
        plan_at(MONDAY + timedelta(days=day), person)
    decided = decisions_about(person)
    assert [row.decided_at.weekday() for row in decided] == [3, 3]
    for mail in mails_to(person):
        local = mail.due_at.astimezone(ZoneInfo("Europe/Berlin"))
        assert (local.weekday(), local.hour) == (3, 14)


def test_now_does_not_wait_for_the_slot_and_is_the_weeks_only_decision(person):
    make_stale_skill(person)
    for day in range(5):
        plan_at(MONDAY + timedelta(days=day), person, is_forced=True)
    assert len(decisions_about(person)) == 1
    plan_at(MONDAY + timedelta(days=7), person, is_forced=True)
    assert len(decisions_about(person)) == 2


def test_with_nothing_to_say_nothing_is_decided(person):
    plan_at(MONDAY, person, is_forced=True)
    assert not decisions_about(person)


def test_the_odds_add_up_and_the_draw_can_be_replayed(app):
    people = [settled(make_user()) for _ in range(12)]
    for user in people:
        make_stale_skill(user)
        make_endorsement(user, people[0] if user is not people[0] else people[1], MONDAY - timedelta(days=2))
    plan_at(MONDAY, *people, is_forced=True)
    rows = [row for user in people for row in decisions_about(user)]
    assert len(rows) == 12
    for row in rows:
        odds = [row.propensities[arm] for arm in ARMS]
        assert sum(odds) == pytest.approx(1)
        assert {arm for arm in ARMS if row.propensities[arm] > 0} == {"none", "endorsed", "skill_stale"}
        assert row.propensity == row.propensities[row.drawn_action]
        assert set(row.scores) == {"none", "endorsed", "skill_stale"}
        assert len(row.feature_digest) == 64
        assert row.stage == 0
        drawn = ARMS[draw_arm(odds, uniform_of(secret(), "draw", row.decision_key))]
        assert drawn == row.drawn_action
        assert row.action == ("none" if row.is_held_out else drawn)


def test_what_was_drawn_is_told_with_its_mail_in_one_go(app, nobody_held_out):
    people = [settled(make_user()) for _ in range(30)]
    for user in people:
        make_stale_skill(user, "Python " + user.email)
    plan_at(MONDAY, *people, is_forced=True)
    told = Counter(decisions_about(user)[0].action for user in people)
    assert 0 < told["skill_stale"] < 30  # exploration leaves both possible: 1 in 10^9 that this fails
    for user in people:
        [decision] = decisions_about(user)
        is_told = decision.action == "skill_stale"
        assert len(mails_to(user)) == len(inbox_of(user)) == int(is_told)
        assert (decision.send_at is not None) == is_told
        if is_told:
            assert inbox_of(user)[0].decision_id == decision.id
            assert inbox_of(user)[0].delivery_id == mails_to(user)[0].id


GATES = {
    "unverified": lambda user: setattr(user, "verified_at", None),
    "away": lambda user: db.session.add(MailSettings(user_id=user.id, away_until=date(2027, 12, 31))),
    "gap": lambda user: mailed(user, 1.5),
    "cap_day": lambda user: mailed(user, 0.5),
    "cap_week": lambda user: mailed(user, 3, 6),
    "cap_month": lambda user: mailed(user, 8, 15, 22, 29),
}


def mailed(user, *days_ago: float) -> None:
    for days in days_ago:
        at = MONDAY - timedelta(days=days)
        facts = {"kind": "digest", "mail_class": "subscription", "state": "sent", "sent_at": at, "due_at": at}
        db.session.add(Delivery(user_id=user.id, campaign_key=f"c{days}", message_id=f"<{user.id}-{days}@x>", **facts))


@pytest.mark.parametrize("gate", GATES)
def test_a_closed_gate_is_logged_and_nothing_is_drawn(person, gate):
    make_stale_skill(person)
    GATES[gate](person)
    db.session.flush()
    plan_at(MONDAY, person, is_forced=True)
    [decision] = decisions_about(person)
    assert (decision.gate, decision.action, decision.propensities) == (gate, "none", None)
    assert decision.gates[-1] == [gate, "closed"]
    assert all(verdict == "open" for _, verdict in decision.gates[:-1])
    assert not inbox_of(person)


def test_the_gates_come_in_their_order(person):
    make_stale_skill(person)
    for gate in ("cap_week", "away", "unverified"):
        GATES[gate](person)
    db.session.flush()
    plan_at(MONDAY, person, is_forced=True)
    assert decisions_about(person)[0].gate == "unverified"


def test_an_unwanted_kind_is_not_among_the_odds(person):
    make_stale_skill(person)
    make_endorsement(person, make_user(), MONDAY - timedelta(days=1))
    db.session.add(Preference(user_id=person.id, kind="skill_stale", is_wanted=False))
    db.session.flush()
    plan_at(MONDAY, person, is_forced=True)
    [decision] = decisions_about(person)
    assert decision.propensities["skill_stale"] == 0
    assert decision.propensities["endorsed"] > 0


@pytest.mark.parametrize("purposes", [("tracking",), ("prediction",), ("tracking", "prediction")])
def test_without_consent_nobody_is_scored_and_the_rule_decides(person, purposes):
    refuse(person, *purposes)
    act(person, MONDAY - timedelta(days=2))
    make_stale_skill(person)
    make_endorsement(person, make_user(), MONDAY - timedelta(days=1))
    plan_at(MONDAY, person, is_forced=True)
    [decision] = decisions_about(person)
    assert decision.action == "endorsed"  # the strongest by the rule
    for name in ("scores", "propensities", "propensity", "feature_digest", "stage", "model_version_id"):
        assert getattr(decision, name) is None
    assert not decision.is_held_out


def test_without_consent_a_kind_rests_for_four_weeks(person):
    refuse(person, "prediction")
    make_stale_skill(person)
    actions = []
    for week in range(5):
        plan_at(MONDAY + timedelta(weeks=week), person, is_forced=True)
        actions.append(decisions_about(person)[-1].action)
    assert actions == ["skill_stale", "none", "none", "none", "skill_stale"]


def test_no_more_mail_than_the_caps_however_often_it_is_planned(app, nobody_held_out, monkeypatch):
    numbers = itertools.count()
    for module in ("weekly", "writing"):  # as if every day were a week of its own
        path = f"smartskill.engagement.services.{module}.weekly_key"
        monkeypatch.setattr(path, lambda user_id, week: f"{user_id}:{next(numbers)}")
    monkeypatch.setattr("smartskill.engagement.insights.weighing.REST_DAYS", 0)
    people = [settled(make_user()) for _ in range(4)]
    for user in people:
        refuse(user, "prediction")  # the rule always writes where it may
    colleague = make_user()
    for day in range(63):
        at = MONDAY + timedelta(days=day)
        for user in people:
            make_endorsement(user, colleague, at - timedelta(minutes=1))
        plan_at(at, *people, is_forced=True)
        for mail in db.session.scalars(select(Delivery).filter_by(state="planned")):
            mail.state, mail.sent_at = "sent", mail.due_at
        db.session.flush()
    for user in people:
        times = sorted(mail.sent_at for mail in mails_to(user))
        assert all(later - earlier >= timedelta(hours=48) for earlier, later in itertools.pairwise(times))
        assert len(times) >= 6
        for start in times:
            assert sum(start <= at < start + timedelta(days=7) for at in times) <= 2
            assert sum(start <= at < start + timedelta(days=30) for at in times) <= 4


def test_the_holdout_stays_the_same_within_a_quarter(app, monkeypatch):
    monkeypatch.setitem(app.config, "HOLDOUT_SHARE", 0.5)
    people = [settled(make_user()) for _ in range(40)]
    for user in people:
        make_stale_skill(user)
    for week in range(4):
        plan_at(MONDAY + timedelta(weeks=week), *people, is_forced=True)
    held = {user.id: {row.is_held_out for row in decisions_about(user) if row.propensities} for user in people}
    assert all(len(states) == 1 for states in held.values())
    assert 5 <= sum(True in states for states in held.values()) <= 35
    for user in people:
        if held[user.id] == {True}:
            assert {row.action for row in decisions_about(user)} == {"none"}
            assert not mails_to(user)
            assert not inbox_of(user)


def test_who_opted_out_of_the_holdout_is_never_held_out(app, monkeypatch):
    monkeypatch.setitem(app.config, "HOLDOUT_SHARE", 1.0)
    person = settled(make_user())
    db.session.add(MailSettings(user_id=person.id, is_in_holdout_allowed=False))
    make_stale_skill(person)
    plan_at(MONDAY, person, is_forced=True)
    assert decisions_about(person)[0].is_held_out is False


def test_a_dry_run_writes_nothing(person):
    make_stale_skill(person)
    db.session.commit()
    answer = preview(person.id, True)
    assert [row["email"] for row in answer["rows"]] == [person.email]
    for model in (Decision, Notification, Delivery, PlanRun, Prediction):
        assert db.session.scalar(select(func.count()).select_from(model)) == 0


def test_a_run_reckons_the_price_that_keeps_the_budget(app, monkeypatch, nobody_held_out):
    people = [settled(make_user()) for _ in range(60)]
    for user in people:
        make_endorsement(user, people[0] if user is not people[0] else people[1], MONDAY - timedelta(days=365))
        make_stale_skill(user)
    shown = plan_now()
    assert shown["state"] == "done"
    assert shown["people"] == shown["done"] == 60
    rows = db.session.scalars(select(Decision)).all()
    expected = sum(1 - row.propensities["none"] for row in rows) / 60
    assert expected <= 0.3 + 1e-6
    assert shown["price"] > 0


def test_slots_are_on_the_persons_own_clock_through_summer_time():
    berlin = ZoneInfo("Europe/Berlin")
    start = MONDAY + timedelta(days=26)  # the night of 28 March 2027, when clocks go forward
    before = find_slot(Window(start, start + timedelta(days=1)), berlin, 5, 9)
    after = find_slot(Window(start + timedelta(days=1), start + timedelta(days=2)), berlin, 6, 9)
    assert before.astimezone(UTC).hour == 8
    assert after.astimezone(UTC).hour == 7
    assert week_of(after, berlin) == "2027-W12"


def test_what_an_outage_left_uncovered_the_next_run_takes_up():
    at = MONDAY
    covered = Window.after(at - timedelta(days=2), at)
    assert covered.start == at - timedelta(days=2)
    assert Window.after(at - timedelta(days=60), at).start == at - timedelta(days=7)
    assert Window.after(at, at).start == at
    again = Window.after(at + timedelta(hours=24), at + timedelta(hours=1))
    assert (again.start, again.end) == (at + timedelta(hours=24), at + timedelta(hours=25))


def test_a_lost_chunk_is_handed_out_again(app):
    settled(make_user())
    run = runs.start_run(is_forced=True)
    runs.split_run(run, 0.0)
    run.created_at -= timedelta(hours=1)
    db.session.flush()
    assert runs.offer_stuck_runs(run.created_at + timedelta(hours=1)) == 1
    assert run.state == "running"
    assert runs.offer_stuck_runs(run.created_at + timedelta(hours=21)) == 1
    assert run.state == "failed"
