"""What a month came to outlives its events, and names nobody."""

from datetime import UTC, date, datetime

from sqlalchemy import select

from smartskill.activity.models import EventMonth, InteractionEvent
from smartskill.activity.services.months import roll_up
from smartskill.activity.services.partitions import drop_old_events
from smartskill.activity.services.recording import record
from smartskill.extensions import db
from tests.factories import make_user, sign_in

MAY = datetime(2031, 5, 17, 12, tzinfo=UTC)


def did(user, month: int, kind: str = "search", year: int = 2031, day: int = 3) -> None:
    record(user.id, kind, occurred_at=datetime(year, month, day, 23, 30, tzinfo=UTC))


def counts() -> dict[tuple[date, str], tuple[int, int]]:
    db.session.expire_all()
    return {(row.month, row.kind): (row.events, row.people) for row in db.session.scalars(select(EventMonth))}


def test_whole_months_are_counted_and_the_present_one_is_not(app):
    one, two = make_user(), make_user()
    for user, month in ((one, 4), (one, 4), (two, 4), (one, 3), (one, 5)):
        did(user, month)
    did(two, 3, "skill_rated", day=31)
    assert roll_up(MAY) == 3
    assert counts() == {
        (date(2031, 4, 1), "search"): (3, 2),
        (date(2031, 3, 1), "search"): (1, 1),
        (date(2031, 3, 1), "skill_rated"): (1, 1),  # half an hour before April in UTC
    }


def test_events_that_come_late_are_counted_when_it_is_done_again(app):
    user = make_user()
    did(user, 4)
    roll_up(MAY)
    did(user, 4)
    roll_up(MAY)
    assert counts() == {(date(2031, 4, 1), "search"): (2, 1)}


def test_what_is_dropped_was_counted_before(app):
    user = make_user()
    did(user, 1, year=2029)
    did(user, 2, year=2029)
    did(user, 4)
    roll_up(MAY.replace(year=2029, month=3))  # they were, once, the last months
    did(user, 2, year=2028)
    roll_up(MAY)
    drop_old_events(MAY)
    assert db.session.scalars(select(InteractionEvent.occurred_at)).all() == [datetime(2031, 4, 3, 23, 30, tzinfo=UTC)]
    assert sorted(counts()) == [
        (date(2028, 2, 1), "search"),
        (date(2029, 1, 1), "search"),
        (date(2029, 2, 1), "search"),
        (date(2031, 4, 1), "search"),
    ]


def test_admins_read_the_months_the_latest_first(app, client):
    user = make_user()
    did(user, 3)
    did(user, 4)
    roll_up(MAY)
    rows = client.get("/api/notifications/events/months", headers=sign_in(make_user(role="admin"))).json
    assert rows[0] == {"month": "2031-04-01", "kind": "search", "source": "api", "events": 1, "people": 1}
    assert [row["month"] for row in rows] == ["2031-04-01", "2031-03-01"]
