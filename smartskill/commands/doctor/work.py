"""The work behind: workers, queues, the schedule, the outbox, the model."""

from collections.abc import Iterator
from datetime import UTC, datetime, timedelta
from pathlib import Path

from flask import current_app
from redis.exceptions import RedisError
from rq import Worker
from sqlalchemy import func, select
from sqlalchemy.exc import SQLAlchemyError

from smartskill.commands.cron import latest_due
from smartskill.commands.doctor.finding import Finding, fail, ok, warn
from smartskill.engagement.models import ModelVersion
from smartskill.extensions import db
from smartskill.kit.jobs import QUEUES, queue, queue_redis
from smartskill.kit.models import ScheduleRun
from smartskill.notifications.models import Delivery
from smartskill.notifications.services.breaker import REMEDY, tell_breaker
from smartskill.schedule import SCHEDULE

LATE_AFTER = timedelta(minutes=2)
OVERDUE_AFTER = timedelta(minutes=15)
DEEP_QUEUE = 1000
OLD_MODEL_DAYS = 90


def check_workers() -> Iterator[Finding]:
    """Somebody works on each queue, and keeps up."""
    try:
        alive = [worker for worker in Worker.all(connection=queue_redis()) if worker.death_date is None]
        for name in QUEUES:
            yield _judge_queue(name, sum(name in worker.queue_names() for worker in alive))
    except (RedisError, OSError):
        yield fail("workers", "unknown while Redis can't be reached", "see redis")


def _judge_queue(name: str, workers: int) -> Finding:
    depth, failed = queue(name).count, queue(name).failed_job_registry.get_job_count(cleanup=False)
    fact = f"{workers} at work, {depth} jobs wait, {failed} failed in the last day"
    if not workers:
        return (fail if depth else warn)(f"queue {name}", fact, f"flask rq worker {name}")
    if depth > DEEP_QUEUE:
        return warn(f"queue {name}", fact, f"start more: flask rq worker {name}")
    return ok(f"queue {name}", fact)


def check_schedule() -> Iterator[Finding]:
    """Every entry fired at its last tick."""
    try:
        last = dict(
            db.session.execute(select(ScheduleRun.name, func.max(ScheduleRun.due_at)).group_by(ScheduleRun.name)).all()
        )
    except SQLAlchemyError:
        db.session.rollback()
        yield fail("schedule", "unknown while the database can't be read", "see database and schema")
        return
    now = datetime.now(UTC)
    late = [entry.name for entry in SCHEDULE if _is_late(last.get(entry.name), latest_due(entry, now), now)]
    if late:
        yield warn("schedule", f"not fired when due: {', '.join(late)}", "flask rq cron")
    else:
        yield ok("schedule", f"{len(SCHEDULE)} entries, none late")


def _is_late(last: datetime | None, due: datetime, now: datetime) -> bool:
    return (last is None or last < due) and now - due > LATE_AFTER


def check_outbox() -> Iterator[Finding]:
    """Mail goes out soon after it is due; what was given up is told."""
    now = datetime.now(UTC)
    waiting = Delivery.state.in_(("planned", "queued", "sending", "deferred"))
    try:
        due = db.session.scalar(select(func.count()).where(waiting, Delivery.due_at <= now)) or 0
        oldest = db.session.scalar(select(func.min(Delivery.due_at)).where(waiting, Delivery.due_at <= now))
        lost = dict(
            db.session.execute(
                select(Delivery.state, func.count())
                .where(Delivery.state.in_(("failed", "unknown")), Delivery.updated_at > now - timedelta(days=7))
                .group_by(Delivery.state)
            ).all()
        )
    except SQLAlchemyError:
        db.session.rollback()
        yield fail("outbox", "unknown while the database can't be read", "see database and schema")
        return
    if oldest and now - oldest > OVERDUE_AFTER:
        yield warn(
            "outbox", f"{due} mails are due, the oldest since {oldest:%Y-%m-%d %H:%M} UTC", "flask rq worker mail"
        )
    else:
        yield ok("outbox", f"{due} mails due")
    stopped = tell_breaker()
    if stopped != "ok":
        yield warn("breaker", stopped.partition(": ")[0], REMEDY)
    if lost:
        fact = ", ".join(f"{count} {state}" for state, count in sorted(lost.items()))
        yield warn("given up", f"{fact} in the last 7 days", "flask notify explain EMAIL tells why")


def check_model() -> Iterator[Finding]:
    """Models are in use, their files there, their scores come true, and they aren't old."""
    try:
        serving = select(ModelVersion).where(ModelVersion.state == "champion")
        champions = db.session.scalars(serving.order_by(ModelVersion.name)).all()
    except SQLAlchemyError:
        db.session.rollback()
        yield fail("model", "unknown while the database can't be read", "see database and schema")
        return
    if not champions:
        yield ok("model", "none in use: notices follow the rules (`flask model train` makes one)")
    yield from map(_judge_model, champions)


def _judge_model(champion: ModelVersion) -> Finding:
    fact = f"{champion.name} {champion.id}, trained {champion.trained_at:%Y-%m-%d}"
    if champion.path and not (Path(current_app.instance_path) / champion.path).exists():
        return fail(
            "model", f"{fact}: its file {champion.path} is missing", "flask model train, or flask model rollback"
        )
    if champion.is_alarmed:
        return fail("model", f"{fact}: its scores no longer come true; the rules serve", "flask model train")
    if datetime.now(UTC) - champion.trained_at > timedelta(days=OLD_MODEL_DAYS):
        return warn("model", fact, "flask model train")
    return ok("model", fact)
