"""How often one may ask. Counted in Redis, so that it holds over all nodes; in the process while Redis is away."""

import math
import time

from flask import Flask

from smartskill.extensions import limiter
from smartskill.kit.attach import redis_client


def configure_limits(app: Flask) -> None:
    """Bind Flask-Limiter; nothing is connected yet."""
    client = redis_client(
        app, app.config["CACHE_URL"] or app.config["REDIS_URL"], database=2, timeout=app.config["CACHE_TIMEOUT"]
    )
    app.config |= {
        "RATELIMIT_ENABLED": app.config["RATE_LIMITS"],
        "RATELIMIT_STORAGE_URI": "redis://",
        "RATELIMIT_STORAGE_OPTIONS": {"connection_pool": client.connection_pool},
        "RATELIMIT_STRATEGY": "moving-window",
        "RATELIMIT_IN_MEMORY_FALLBACK_ENABLED": True,
        "RATELIMIT_KEY_PREFIX": "limit",
        "RATELIMIT_HEADERS_ENABLED": False,
    }
    limiter.init_app(app)


def seconds_to_wait() -> int:
    """How long until the limit that refused this request allows another; at least a second."""
    limit = limiter.current_limit
    if limit is None:
        return 60
    return min(max(1, math.ceil(limit.reset_at - time.time())), limit.limit.get_expiry())
