"""RQ workers as this project runs them: one queue each, short leases, an application context and a session per job.

With one queue a worker takes jobs by BLMOVE, so a job whose worker is killed stays findable; with several, RQ loses it.
Short times let a killed worker's job be found within a minute instead of a quarter of an hour.
"""

import os
import signal
from collections.abc import Callable
from typing import Any

import redis
from flask import Flask
from rq import Queue, SimpleWorker, Worker
from rq.job import Job

from smartskill.commands.processes import die_with_parent
from smartskill.extensions import db
from smartskill.kit.attach import redis_client
from smartskill.kit.jobs import QUEUES, TIMEOUTS, AllowedJob, JsonSerializer, enqueue

SWEEP = "smartskill.notifications.tasks.sweep"
WORKER_TTL_S = 25
MAINTENANCE_INTERVAL_S = 30
MAINTENANCE_LOCK_S = 60
SOCKET_TIMEOUT_S = (
    30  # longer than the wait for a job (WORKER_TTL_S - 15), or an idle worker would take it for a failure
)


class PatientQueue(Queue):
    """A queue whose maintenance lock dies with its holder: RQ's own outlives a killed worker by up to 15 minutes."""

    def acquire_maintenance_lock(self) -> bool:
        return bool(self.connection.set(self.registry_cleaning_key, 1, nx=True, ex=MAINTENANCE_LOCK_S))


class _InApplication:
    """Each job gets an application context, and with it a database session of its own."""

    app: Flask
    is_stopping = False

    def perform_job(self, *arguments: Any, **more: Any) -> bool:
        with self.app.app_context():
            return super().perform_job(*arguments, **more)  # type: ignore[misc]

    def request_stop(self, *arguments: Any) -> None:
        self.is_stopping = True
        super().request_stop(*arguments)  # type: ignore[misc]


class QuickWorker(_InApplication, SimpleWorker):
    """For short jobs: runs them in its own process."""


class ForkingWorker(_InApplication, Worker):
    """For long jobs: runs each in a child, whose memory is given back and whose crash is survived."""

    def fork_work_horse(self, job: Job, queue: Queue) -> None:
        self.parent_pid = os.getpid()
        super().fork_work_horse(job, queue)

    def main_work_horse(self, job: Job, queue: Queue) -> None:
        die_with_parent(self.parent_pid, signal.SIGKILL)
        with self.app.app_context():
            db.engine.dispose(close=False)  # the connections belong to the parent
        super().main_work_horse(job, queue)


def make_worker(app: Flask, queue_name: str) -> QuickWorker | ForkingWorker:
    """A worker for one queue; the long one forks."""
    connection = redis_client(app, app.config["REDIS_URL"], timeout=SOCKET_TIMEOUT_S)
    queue = PatientQueue(
        queue_name, connection, default_timeout=TIMEOUTS[queue_name], job_class=AllowedJob, serializer=JsonSerializer
    )
    kind = ForkingWorker if queue_name == "long" else QuickWorker
    worker = kind(
        [queue],
        connection=connection,
        worker_ttl=WORKER_TTL_S,
        maintenance_interval=MAINTENANCE_INTERVAL_S,
        job_class=AllowedJob,
        queue_class=PatientQueue,
        serializer=JsonSerializer,
    )
    worker.app = app
    return worker


def work(app: Flask, queue_name: str) -> None:
    """Work on one queue until told to stop; exits with 1 where Redis went away, so that a supervisor tries again."""
    if queue_name == "mail":
        with app.app_context():  # it may replace one that died, and what that one held was lost with it
            enqueue(SWEEP, queue="mail")
    try:
        worker = make_worker(app, queue_name)
        worker.work(logging_level=None)
    except redis.RedisError as error:
        app.logger.error("worker for %s: Redis can't be reached: %s", queue_name, error)
        raise SystemExit(1) from error
    if not worker.is_stopping:
        raise SystemExit(1)


def work_off(app: Flask, queue_names: tuple[str, ...] = QUEUES, say: Callable[[str], None] = lambda _: None) -> None:
    """Work until every one of the queues is empty, jobs that jobs enqueue included."""
    found_work = True
    while found_work:
        found_work = False
        for name in queue_names:
            worker = make_worker(app, name)
            found_work = worker.work(burst=True, logging_level=None) or found_work
            worker.refresh()  # the counts are kept in Redis
            say(f"{name}: {worker.successful_job_count} done, {worker.failed_job_count} failed")
            if worker.is_stopping:
                return
