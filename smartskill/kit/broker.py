"""The queue's Redis, and which jobs may be named: what the web needs of the queue. RQ itself is in `kit.jobs`."""

import json
import re
from typing import Any

from flask import Flask, current_app
from redis import Redis
from redis.exceptions import RedisError

from smartskill.kit.attach import redis_client

QUEUES = ("mail", "default", "long")
ALLOWED = re.compile(r"smartskill\.[a-z]+\.tasks(\.[a-z_]+)*\.[a-z][a-z_]*")


class JobRefused(Exception):
    """A job names something that is not one of our tasks."""


def check_job(path: str, queue: str, args: tuple[Any, ...]) -> None:
    """Hold a job to the rules where it is written, long before a worker sees it.

    Raises:
        JobRefused: the path is not that of a task, or there is no such queue.
        TypeError: an argument is not plain JSON.
    """
    if not ALLOWED.fullmatch(path):
        raise JobRefused(f"{path!r} is not a task of Smart-Skill.")
    if queue not in QUEUES:
        raise JobRefused(f"There is no queue {queue!r}.")
    json.dumps(args)


def enqueue(path: str, *args: Any, queue: str = "default", job_id: str | None = None) -> Any:
    """`kit.jobs.enqueue`, with RQ imported at the first use: it is slow to import, and few requests need it."""
    from smartskill.kit import jobs

    return jobs.enqueue(path, *args, queue=queue, job_id=job_id)


def connect_queue(app: Flask) -> None:
    """Remember the queue's client; nothing is connected yet."""
    app.extensions["queue_redis"] = redis_client(app, app.config["REDIS_URL"])


def has_worker(queue: str) -> bool:
    """Whether a living worker takes jobs of a queue; the names of killed ones stay in RQ's set, their keys expire."""
    try:
        names = queue_redis().smembers(f"rq:workers:{queue}")
        return bool(names) and queue_redis().exists(*names) > 0
    except (RedisError, OSError):
        return False


def count_waiting(queue: str) -> int:
    """How many jobs wait in a queue; none where Redis is away."""
    try:
        return int(queue_redis().llen(f"rq:queue:{queue}"))
    except (RedisError, OSError):
        return 0


def queue_redis() -> Redis:
    """The client of the queue's Redis."""
    return current_app.extensions["queue_redis"]
