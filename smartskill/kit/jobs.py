"""Work for later, through RQ: plain JSON in, by the dotted path of a job in some `tasks.py`, and nothing else runs.

Redis is a hint, PostgreSQL the truth: each job can be lost or run twice without harm, and a sweep on the schedule finds
what was lost.
"""

import importlib
import json
import logging
from collections.abc import Callable
from typing import Any

from redis.exceptions import RedisError
from rq import Queue
from rq.job import Job

from smartskill.kit.broker import ALLOWED, QUEUES, JobRefused, check_job, queue_redis
from smartskill.kit.logs import current_job, current_request, request_id

log = logging.getLogger(__name__)
TIMEOUTS = {"mail": 60, "default": 300, "long": 3600}  # seconds
RESULT_SECONDS, FAILURE_SECONDS = 600, 86_400  # how long a finished and a failed job can be looked at


class JsonSerializer:
    """RQ's serializer: JSON only, so that nothing is ever unpickled."""

    @staticmethod
    def dumps(value: Any, *args: Any, **kwargs: Any) -> bytes:
        return json.dumps(value).encode()

    @staticmethod
    def loads(value: bytes, *args: Any, **kwargs: Any) -> Any:
        return json.loads(value)


class AllowedJob(Job):
    """A job whose function must be one of our tasks: RQ itself would run any importable function."""

    @property
    def func(self) -> Callable:
        return task(self.func_name or "")

    def _execute(self) -> Any:
        job_token, request_token = current_job.set(self.id), current_request.set(self.meta.get("request_id"))
        try:
            return super()._execute()
        finally:
            current_job.reset(job_token)
            current_request.reset(request_token)


def task(path: str) -> Callable:
    """The function at a dotted path.

    Raises:
        JobRefused: it is not in a `tasks` module of ours, or not there.
    """
    if not ALLOWED.fullmatch(path):
        raise JobRefused(f"{path!r} is not a task of Smart-Skill.")
    module, _, name = path.rpartition(".")
    try:
        found = getattr(importlib.import_module(module), name)
    except (ImportError, AttributeError) as error:
        raise JobRefused(f"There is no task {path!r}.") from error
    if getattr(found, "__module__", None) != module:
        raise JobRefused(f"{path!r} is imported there, not made there.")
    return found


def queue(name: str) -> Queue:
    """One of `QUEUES`.

    Raises:
        JobRefused: there is no such queue.
    """
    if name not in QUEUES:
        raise JobRefused(f"There is no queue {name!r}.")
    return Queue(
        name, connection=queue_redis(), serializer=JsonSerializer, job_class=AllowedJob, default_timeout=TIMEOUTS[name]
    )


def enqueue(path: str, *args: Any, queue: str = "default", job_id: str | None = None) -> Job | None:
    """Put a job on a queue, or return None where Redis is away: the sweep will find the work.

    Args:
        path: the task's dotted path; checked here, so that a wrong one fails where it was written.
        job_id: equal ids are enqueued once while the first waits or runs.
    Raises:
        JobRefused: the path is not that of a task, or there is no such queue.
        TypeError: an argument is not plain JSON.
    """
    check_job(path, queue, args)
    try:
        if job_id and is_waiting(queue, job_id):
            return None
        return _put(path, args, queue, job_id)
    except (RedisError, OSError) as error:
        log.warning("queue unavailable, %s left to the sweep: %s", path, error)
        return None


def _put(path: str, args: tuple[Any, ...], queue_name: str, job_id: str | None) -> Job:
    return queue(queue_name).enqueue(
        path,
        args=args,
        job_id=job_id,
        meta={"request_id": request_id()},
        result_ttl=RESULT_SECONDS,
        failure_ttl=FAILURE_SECONDS,
    )


def is_waiting(queue_name: str, job_id: str) -> bool:
    """Whether a job of this id waits or runs."""
    found = AllowedJob.exists(job_id, connection=queue_redis())
    if not found:
        return False
    job = AllowedJob.fetch(job_id, connection=queue_redis(), serializer=JsonSerializer)
    return job.get_status(refresh=True) in ("queued", "started", "scheduled", "deferred")


__all__ = [
    "QUEUES",
    "TIMEOUTS",
    "AllowedJob",
    "JobRefused",
    "JsonSerializer",
    "enqueue",
    "is_waiting",
    "queue",
    "queue_redis",
    "task",
]
