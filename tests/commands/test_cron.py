"""The schedule: once per tick, however many schedulers run and whatever was down."""

import threading
from collections.abc import Iterator
from datetime import UTC, datetime, timedelta
from types import ModuleType

import pytest
import redis
from flask import Flask
from redis.backoff import NoBackoff
from redis.retry import Retry
from sqlalchemy import func, select

from smartskill.commands.cron import Clock, fire, latest_due
from smartskill.extensions import db
from smartskill.kit.jobs import queue
from smartskill.kit.models import ScheduleRun
from smartskill.schedule import SCHEDULE, Schedule

ENTRY = Schedule(name="hourly-probe", cron="0 * * * *", job="smartskill.probe.tasks.tick", queue="mail")
NOON = datetime(2026, 3, 2, 12, 0, tzinfo=UTC)


@pytest.fixture(autouse=True)
def _task(monkeypatch: pytest.MonkeyPatch) -> None:
    module = ModuleType("smartskill.probe.tasks")
    module.tick = lambda: None  # type: ignore[attr-defined]
    monkeypatch.setitem(__import__("sys").modules, "smartskill.probe.tasks", module)


@pytest.fixture
def _seen(app: Flask, committed: None) -> Iterator[None]:
    """The entry has been there for a while."""
    fire(ENTRY, NOON - timedelta(hours=5))
    yield
    db.session.remove()  # an open transaction would keep the tables from being emptied


def waiting() -> list[str]:
    return queue("mail").job_ids


@pytest.mark.usefixtures("app", "committed")
def test_an_entry_seen_for_the_first_time_is_noted_and_not_fired() -> None:
    assert not fire(ENTRY, NOON)
    assert waiting() == []
    assert fire(ENTRY, NOON + timedelta(hours=1))
    assert waiting() == ["hourly-probe-20260302T130000"]
    db.session.remove()


@pytest.mark.usefixtures("_seen")
def test_a_tick_is_fired_once_by_two_schedulers(app: Flask) -> None:
    first, second = Clock([ENTRY]), Clock([ENTRY])
    for clock in (first, second, first, second):
        assert clock.tick(app, NOON)
    assert waiting() == ["hourly-probe-20260302T120000"]


@pytest.mark.usefixtures("_seen")
def test_ten_schedulers_at_the_same_moment_fire_once(app: Flask) -> None:
    fired, start = [], threading.Barrier(10)

    def run() -> None:
        with app.app_context():
            start.wait()
            fired.append(fire(ENTRY, NOON))

    threads = [threading.Thread(target=run) for _ in range(10)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    assert sorted(fired) == [False] * 9 + [True]
    assert waiting() == ["hourly-probe-20260302T120000"]


@pytest.mark.usefixtures("_seen")
def test_of_several_missed_ticks_only_the_latest_is_caught_up(app: Flask) -> None:
    assert Clock([ENTRY]).tick(app, NOON + timedelta(minutes=20))
    assert waiting() == ["hourly-probe-20260302T120000"]


@pytest.mark.usefixtures("_seen")
def test_the_database_is_asked_only_when_a_tick_is_new(app: Flask) -> None:
    clock = Clock([ENTRY])
    clock.tick(app, NOON)
    with app.app_context():
        db.session.execute(ScheduleRun.__table__.delete().where(ScheduleRun.due_at == NOON))
        db.session.commit()
    clock.tick(app, NOON + timedelta(minutes=59))
    assert db.session.scalar(select(func.count()).select_from(ScheduleRun)) == 1
    clock.tick(app, NOON + timedelta(minutes=60))
    assert db.session.scalar(select(func.max(ScheduleRun.due_at))) == NOON + timedelta(hours=1)


@pytest.mark.usefixtures("_seen")
def test_a_tick_without_a_queue_is_not_lost(app: Flask, monkeypatch: pytest.MonkeyPatch) -> None:
    clock = Clock([ENTRY])
    with monkeypatch.context() as patch:
        patch.setitem(app.extensions, "queue_redis", redis.Redis(port=1, retry=Retry(NoBackoff(), 0)))
        assert not clock.tick(app, NOON)
    assert waiting() == []
    assert clock.tick(app, NOON + timedelta(seconds=5))
    assert waiting() == ["hourly-probe-20260302T120000"]


@pytest.mark.parametrize(
    ("now", "due"),
    [
        (NOON, NOON),
        (NOON - timedelta(seconds=1), NOON - timedelta(hours=1)),
        (NOON + timedelta(minutes=59, seconds=59), NOON),
    ],
)
def test_the_latest_due_tick_is_the_one_at_or_before_now(now: datetime, due: datetime) -> None:
    assert latest_due(ENTRY, now) == due


@pytest.mark.usefixtures("_seen")
def test_old_ticks_are_forgotten_and_recent_ones_kept() -> None:
    fire(ENTRY, NOON)
    fire(ENTRY, NOON + timedelta(days=100))
    assert list(db.session.scalars(select(ScheduleRun.due_at))) == [NOON + timedelta(days=100)]


def test_every_entry_has_a_name_of_its_own_that_can_be_a_job_id() -> None:
    names = [entry.name for entry in SCHEDULE]
    assert len(names) == len(set(names))
    assert all(name.replace("-", "").isalnum() and len(name) <= 80 for name in names)
