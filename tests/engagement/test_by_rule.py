"""Service notices: the ladder through outages, up the line, past a no; several in one mail; nothing twice."""

from datetime import UTC, date, datetime, time, timedelta

import pytest

from smartskill.database import now
from smartskill.engagement.models import Decision
from smartskill.extensions import db
from smartskill.notifications.models import Preference, Suppression
from tests.engagement.planned import decisions_about, inbox_of, mails_to, plan_at, plan_now, settled
from tests.factories import make_qualification, make_user

NOON = datetime.combine(date(2027, 11, 22), time(12), UTC)  # a Monday ahead of now, so that what is planned waits


@pytest.fixture
def holder(app):
    return settled(make_user())


def expiring(user, days: int, **given):
    """A qualification that expires so many days after `NOON`, recorded long ago."""
    facts = {"title": "First Aid certificate", "created_at": NOON - timedelta(days=400)}
    return make_qualification(user, expires_on=NOON.date() + timedelta(days=days), **{**facts, **given})


def rungs(user) -> list[str]:
    return [row.evidence["rung"] for row in decisions_about(user, "service")]


def test_each_rung_is_told_once_on_its_day(holder):
    expiring(holder, 92)
    for day in range(100):
        plan_at(NOON + timedelta(days=day), holder)
    assert rungs(holder) == ["90", "30", "7", "0", "overdue"]
    days = [(row.decided_at - NOON).days for row in decisions_about(holder, "service")]
    assert days == [2, 62, 85, 92, 93]
    assert len(inbox_of(holder)) == 5


def test_an_outage_catches_up_with_the_latest_rung_only(holder):
    expiring(holder, 95)
    plan_at(NOON + timedelta(days=6), holder)  # 89 days left
    plan_at(NOON + timedelta(days=91), holder)  # 4 days left: rungs 30 and 7 were missed
    assert rungs(holder) == ["90", "7"]


def test_a_date_that_was_corrected_starts_the_ladder_anew(holder):
    row = expiring(holder, 20)
    plan_at(NOON, holder)
    row.expires_on += timedelta(days=2)
    db.session.flush()
    plan_at(NOON, holder)
    assert rungs(holder) == ["30", "30"]


@pytest.mark.parametrize("state", ["rejected", "revoked"])
def test_what_does_not_count_is_not_reminded_of(holder, state):
    expiring(holder, 20, review_state=state)
    plan_at(NOON, holder)
    assert rungs(holder) == []


def test_a_renewal_ends_the_ladder_and_a_rejected_one_does_not(holder):
    old = expiring(holder, 20)
    renewal = expiring(holder, 700, renews_id=old.id)
    plan_at(NOON, holder)
    assert rungs(holder) == []
    renewal.review_state = "rejected"
    db.session.flush()
    plan_at(NOON, holder)
    assert rungs(holder) == ["30"]


def test_what_is_overdue_goes_up_the_line_step_by_step(holder):
    manager, hr = settled(make_user("manager")), settled(make_user("hr"))
    holder.manager_id = manager.id
    row = expiring(holder, -1)
    everybody = (holder, manager, hr)
    for day in range(20):
        plan_at(NOON + timedelta(days=day), *everybody)
    told = {name: decisions_about(person, "service") for name, person in zip("hmr", everybody, strict=True)}
    assert [(one.decided_at - NOON).days for one in told["h"]] == [0]
    assert [(one.decided_at - NOON).days for one in told["m"]] == [7]
    assert [(one.decided_at - NOON).days for one in told["r"]] == [14]
    assert told["m"][0].evidence["holder_name"] == holder.full_name
    assert told["r"][0].evidence["qualification_id"] == row.id


def test_nobody_above_is_told_before_the_holder_was(holder):
    """After an outage of a month the holder hears of it first, and has a week."""
    manager = settled(make_user("manager"))
    holder.manager_id = manager.id
    expiring(holder, -30)
    plan_at(NOON, holder, manager)
    assert rungs(holder) == ["overdue"]
    assert not decisions_about(manager, "service")


def test_several_for_one_person_and_day_become_one_mail(holder):
    expiring(holder, 20)
    expiring(holder, 5, title="Forklift licence")
    plan_at(NOON, holder)
    [mail] = mails_to(holder, "service")
    assert [notice.evidence["title"] for notice in mail.notifications] == ["Forklift licence", "First Aid certificate"]
    assert len(decisions_about(holder, "service")) == 2


def test_what_comes_while_a_mail_waits_goes_with_it(holder):
    night = datetime.combine(NOON.date(), time(22), UTC)
    expiring(holder, 20)
    plan_at(night, holder)
    expiring(holder, 5, title="Forklift licence")
    plan_at(night + timedelta(hours=1), holder)
    [mail] = mails_to(holder, "service")
    assert len(mail.notifications) == 2


def test_now_takes_along_a_mail_that_waits(holder):
    night = datetime.combine(NOON.date(), time(22), UTC)
    expiring(holder, 20)
    plan_at(night, holder)
    expiring(holder, 5, title="Forklift licence")
    plan_at(night + timedelta(hours=1), holder, is_forced=True)
    [mail] = mails_to(holder, "service")
    assert (mail.due_at, mail.is_past_hours) == (night + timedelta(hours=1), True)
    assert len(mail.notifications) == 2


def test_quiet_hours_put_it_off_to_the_morning_and_now_does_not(holder):
    night = datetime.combine(NOON.date(), time(22), UTC)
    expiring(holder, 20)
    plan_at(night, holder)
    [mail] = mails_to(holder)
    assert mail.due_at == datetime.combine(NOON.date() + timedelta(days=1), time(8), UTC)
    other = settled(make_user())
    expiring(other, 20)
    plan_at(night, other, is_forced=True)
    assert mails_to(other)[0].due_at == night
    assert mails_to(other)[0].is_past_hours


def test_the_rung_follows_the_day_where_the_person_is(app):
    """At 23:00 UTC it is tomorrow in Auckland: 7 days left there, 8 in London."""
    late = datetime.combine(NOON.date(), time(23), UTC)
    far, near = settled(make_user(timezone="Pacific/Auckland")), settled(make_user(timezone="Europe/London"))
    for person in (far, near):
        expiring(person, 8)
        plan_at(late, person)
    assert (rungs(far), rungs(near)) == (["7"], ["30"])


def test_a_no_stops_the_mail_and_not_the_inbox(holder):
    db.session.add(Preference(user_id=holder.id, kind="qualification_expiring", is_wanted=False))
    expiring(holder, 20)
    plan_at(NOON, holder, is_forced=True)
    [decision] = decisions_about(holder, "service")
    assert decision.gate == "unwanted"
    assert decision.gates == [["inactive", "open"], ["suppressed", "open"], ["unwanted", "closed"]]
    assert not mails_to(holder)
    assert len(inbox_of(holder)) == 1


def test_the_first_closed_gate_gives_the_reason(holder):
    db.session.add(Preference(user_id=holder.id, kind="qualification_expiring", is_wanted=False))
    db.session.add(Suppression(email=holder.email, reason="hard_bounce"))
    expiring(holder, 20)
    plan_at(NOON, holder)
    assert decisions_about(holder)[0].gate == "suppressed"


def test_planning_twice_does_nothing_twice(holder):
    make_qualification(holder, expires_on=now().date() + timedelta(days=20))
    assert plan_now(holder)["counts"]["mails"] == 1
    assert plan_now(holder)["counts"].get("mails", 0) == 0
    assert len(mails_to(holder, "service")) == 1
    assert db.session.query(Decision).filter_by(user_id=holder.id, mail_class="service").count() == 1


def test_hr_is_told_of_what_waits_for_a_review_and_not_of_their_own(holder):
    hr = settled(make_user("hr"))
    row = make_qualification(holder, title="Welding", review_state="submitted")
    make_qualification(hr, review_state="submitted")
    plan_at(now(), holder, hr)
    assert [one.evidence["title"] for one in decisions_about(hr, "service")] == ["Welding"]
    plan_at(now(), holder, hr)
    assert len(decisions_about(hr, "service")) == 1
    row.review_state = "draft"
    db.session.flush()
    row.review_state = "submitted"  # submitted again: a new version
    db.session.flush()
    plan_at(now(), holder, hr)
    assert len(decisions_about(hr, "service")) == 2


def test_somebody_who_left_is_told_nothing(holder):
    holder.is_active = False
    expiring(holder, 20)
    plan_at(NOON, holder)
    assert not decisions_about(holder)
