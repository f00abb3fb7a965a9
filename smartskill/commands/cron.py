"""Fire the schedule once, however many schedulers run, and catch up a missed tick once.

A tick is claimed by inserting (name, due time), a primary key, and enqueued inside that transaction: where the queue
can't be reached the claim is rolled back and tried again. After an outage only the latest missed tick is due. An entry
seen for the first time is noted but not fired: a deployment must not send Monday's digest on a Wednesday.
"""

import logging
import signal
import threading
from collections.abc import Iterable
from datetime import UTC, datetime, timedelta

from croniter import croniter
from flask import Flask
from redis.exceptions import RedisError
from sqlalchemy import delete, select
from sqlalchemy.dialects.postgresql import insert
from sqlalchemy.exc import SQLAlchemyError

from smartskill.extensions import db
from smartskill.kit.jobs import enqueue, is_waiting
from smartskill.kit.models import ScheduleRun
from smartskill.kit.transaction import commit, roll_back
from smartskill.schedule import Schedule

log = logging.getLogger(__name__)

TICK_S = 1.0
PAUSE_AFTER_FAILURE_S = 5.0
KEPT_DAYS = 90


def run_schedule(app: Flask, entries: Iterable[Schedule]) -> None:
    """Fire what is due, every second, until SIGTERM or SIGINT."""
    stopping = threading.Event()
    for number in (signal.SIGTERM, signal.SIGINT):
        signal.signal(number, lambda *_: stopping.set())
    clock = Clock(entries)
    log.info("schedule running: %d entries", len(clock.entries))
    while not stopping.is_set():
        stopping.wait(TICK_S if clock.tick(app, datetime.now(UTC)) else PAUSE_AFTER_FAILURE_S)


class Clock:
    """Remembers which ticks were dealt with here, so that the database is asked only when a new one is due."""

    def __init__(self, entries: Iterable[Schedule]) -> None:
        self.entries = list(entries)
        self.next_due: dict[str, datetime] = {}

    def tick(self, app: Flask, now: datetime) -> bool:
        """Fire what is due now; False where a server can't be reached, and the same tick must be tried again."""
        is_well = True
        for entry in self.entries:
            if now < self.next_due.get(entry.name, now):
                continue
            with app.app_context():
                try:
                    fire(entry, latest_due(entry, now))
                except (SQLAlchemyError, RedisError) as error:
                    roll_back()
                    log.warning("schedule %s waits: %s", entry.name, type(error).__name__)
                    is_well = False
                else:
                    self.next_due[entry.name] = croniter(entry.cron, now).get_next(datetime)
        return is_well


def latest_due(entry: Schedule, now: datetime) -> datetime:
    """The entry's last tick at or before this moment (UTC)."""
    return croniter(entry.cron, now + timedelta(microseconds=1)).get_prev(datetime)


def fire(entry: Schedule, due_at: datetime) -> bool:
    """Enqueue the entry's job for this tick, unless anyone did before. Commits.

    Raises RedisError when the queue can't be reached; the tick is then still due.
    """
    claim = insert(ScheduleRun).values(name=entry.name, due_at=due_at, fired_at=datetime.now(UTC))
    claimed = db.session.scalar(claim.on_conflict_do_nothing().returning(ScheduleRun.due_at))
    is_first_sight = claimed and not db.session.scalar(
        select(ScheduleRun.due_at).where(ScheduleRun.name == entry.name, ScheduleRun.due_at != due_at).limit(1)
    )
    is_fired = bool(claimed) and not is_first_sight
    if is_fired:
        _enqueue(entry, due_at)
        outdated = (ScheduleRun.name == entry.name, ScheduleRun.due_at < due_at - timedelta(days=KEPT_DAYS))
        db.session.execute(delete(ScheduleRun).where(*outdated))
    commit()
    return is_fired


def _enqueue(entry: Schedule, due_at: datetime) -> None:
    job_id = f"{entry.name}-{due_at:%Y%m%dT%H%M%S}"
    if enqueue(entry.job, queue=entry.queue, job_id=job_id) is None and not is_waiting(entry.queue, job_id):
        raise RedisError(f"{entry.name} could not be enqueued")
    log.info("schedule %s fired for %s", entry.name, due_at.isoformat())
