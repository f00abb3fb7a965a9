"""The ladder when planning or mailing stands still for weeks: nothing twice, nothing lost, the right rung."""

from datetime import UTC, date, datetime, time, timedelta
from zoneinfo import ZoneInfo

import pytest

from smartskill.database import now
from smartskill.engagement.mails import parts_of
from smartskill.engagement.services.ladder import due_rung
from smartskill.engagement.services.wording.sentences import expiring
from smartskill.notifications.services.recipients import find_recipient
from smartskill.notifications.services.rendering import write_letter
from tests.engagement.planned import decisions_about, inbox_of, mails_to, plan_at, settled
from tests.factories import make_qualification, make_user

FIRST = date(2026, 11, 23)
LAST = FIRST + timedelta(days=95)
LADDER = ["90", "30", "7", "0", "overdue"]


def holder_in(zone: str):
    user = settled(make_user(timezone=zone))
    row = make_qualification(user, expires_on=LAST, created_at=datetime.combine(FIRST, time(), UTC) - timedelta(days=9))
    return user, row


def rungs(user) -> list[str]:
    return [row.evidence["rung"] for row in decisions_about(user, "service")]


def send_all(user) -> None:
    for mail in mails_to(user):
        mail.state = "sent"


def moments(days: range):
    """The daily run at 03:00 UTC, and two more a minute before and after midnight, as after a restart."""
    for day in days:
        for at in (time(0, 1), time(3), time(23, 59)):
            yield datetime.combine(FIRST + timedelta(days=day), at, UTC)


@pytest.mark.parametrize("zone", ["UTC", "Pacific/Auckland", "America/Los_Angeles"])
@pytest.mark.parametrize("down_from", [44, 64, 65, 66])  # rung 30 is due on day 65
def test_three_weeks_without_planning_around_the_thirty_day_rung(app, zone, down_from):
    user, _ = holder_in(zone)
    for days in (range(down_from), range(down_from + 21, 99)):
        for at in moments(days):
            plan_at(at, user)
            send_all(user)
            # whatever was missed: after each run the rung of the person's own day has been told, and is the newest
            due = due_rung(LAST, at.astimezone(ZoneInfo(zone)).date())
            assert rungs(user)[-1:] == ([due] if due else [])
    assert rungs(user) == LADDER  # each once, in order: back within 9 days of the end, rung 30 was still to be told
    told = {row.evidence["rung"]: row.decided_at.date() for row in decisions_about(user, "service")}
    if down_from <= 64:
        assert told["30"] == FIRST + timedelta(days=max(down_from + 21, 65))
    assert len(inbox_of(user)) == len(LADDER)
    assert len(mails_to(user)) == len(LADDER)


def test_a_rung_that_passed_during_an_outage_is_not_made_up_for(app):
    """Down from day 60 to day 90: 30 and 7 days are both past; 5 are left, and only that is told."""
    user, _ = holder_in("UTC")
    for days in (range(60), range(90, 99)):
        for at in moments(days):
            plan_at(at, user)
    assert rungs(user) == ["90", "7", "0", "overdue"]


def test_down_over_the_last_day_it_is_overdue_at_once_and_the_manager_hears_a_week_later(app):
    user, _ = holder_in("UTC")
    manager = settled(make_user("manager"))
    user.manager_id = manager.id
    for days in (range(92), range(113, 125)):
        for at in moments(days):
            plan_at(at, user, manager)
    assert rungs(user) == ["90", "30", "7", "overdue"]
    [told] = decisions_about(manager, "service")
    assert (told.decided_at.date() - FIRST).days == 113 + 7


def test_a_run_that_goes_over_midnight_tells_the_day_of_its_start_and_the_next_one_the_rest(app):
    """A run keeps its own moment however long it takes: what begins at 23:59 speaks of that day in all its chunks."""
    user, _ = holder_in("UTC")
    before = datetime.combine(LAST - timedelta(days=31), time(23, 59), UTC)
    plan_at(before, user)
    assert rungs(user) == ["90"]
    plan_at(before + timedelta(minutes=2), user)
    plan_at(before + timedelta(minutes=2), user)
    assert rungs(user) == ["90", "30"]


@pytest.fixture
def waiting(app):
    """A mail with the 7-day rung that nobody sent for five days, until its last valid day."""
    user = settled(make_user())
    row = make_qualification(user, title="Forklift licence", expires_on=now().date())
    row.created_at = now() - timedelta(days=300)
    plan_at(now() - timedelta(days=5), user)
    return user


@pytest.mark.parametrize("state", ["planned", "queued"])  # a mail that nobody claimed takes in what comes
def test_what_waited_for_days_is_said_once_as_it_is_now(waiting, state):
    mails_to(waiting)[0].state = state
    plan_at(now(), waiting)
    assert rungs(waiting) == ["7", "0"]
    mails = mails_to(waiting)
    assert [len(mail.notifications) for mail in mails] == ([2] if state == "planned" else [1, 1])
    [(mail, evidence)] = [(mail, evidence) for mail in mails for _, evidence in parts_of(mail)]
    assert evidence["rung"] == "0"
    letter = write_letter(mail, find_recipient(mail))
    assert letter.subject == "Forklift licence expires today"
    assert letter.body.count("Forklift licence expires today") == 1


def test_a_mail_of_an_earlier_rung_is_not_kept_back_where_nothing_newer_was_told(waiting):
    """Planning stands still as well: the mail goes, with the words of the day on which it goes."""
    [mail] = mails_to(waiting)
    [(_, evidence)] = parts_of(mail)
    assert evidence["rung"] == "7"
    assert expiring(evidence, "en", now().date()).startswith("Your Forklift licence expires today")


def test_the_manager_still_hears_of_what_the_holder_was_told_before(app):
    """A later rung replaces an earlier one only for the same reader."""
    manager, user = settled(make_user("manager")), settled(make_user())
    user.manager_id = manager.id
    row = make_qualification(user, expires_on=now().date() - timedelta(days=10))
    row.created_at = now() - timedelta(days=300)
    plan_at(now() - timedelta(days=8), user, manager)
    plan_at(now(), user, manager)
    assert len(parts_of(mails_to(manager)[0])) == len(parts_of(mails_to(user)[0])) == 1
