"""Gates: their order, their reasons, and clocks that are put forward and back."""

from datetime import UTC, date, datetime, timedelta

import pytest

from smartskill.database import now
from smartskill.extensions import db
from smartskill.notifications.models import MailSettings, Preference, Suppression
from smartskill.notifications.services.gates import (
    Mailing,
    first_closed,
    is_quiet,
    next_open_hour,
    parse_quiet_hours,
)
from smartskill.notifications.services.recipients import Recipient, find_recipients
from tests.factories import make_user
from tests.notifications.conftest import plan

TUESDAY = datetime(2026, 11, 24, 10, tzinfo=UTC)


def person(**given) -> Recipient:
    return Recipient(1, "a@example.com", "Ada", **{"quiet_hours": "20-8", **given})


def closed(mail_class="subscription", at=TUESDAY, is_past_hours=False, **given):
    return first_closed(person(**given), Mailing("hint", mail_class, at), is_past_hours=is_past_hours)


def before(**ago):
    return (TUESDAY - timedelta(**ago),)


CLOSED = [
    ({"is_active": False}, "inactive"),
    ({"suppressed": frozenset({"subscription"})}, "suppressed"),
    ({"is_verified": False}, "unverified"),
    ({"unwanted": frozenset({"hint"})}, "unwanted"),
    ({"quiet_hours": "9-12"}, "quiet_hours"),
    ({"working_days": (0, 2)}, "day_off"),
    ({"away_until": date(2026, 11, 24)}, "away"),
    ({"mailed_at": before(hours=20)}, "cap_day"),
    ({"mailed_at": before(days=3) + before(days=5)}, "cap_week"),
    ({"mailed_at": before(days=8) + before(days=15) + before(days=20) + before(days=29)}, "cap_month"),
    ({"mailed_at": before(hours=47)}, "gap"),
]


@pytest.mark.parametrize(("given", "reason"), CLOSED)
def test_each_gate_closes_with_its_reason(given, reason):
    assert closed(**given) == reason


def test_the_first_closed_gate_in_the_fixed_order_gives_the_reason():
    everything: dict = {}
    for given, reason in reversed(CLOSED):
        everything = {**everything, **given}
        assert closed(**everything) == reason


def test_all_open_is_none_and_bounds_are_exact():
    assert closed() is None
    assert closed(mailed_at=before(hours=48)) is None
    assert closed(away_until=date(2026, 11, 23)) is None
    assert closed(mailed_at=before(days=8) + before(days=15) + before(days=20) + before(days=30)) is None


@pytest.mark.parametrize(
    ("mail_class", "minded"),
    [("account", {"inactive"}), ("service", {"inactive", "unwanted", "quiet_hours"})],
)
def test_other_classes_mind_only_some_gates(mail_class, minded):
    assert {reason for given, reason in CLOSED if closed(mail_class, **given)} == minded
    assert closed(mail_class, suppressed=frozenset({"all"})) == "suppressed"


def test_past_hours_passes_hours_and_days_off_but_not_leave():
    assert closed(quiet_hours="9-12", working_days=(0,), is_past_hours=True) is None
    assert closed(away_until=date(2026, 12, 1), is_past_hours=True) == "away"


@pytest.mark.parametrize(
    ("hours", "quiet"),
    [
        ("20-8", {20, 23, 0, 7}),
        ("9-12", {9, 11}),
        ("22-6", {22, 23, 0, 5}),
        ("0-0", set()),
        ("", set()),
        ("nonsense", set()),
    ],
)
def test_quiet_hours_may_pass_midnight(hours, quiet):
    found = {hour for hour in range(24) if is_quiet(hours, datetime(2026, 11, 24, hour, 59))}
    assert quiet <= found
    first, last = parse_quiet_hours(hours) or (0, 0)
    assert len(found) == (last - first) % 24


@pytest.mark.parametrize(
    ("at", "quiet_hours", "opens"),
    [
        # Berlin puts its clock forward on 29 March 2026 at 01:00 UTC, back on 25 October at 01:00 UTC.
        ("2026-03-28T22:00", "20-8", "2026-03-29T06:00"),  # Sunday, 08:00 is two hours ahead of UTC by then
        ("2026-03-27T22:00", "20-8", "2026-03-28T07:00"),
        ("2026-10-24T22:00", "20-8", "2026-10-25T07:00"),
        ("2026-03-29T00:30", "20-2", "2026-03-29T01:00"),  # 02:00 does not exist that night: 03:00 it is
        ("2026-03-29T00:30", "20-3", "2026-03-29T01:00"),
        ("2026-10-25T00:30", "20-3", "2026-10-25T02:00"),  # 02:30 comes twice: both are quiet
        ("2026-10-25T01:30", "20-3", "2026-10-25T02:00"),
        ("2026-11-24T10:00", "20-8", "2026-11-24T10:00"),
    ],
)
def test_quiet_hours_follow_the_clock_on_the_wall(at, quiet_hours, opens):
    ada = person(timezone="Europe/Berlin", quiet_hours=quiet_hours)
    mailing = Mailing("duty", "service", datetime.fromisoformat(at).replace(tzinfo=UTC))
    opening = next_open_hour(ada, mailing)
    assert opening == datetime.fromisoformat(opens).replace(tzinfo=UTC)
    assert first_closed(ada, Mailing("duty", "service", opening)) is None
    if opening > mailing.at:
        assert first_closed(ada, Mailing("duty", "service", opening - timedelta(minutes=1))) == "quiet_hours"


def test_a_subscription_mail_waits_over_the_weekend():
    friday_evening = datetime(2026, 11, 27, 21, tzinfo=UTC)
    opening = next_open_hour(person(), Mailing("hint", "subscription", friday_evening))
    assert opening == datetime(2026, 11, 30, 8, tzinfo=UTC)


def test_half_hour_zones_and_unknown_ones():
    assert closed("service", TUESDAY.replace(hour=14, minute=29), timezone="Asia/Kolkata") is None  # 19:59
    assert closed("service", TUESDAY.replace(hour=14, minute=30), timezone="Asia/Kolkata") == "quiet_hours"
    assert closed("service", TUESDAY, timezone="Nowhere/At_All") is None


@pytest.mark.usefixtures("kinds")
def test_what_is_known_of_people_comes_in_one_query(app):
    ada = make_user(email="Ada@Example.com", timezone="Europe/Berlin", locale="de", verified_at=None)
    bob = make_user()
    db.session.add_all(
        [
            MailSettings(user_id=ada.id, quiet_hours="22-6", working_days=[1], away_until=date(2026, 12, 1)),
            Preference(user_id=ada.id, kind="hint", is_wanted=False),
            Preference(user_id=ada.id, kind="duty", is_wanted=True),
            Suppression(email="ada@example.com", scope="subscription", reason="complaint"),
        ]
    )
    tomorrow = now() + timedelta(days=1)
    row = plan(ada, due_at=tomorrow)
    plan(ada, "duty", "k2", due_at=tomorrow)
    db.session.flush()
    found = find_recipients([ada.id, bob.id])
    assert found[ada.id] == Recipient(
        ada.id, "Ada@Example.com", ada.full_name, "de", "Europe/Berlin", is_verified=False, quiet_hours="22-6",
        working_days=(1,), away_until=date(2026, 12, 1), unwanted=frozenset({"hint"}),
        suppressed=frozenset({"subscription"}), mailed_at=(tomorrow,),
    )  # fmt: skip
    assert found[bob.id] == Recipient(bob.id, bob.email, bob.full_name, quiet_hours="20-8")
    assert find_recipients([ada.id], with_pending=False)[ada.id].mailed_at == ()
    assert row.state == "planned"


@pytest.mark.parametrize(
    ("zone", "at", "quiet_hours", "opens"),
    [
        # Sydney puts its clock forward on 3 October 2026 at 16:00 UTC, back on 4 April at 16:00 UTC.
        ("Australia/Sydney", "2026-10-03T12:00Z", "20-8", "2026-10-03T21:00Z"),  # 22:00 of the 3rd, at UTC+10
        ("Australia/Sydney", "2026-10-02T12:00Z", "20-8", "2026-10-02T22:00Z"),  # the night before
        ("Australia/Sydney", "2026-04-04T11:00Z", "20-8", "2026-04-04T22:00Z"),  # 22:00 of the 4th, at UTC+11
        ("Australia/Sydney", "2026-10-03T12:00Z", "20-2", "2026-10-03T16:00Z"),  # there is no 2 o'clock that day
        # In Santiago midnight itself is left out: 6 September 2026 begins at 1 o'clock, 04:00 UTC.
        ("America/Santiago", "2026-09-06T01:00Z", "20-0", "2026-09-06T04:00Z"),
        ("America/Santiago", "2026-04-05T01:00Z", "20-7", "2026-04-05T11:00Z"),  # back to UTC-4 in that night
    ],
)
def test_quiet_hours_follow_the_clock_south_of_the_equator_too(zone, at, quiet_hours, opens):
    ada = person(timezone=zone, quiet_hours=quiet_hours)
    mailing = Mailing("duty", "service", datetime.fromisoformat(at))
    assert first_closed(ada, mailing) == "quiet_hours"
    assert next_open_hour(ada, mailing) == datetime.fromisoformat(opens)
