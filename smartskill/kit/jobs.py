"""Work for later, through RQ: plain JSON in, by the dotted path of a job in some `tasks.py`, and nothing else is ever run.

Redis is a hint, PostgreSQL the truth: each job can be lost or run twice without harm, and a sweep on the schedule finds
what was lost.
"""

import importlib
import json
import logging
import re
from collections.abc import Callable
from typing import Any

from flask import Flask, current_app
from redis import Redis
from redis.exceptions import RedisError
from rq import Queue
from rq.job import Job

from smartskill.kit.attach import redis_client
from smartskill.kit.logs import current_job, current_request, request_id

log = logging.getLogger(__name__)
QUEUES = ("mail", "default", "long")
ALLOWED = re.compile(r"^smartskill\.[a-z]+\.tasks(\.[a-z_]+)*\.[a-z][a-z_]*$")
TIMEOUTS = {"mail": 60, "default": 300, "long": 3600}  # seconds


class JobRefused(Exception):
    """A job names something that is not one of our tasks."""


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
    if not ALLOWED.match(path):
        raise JobRefused(f"{path!r} is not a task of Smart-Skill.")
    module, _, name = path.rpartition(".")
    try:
        found = getattr(importlib.import_module(module), name)
    except (ImportError, AttributeError) as error:
        raise JobRefused(f"There is no task {path!r}.") from error
    if getattr(found, "__module__", None) != module:
        raise JobRefused(f"{path!r} is imported there, not made there.")
    return found


def connect_queue(app: Flask) -> None:
    """Remember the queue's client; nothing is connected yet."""
    app.extensions["queue_redis"] = redis_client(app, app.config["REDIS_URL"])


def queue_redis() -> Redis:
    """The client of the queue's Redis."""
    return current_app.extensions["queue_redis"]


def queue(name: str) -> Queue:
    """One of `QUEUES`."""
    if name not in QUEUES:
        raise ValueError(name)
    return Queue(
        name, connection=queue_redis(), serializer=JsonSerializer, job_class=AllowedJob, default_timeout=TIMEOUTS[name]
    )


def enqueue(path: str, *args: Any, queue_name: str | None = None, job_id: str | None = None, **more: Any) -> Job | None:
    """Put a job on a queue, or return None where Redis is away: the sweep will find the work.

    Args:
        path: the task's dotted path; checked here, so that a wrong one fails where it was written.
        job_id: equal ids are enqueued once while the first is waiting.
    """
    task_name = path
    if not ALLOWED.match(path):
        raise JobRefused(path)
    name = more.pop("queue", None) or queue_name or "default"
    try:
        if job_id and is_waiting(name, job_id):
            return None
        return queue(name).enqueue(
            task_name,
            args=args,
            job_id=job_id,
            meta={"request_id": request_id()},
            result_ttl=more.pop("result_ttl", 600),
            failure_ttl=86_400,
            **more,
        )
    except RedisError as error:
        log.warning("queue unavailable, %s left to the sweep: %s", path, error)
        return None


def is_waiting(queue_name: str, job_id: str) -> bool:
    """Whether a job of this id waits or runs."""
    found = AllowedJob.exists(job_id, connection=queue_redis())
    if not found:
        return False
    job = AllowedJob.fetch(job_id, connection=queue_redis(), serializer=JsonSerializer)
    return job.get_status(refresh=True) in ("queued", "started", "scheduled", "deferred")
