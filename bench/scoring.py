"""Everybody's scores anew: features and calibrated chances of many people from many events, on two of our own workers.

The job is the schedule's own (`score`), which cuts people into chunks; workers read, reckon and write. A tenth of the
people with a tenth of the events goes first, and the ratio of both shows whether the cost grows linearly.
`--people 1000000 --events 50000000 --workers 2`; `--only` leaves the tenth out.
"""

import argparse
import os
import sys
import time
from datetime import datetime, timedelta
from pathlib import Path
from typing import Any

import psutil

from bench.crowd import fill_crowd
from bench.stack import ROOT, Stack, print_table, stack

FOLDER = ROOT / "bench" / "out"
FITTED_ON = 5_000  # people whose past the champion is fitted to
PATIENCE_S = 3 * 3600
SETTINGS = {"SMARTSKILL_TRACKING_DEFAULT": "true", "SMARTSKILL_PREDICTION_DEFAULT": "true",
            "OMP_NUM_THREADS": "1", "OPENBLAS_NUM_THREADS": "1"}  # fmt: skip


def run(arguments: list[str]) -> dict[str, Any]:
    """Measure a tenth and the whole."""
    parser = argparse.ArgumentParser(prog="python -m bench scoring")
    parser.add_argument("--people", type=int, default=1_000_000)
    parser.add_argument("--events", type=int, default=50_000_000)
    parser.add_argument("--workers", type=int, default=2)
    parser.add_argument("--only", action="store_true", help="leave the tenth out")
    given = parser.parse_args(arguments)
    sizes = [(given.people, given.events)]
    if not given.only:
        sizes.insert(0, (given.people // 10, given.events // 10))
    rows = [_measure(people, events, given.workers) for people, events in sizes]
    print_table(rows)
    ratio = None if given.only else round(rows[1]["seconds"] / rows[0]["seconds"], 2)
    return {"bench": "scoring", "rows": rows, "ratio": ratio, "peak_mb": max(row["peak_mb"] for row in rows)}


def _measure(people: int, events: int, workers: int) -> dict[str, Any]:
    FOLDER.mkdir(parents=True, exist_ok=True)
    os.environ["TMPDIR"] = str(FOLDER)
    with stack(**SETTINGS) as running:
        from smartskill import create_app
        from smartskill.database import now
        from smartskill.kit import schema_state

        app = create_app()
        with app.app_context():
            schema_state.upgrade()
            at, began = now(), time.monotonic()
            fill_crowd(people, events, at)
            add_champion(at)
            filled = time.monotonic() - began
            print(f"{people:,} people with {events:,} events made in {filled:.0f} s", file=sys.stderr)
            figures = {"people": people, "events": events} | _score(running, workers)
            close()
    return figures


def add_champion(at: datetime) -> None:
    """A model that is really fitted, calibrated and saved, made to serve; commits."""
    from ml.artefact import save_artefact
    from ml.lapse import fit_lapse
    from ml.timeline import DAY_S
    from ml.windows import label_rows
    from smartskill.engagement.insights.columns import load_events
    from smartskill.engagement.insights.known import load_facts
    from smartskill.engagement.models import ModelVersion
    from smartskill.engagement.services.people import IdRange
    from smartskill.extensions import db
    from smartskill.kit.settings import instance_folder

    some, now_s = IdRange(1, FITTED_ON), int(at.timestamp())
    events = load_events(some, at)
    parts = []
    for weeks in (8, 4):
        moment = at - timedelta(weeks=weeks)
        facts = {int(moment.timestamp()): load_facts(moment, some, is_present=False)}
        parts.append(label_rows(events, facts, (now_s - weeks * 7 * DAY_S,), now_s))
    folder = instance_folder() / "models"
    folder.mkdir(parents=True, exist_ok=True)
    saved = save_artefact(fit_lapse(*parts), parts[0].values, folder / "bench.zip", 0)
    card = {"gate": {"highest_stage": 1, "conditions": []}, "parts": {"train": {"rows": 1, "lapsed": 0}}}
    db.session.add(
        ModelVersion(state="champion", digest=saved.sha256, path=f"models/{Path(saved.path).name}", card=card,
                     is_gate_passed=True, promoted_at=at)
    )  # fmt: skip
    db.session.commit()


def _score(running: Stack, workers: int) -> dict[str, Any]:
    """Let workers do the job; how long it took, what each needed at most, and how many scores there are."""
    from smartskill.kit.jobs import enqueue

    command = (sys.executable, "-m", "flask", "--app", "wsgi", "rq", "worker", "default")
    started = [psutil.Process(running.start(*command).pid) for _ in range(workers)]
    _wait_until_idle(started, workers)
    began, spent = time.monotonic(), _spent(started)
    job = enqueue("smartskill.engagement.tasks.score")
    while not (job and job.get_status(refresh=True) == "finished" and _is_idle() and _is_idle()):
        if time.monotonic() - began > PATIENCE_S:
            raise SystemExit("the workers did not come to an end")
    seconds = time.monotonic() - began
    return {
        "scores": _count(),
        "seconds": round(seconds, 1),
        "worker cpu s": round(_spent(started) - spent, 1),
        "peak_mb": max(_peak_mb(one) for one in started),
        "failed": _failed(),
    }


def _wait_until_idle(processes: list[psutil.Process], workers: int) -> None:
    from rq import Worker

    from smartskill.kit.broker import queue_redis

    while len(Worker.all(connection=queue_redis())) < workers:
        if not all(one.is_running() for one in processes):
            raise SystemExit("a worker did not start; see bench.log")
        time.sleep(0.1)


def _is_idle() -> bool:
    """Whether nothing waits or runs; asked twice, as a job that changes hands is in neither place for a moment."""
    from smartskill.kit.jobs import queue

    waiting = queue("default")
    time.sleep(0.1)
    return not waiting.count and not waiting.started_job_registry.get_job_count(cleanup=False)


def _failed() -> int:
    from smartskill.kit.jobs import queue

    return queue("default").failed_job_registry.get_job_count(cleanup=False)


def _count() -> int:
    from sqlalchemy import func, select

    from smartskill.engagement.models import Prediction
    from smartskill.extensions import db

    return db.session.scalar(select(func.count()).select_from(Prediction)) or 0


def _spent(processes: list[psutil.Process]) -> float:
    return sum(times.user + times.system for times in (one.cpu_times() for one in processes))


def _peak_mb(process: psutil.Process) -> int:
    """The most memory that a worker held at any moment."""
    lines = Path(f"/proc/{process.pid}/status").read_text(encoding="utf-8").splitlines()
    return next(int(line.split()[1]) for line in lines if line.startswith("VmHWM")) // 1024


def close() -> None:
    """Let go of the servers, so that they can stop."""
    from smartskill.extensions import db
    from smartskill.kit.broker import queue_redis

    db.session.remove()
    db.engine.dispose()
    queue_redis().close()
