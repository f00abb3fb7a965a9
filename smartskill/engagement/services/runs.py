"""A planning of notices for everybody, in chunks of people: what is done of it, and what came of it.

The rows are the truth: a chunk that was lost with the queue is offered again by the sweep, and one done twice has one
result, because each decision has its key.
"""

from collections import Counter
from datetime import datetime, timedelta
from typing import Any

from sqlalchemy import select

from smartskill.database import now
from smartskill.engagement.models import PlanChunk, PlanRun
from smartskill.engagement.services.people import IdRange, split_people
from smartskill.engagement.services.slots import AHEAD, Window
from smartskill.extensions import db
from smartskill.kit.errors import NotFound
from smartskill.kit.transaction import defer

CHUNK_PEOPLE = 500
STUCK_AFTER = timedelta(minutes=15)
GIVEN_UP_AFTER = timedelta(hours=20)  # the next daily run takes over
OPEN = ("queued", "running")
PLAN, PLAN_CHUNK = "smartskill.engagement.tasks.plan", "smartskill.engagement.tasks.plan_chunk"


class NoSuchRun(NotFound):
    """There is no such run."""


def start_run(*, is_forced: bool, requested_by_id: int | None = None, only_user_id: int | None = None) -> PlanRun:
    """Ask for a planning; it begins when the transaction is committed."""
    run = PlanRun(is_forced=is_forced, requested_by_id=requested_by_id, only_user_id=only_user_id, as_of=now())
    db.session.add(run)
    db.session.flush()
    defer(PLAN, run.id, job_id=f"plan-{run.id}")
    return run


def get_run(run_id: int, *, is_locked: bool = False) -> PlanRun:
    """A run, as the database has it.

    Raises:
        NoSuchRun
    """
    run = db.session.get(PlanRun, run_id, with_for_update=is_locked or None, populate_existing=True)
    if run is None:
        raise NoSuchRun()
    return run


def split_run(run: PlanRun, price: float) -> list[int]:
    """Cut a run into its chunks, once, and hand them out; returns the numbers of those that are not done."""
    if run.state == "queued":
        if run.only_user_id is not None:
            ranges = [(IdRange(run.only_user_id, run.only_user_id), 1)]
        else:
            ranges = split_people(CHUNK_PEOPLE)
        for number, (people, count) in enumerate(ranges):
            db.session.add(
                PlanChunk(run_id=run.id, number=number, from_id=people.first, to_id=people.last, people=count)
            )
        run.state, run.price = "running", price
        db.session.flush()
        db.session.refresh(run)
        _settle(run)
    numbers = [chunk.number for chunk in run.chunks if chunk.finished_at is None]
    for number in numbers:
        defer(PLAN_CHUNK, run.id, number, job_id=f"plan-{run.id}-{number}")
    return numbers


def window_of(run: PlanRun) -> Window:
    """The slots that a run covers: what the last daily run of everybody left."""
    if run.only_user_id is not None:
        return Window.after(None, run.as_of)
    earlier = select(PlanRun.as_of).where(
        PlanRun.id < run.id, PlanRun.only_user_id.is_(None), PlanRun.is_forced.is_(False), PlanRun.state != "failed"
    )
    last = db.session.scalar(earlier.order_by(PlanRun.id.desc()).limit(1))
    return Window.after(last and last + AHEAD, run.as_of)


def find_last_price() -> float:
    """What a mail cost in the latest run of everybody; 0 before the first."""
    found = select(PlanRun.price).where(PlanRun.price.is_not(None), PlanRun.only_user_id.is_(None))
    return db.session.scalar(found.order_by(PlanRun.id.desc()).limit(1)) or 0.0


def get_chunk(run_id: int, number: int) -> PlanChunk:
    """A chunk.

    Raises:
        NoSuchRun
    """
    chunk = db.session.get(PlanChunk, (run_id, number), populate_existing=True)
    if chunk is None:
        raise NoSuchRun()
    return chunk


def finish_chunk(chunk: PlanChunk, result: dict[str, Any]) -> None:
    """Note what came of a chunk; the last one finishes the run."""
    run = get_run(chunk.run_id, is_locked=True)
    if chunk.finished_at is None:
        chunk.result, chunk.finished_at = result, now()
        db.session.flush()
    _settle(run)


def fail_run(run_id: int, reason: str) -> None:
    """Note that a run could not be done."""
    run = get_run(run_id, is_locked=True)
    run.state, run.error, run.finished_at = "failed", reason[:300], now()


def offer_stuck_runs(at: datetime) -> int:
    """Hand out again what was lost with the queue; a run that stays open for most of a day is given up."""
    stuck = select(PlanRun).where(PlanRun.state.in_(OPEN), PlanRun.created_at < at - STUCK_AFTER)
    runs = db.session.scalars(stuck.order_by(PlanRun.id).with_for_update(skip_locked=True)).all()
    for run in runs:
        if run.created_at < at - GIVEN_UP_AFTER:
            run.state, run.error, run.finished_at = "failed", "given up: not done within 20 hours", at
        elif run.state == "queued":
            defer(PLAN, run.id, job_id=f"plan-{run.id}")
        else:
            split_run(run, run.price or 0.0)
    return len(runs)


def show_run(run: PlanRun) -> dict[str, Any]:
    """A run as JSON: how far it is, and what came of it so far."""
    counts: Counter = Counter()
    for chunk in run.chunks:
        counts.update(chunk.result or {})
    return {
        "id": run.id,
        "state": run.state,
        "is_forced": run.is_forced,
        "people": sum(chunk.people for chunk in run.chunks),
        "done": sum(chunk.people for chunk in run.chunks if chunk.finished_at),
        "counts": dict(sorted(counts.items())),
        "price": run.price,
        "error": run.error,
        "created_at": run.created_at,
        "finished_at": run.finished_at,
    }


def _settle(run: PlanRun) -> None:
    if all(chunk.finished_at for chunk in run.chunks) and run.state == "running":
        run.state, run.finished_at = "done", now()
        db.session.flush()
