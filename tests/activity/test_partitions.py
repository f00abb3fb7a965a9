"""Months of events: made ahead, never in the way of an insert, dropped when they are past retention."""

from datetime import UTC, datetime

import pytest
import time_machine

from smartskill.activity.models import InteractionEvent
from smartskill.activity.services.partitions import drop_old_events, ensure_partitions
from smartskill.activity.services.recording import record
from smartskill.activity.tasks import drop_expired, make_partitions
from smartskill.extensions import db
from tests.factories import make_user

MAY = datetime(2031, 5, 17, 12, tzinfo=UTC)


@pytest.fixture(autouse=True)
def no_months(app):
    """Tests with real commits may have left partitions behind; here there are none but the default."""
    for name in partitions() - {"interaction_events_default"}:
        db.session.execute(db.text(f"DROP TABLE {name}"))


def where() -> dict[int, str]:
    rows = db.session.execute(db.text("SELECT subject_id, tableoid::regclass::text FROM interaction_events"))
    return dict(rows.all())


def partitions() -> set[str]:
    found = "SELECT inhrelid::regclass::text FROM pg_inherits WHERE inhparent = 'interaction_events'::regclass"
    return set(db.session.scalars(db.text(found)))


def did(user, at: datetime, subject_id: int) -> None:
    record(user.id, "search", subject_id=subject_id, occurred_at=at)


def test_an_event_of_a_month_without_a_partition_is_kept_and_moves_there_later(app):
    user = make_user()
    did(user, MAY, 1)
    did(user, MAY.replace(month=12), 2)
    assert where() == {1: "interaction_events_default", 2: "interaction_events_default"}
    assert ensure_partitions(MAY, before=0, ahead=1) == ["interaction_events_y2031m05", "interaction_events_y2031m06"]
    assert where() == {1: "interaction_events_y2031m05", 2: "interaction_events_default"}
    did(user, MAY, 3)
    assert where()[3] == "interaction_events_y2031m05"


def test_months_begin_and_end_in_utc(app):
    user = make_user()
    ensure_partitions(MAY, before=0, ahead=1)
    did(user, datetime(2031, 5, 31, 23, 59, 59, 999999, tzinfo=UTC), 1)
    did(user, datetime(2031, 6, 1, tzinfo=UTC), 2)
    assert where() == {1: "interaction_events_y2031m05", 2: "interaction_events_y2031m06"}


def test_making_partitions_twice_makes_them_once_and_passes_new_year(app):
    december = MAY.replace(month=12)
    months = [name[-8:] for name in ensure_partitions(december)]
    assert months == ["y2031m11", "y2031m12", "y2032m01", "y2032m02", "y2032m03"]
    assert ensure_partitions(december) == []


def test_a_partition_has_the_rules_of_the_whole(app):
    ensure_partitions(MAY, before=0, ahead=0)
    rules = db.session.scalars(
        db.text("SELECT contype FROM pg_constraint WHERE conrelid = 'interaction_events_y2031m05'::regclass")
    ).all()
    assert {"p", "f"} <= set(rules)
    unique = db.text(
        "SELECT count(*) FROM pg_index WHERE indrelid = 'interaction_events_y2031m05'::regclass AND indisunique"
    )
    assert db.session.scalar(unique) == 2


def test_events_go_with_their_person(app):
    user = make_user()
    ensure_partitions(MAY, before=0, ahead=0)
    did(user, MAY, 1)
    db.session.execute(db.text("DELETE FROM users WHERE id = :id"), {"id": user.id})
    assert where() == {}


def test_retention_drops_whole_months_and_old_rows_of_the_default(app, monkeypatch):
    monkeypatch.setitem(app.config, "EVENT_RETENTION_MONTHS", 25)
    user = make_user()
    old, oldest_kept = datetime(2029, 3, 31, tzinfo=UTC), datetime(2029, 4, 1, tzinfo=UTC)
    ensure_partitions(old, before=0, ahead=1)
    did(user, old, 1)
    did(user, oldest_kept, 2)
    did(user, datetime(2020, 1, 1, tzinfo=UTC), 3)
    assert drop_old_events(MAY) == ["interaction_events_y2029m03"]
    assert set(where()) == {2}
    assert "interaction_events_y2029m04" in partitions()


@pytest.mark.usefixtures("app")
def test_the_jobs_do_it_for_the_present():
    with time_machine.travel(MAY, tick=False):
        assert "interaction_events_y2031m08" in make_partitions()
        assert make_partitions() == []
        assert drop_expired() == []


def test_a_duplicate_is_caught_in_a_partition_as_in_the_default(app):
    from sqlalchemy.dialects.postgresql import insert

    user = make_user()
    ensure_partitions(MAY, before=0, ahead=0)
    for month in (5, 9):  # with and without a partition
        row = {"user_id": user.id, "kind": "search", "occurred_at": MAY.replace(month=month), "client_event_id": "x"}
        statement = insert(InteractionEvent.__table__).values(**row).on_conflict_do_nothing()
        found = [db.session.execute(statement).rowcount for _ in range(2)]
        assert found == [1, 0]
