"""Cached answers in Redis, as JSON, harmless when Redis is away.

Only plain data goes in, never a response, and a key names the person wherever the answer depends on them. JSON and not
the library's pickle: whoever can write to Redis must not be able to run code here. After a failure the cache is left
alone for some seconds, so that a hanging server is paid for once and not with every request.
"""

import logging
import time
from collections.abc import Callable
from datetime import timedelta
from typing import Any

import orjson
from cachelib.serializers import BaseSerializer
from flask import Flask, current_app
from flask_caching.backends.rediscache import RedisCache
from redis.exceptions import RedisError

from smartskill.extensions import cache
from smartskill.kit.attach import redis_client
from smartskill.kit.transaction import after_commit

log = logging.getLogger(__name__)
JUST_DROPPED = "\x00dropped"  # stands in the place of a dropped answer for a while
DROPPED_SECONDS = 5


class JsonCacheSerializer(BaseSerializer):
    """Values as JSON; what cannot be JSON is an error at once, what is not JSON is a miss."""

    def dumps(self, value: Any, protocol: int = 0) -> bytes:
        return orjson.dumps(value)

    def loads(self, value: bytes | None) -> Any:
        if value is None:
            return None
        try:
            return orjson.loads(value)
        except orjson.JSONDecodeError:
            log.warning("a cached value is not JSON and was ignored")
            return None


class JsonRedisCache(RedisCache):
    """Flask-Caching's Redis backend with the serializer above."""

    serializer = JsonCacheSerializer()  # type: ignore[assignment]

    @classmethod
    def factory(cls, app: Flask, config: dict, args: list, kwargs: dict) -> "JsonRedisCache":
        settings = app.config
        url = settings["CACHE_URL"] or settings["REDIS_URL"]
        client = redis_client(app, url, database=1, timeout=settings["CACHE_TIMEOUT"])
        return cls(host=client, key_prefix="cache:", default_timeout=settings["CACHE_SECONDS"])

    def add(self, key: str, value: Any, timeout: int | timedelta | None = None) -> bool:
        """Keep a value unless the key has one; in one command, unlike the library's."""
        seconds = self.default_timeout if timeout is None else timeout
        return bool(self._write_client.set(self._get_prefix() + key, self.serializer.dumps(value), nx=True, ex=seconds))


def configure_cache(app: Flask) -> None:
    """Bind the cache; nothing is connected yet."""
    cache.init_app(
        app, {"CACHE_TYPE": "smartskill.kit.cache.JsonRedisCache", "CACHE_DEFAULT_TIMEOUT": app.config["CACHE_SECONDS"]}
    )
    app.extensions["cache_rests_until"] = 0.0


def cached(key: str, make: Callable[[], Any], seconds: int | None = None) -> Any:
    """The value of `key`, made and kept if it is not there. The key must name the person if the value depends on them.

    Args:
        make: returns plain data (None is not kept); what is not JSON is a `TypeError`, whether Redis is there or not.
        seconds: how long it is kept; `CACHE_SECONDS` if not given.
    Returns:
        the data as JSON gives it back (a date is text, a tuple a list), the first time too.
    """
    found = _try(lambda: cache.get(key))
    if found is not None and found != JUST_DROPPED:
        return found
    made = orjson.loads(orjson.dumps(make()))
    if found is None:
        _try(lambda: cache.add(key, made, timeout=seconds))
    return made


def drop_cached(*keys: str) -> None:
    """Drop these once the surrounding transaction is committed.

    For some seconds nothing is kept under them: a reader that began before the commit must not put back what it saw.
    """
    marks = dict.fromkeys(keys, JUST_DROPPED)
    after_commit(lambda: _try(lambda: cache.set_many(marks, timeout=DROPPED_SECONDS)))


def generation(name: str) -> str:
    """A number that `drop_generation` raises; put it in keys to drop many at once."""
    return str(_try(lambda: cache.get(f"generation:{name}")) or 0)


def drop_generation(name: str) -> None:
    """Make every key with this generation's number unreachable once the transaction is committed."""
    after_commit(lambda: _try(lambda: cache.set(f"generation:{name}", time.time_ns(), timeout=86_400)))


def _try(act: Callable[[], Any]) -> Any:
    extensions = current_app.extensions
    if time.monotonic() < extensions["cache_rests_until"]:
        return None
    try:
        return act()
    except (RedisError, OSError) as error:
        extensions["cache_rests_until"] = time.monotonic() + current_app.config["CACHE_BREAKER_SECONDS"]
        log.warning("cache unavailable: %s", error)
        return None
