"""Counting attempts where a decorator on a view is too early: only the outcome says whether one counts.

The same moving windows and the same Redis as Flask-Limiter's; in the process while Redis is away.
"""

import logging
import math
import time
from collections.abc import Callable
from typing import Any

from flask import Flask, current_app
from limits import parse
from limits.storage import MemoryStorage, storage_from_string
from limits.strategies import MovingWindowRateLimiter
from redis.exceptions import RedisError

log = logging.getLogger(__name__)


class Windows:
    """The windows of one application, in Redis and beside it."""

    def __init__(self, app: Flask) -> None:
        storage = storage_from_string("redis://", **app.config["RATELIMIT_STORAGE_OPTIONS"])
        self.shared, self.alone = MovingWindowRateLimiter(storage), MovingWindowRateLimiter(MemoryStorage())
        self.rests_until, self.rest = 0.0, app.config["CACHE_BREAKER_SECONDS"]

    def ask(self, question: Callable[[MovingWindowRateLimiter], Any]) -> Any:
        """Ask the shared windows, or the process's own while those are away."""
        if time.monotonic() >= self.rests_until:
            try:
                return question(self.shared)
            except (RedisError, OSError) as error:
                self.rests_until = time.monotonic() + self.rest
                log.warning("attempts are counted in this process, Redis is away: %s", error)
        return question(self.alone)


def spend(limit: str, *key: str | int) -> bool:
    """Count an attempt, unless the limit (`30 per hour`) is used up; returns whether it was counted."""
    item, names = parse(limit), [str(part) for part in key]
    return not current_app.config["RATE_LIMITS"] or _windows().ask(lambda windows: windows.hit(item, *names))


def seconds_left(limit: str, *key: str | int) -> int:
    """How long until another attempt is let through; 0: it is now."""
    if not current_app.config["RATE_LIMITS"]:
        return 0
    item, names = parse(limit), [str(part) for part in key]
    stats = _windows().ask(lambda windows: windows.get_window_stats(item, *names))
    return 0 if stats.remaining > 0 else max(1, math.ceil(stats.reset_time - time.time()))


def _windows() -> Windows:
    extensions = current_app.extensions
    if "attempts" not in extensions:
        extensions["attempts"] = Windows(current_app._get_current_object())  # type: ignore[attr-defined]
    return extensions["attempts"]
