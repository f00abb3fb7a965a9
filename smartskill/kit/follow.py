"""Following a job from a command: how far it is, what it answered, and in plain words when nobody works on it.

With `here` the queue is worked off by a process of its own, so that a command needs no worker to be running and never
imports what only workers need.
"""

import os
import subprocess
import sys
import time
from collections.abc import Callable
from typing import Any

import click
from flask import current_app
from redis.exceptions import RedisError
from rq import Worker
from rq.exceptions import NoSuchJobError
from rq.job import Job

from smartskill.kit.jobs import queue

POLL_SECONDS = 0.3
WORKER_GRACE_SECONDS = 3.0  # one that is just starting is not in the list yet
QUIET_SECONDS = 1.0


class JobFailed(click.ClickException):
    """A job that was followed did not do its work; the text says why in one line."""


def follow(job: Job | None, *, here: bool = False) -> Any:
    """Wait for a job and show its progress (its meta's `done` and `total`); returns what it answered.

    Raises:
        JobFailed: the queue can't be reached, no worker runs, or the job failed.
    """
    if job is None:
        raise JobFailed("The queue can't be reached, or the same work is under way already; nothing was started.")
    worker = start_burst(job.origin) if here else None
    try:
        wait_until(lambda: _is_over(job), lambda: _progress(job), job.origin, worker)
    except RedisError as error:
        raise JobFailed("The queue can't be reached any more; the job goes on if a worker has it.") from error
    finally:
        if worker is not None:
            worker.wait()
    if job.get_status(refresh=True) == "finished":
        return job.return_value()
    result = job.latest_result()
    lines = (result.exc_string or "").strip().splitlines() if result else []
    raise JobFailed(f"The job failed: {lines[-1] if lines else 'its worker ended before it did'}")


def start_burst(queue_name: str) -> subprocess.Popen:
    """Work a queue off in a process of its own."""
    app = current_app
    given = {name: app.config[name] for name in ("DATABASE_URL", "REDIS_URL") if app.config[name]}
    environment = {**os.environ, **given, "SMARTSKILL_INSTANCE": app.instance_path}
    command = [sys.executable, "-m", "flask", "--app", "smartskill", "rq", "worker", "--burst", queue_name]
    root = os.path.dirname(os.path.dirname(os.path.dirname(os.path.abspath(__file__))))
    return subprocess.Popen(command, env=environment, cwd=root, stdout=subprocess.DEVNULL, stderr=subprocess.DEVNULL)


def wait_until(
    is_over: Callable[[], bool],
    progress: Callable[[], tuple[int, int]],
    queue_name: str,
    worker: subprocess.Popen | None = None,
) -> None:
    """Wait, and show progress on a terminal once it takes longer than a second.

    Raises:
        JobFailed: nobody works on the queue.
    """
    started, shown = time.monotonic(), (0, 0)
    while not is_over():
        waited = time.monotonic() - started
        if worker is not None and worker.poll() is not None and not is_over():
            raise JobFailed("The worker started for this ended before the work was done.")
        if worker is None and waited > WORKER_GRACE_SECONDS and not Worker.all(queue=queue(queue_name)):
            raise JobFailed(
                f"No worker runs for the queue “{queue_name}”, so this waits there. "
                "Start one with `flask rq worker`, or add --here."
            )
        found = progress()
        if waited > QUIET_SECONDS and found[1] and found != shown:
            shown = found
            click.echo(f"\r{found[0]} of {found[1]}", nl=False, err=True)
        time.sleep(POLL_SECONDS)
    if shown[1]:
        click.echo(err=True)


def _is_over(job: Job) -> bool:
    try:
        return job.get_status(refresh=True) in ("finished", "failed", "stopped", "canceled")
    except NoSuchJobError:
        return True


def _progress(job: Job) -> tuple[int, int]:
    meta = job.get_meta(refresh=True)
    return meta.get("done", 0), meta.get("total", 0)
