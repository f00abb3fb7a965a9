"""What an installation with no settings of its own really waits for, printed as JSON: `python -m tests.live_limits`.

A program of its own, so that neither the tests' settings nor their application colour what it finds. It makes the
application as production would and asks no server.
"""

import json
import re
import runpy
from collections.abc import Iterator
from pathlib import Path

from flask import Flask

from smartskill import create_app
from smartskill.commands import rq, worker
from smartskill.database import now
from smartskill.extensions import cache, db
from smartskill.kit import jobs
from smartskill.kit.broker import queue_redis
from smartskill.notifications.models import Delivery
from smartskill.notifications.services import budgets, delivery, outbox, outcomes, recovery

ROOT = Path(__file__).parent.parent
SERVERS = {"DATABASE_URL": "postgresql://u@h/d", "REDIS_URL": "redis://queue", "CACHE_URL": "redis://cache"}
Limits = Iterator[tuple[str, str]]


def postgresql(app: Flask) -> Limits:
    """The pool and what each connection is told."""
    pool, told = db.engine.pool, app.config["SQLALCHEMY_ENGINE_OPTIONS"]["connect_args"]
    statement_ms = int(re.search(r"statement_timeout=(\d+)", told["options"])[1])
    lock = re.search(r'^LOCK_TIMEOUT = "(\d+)s"', (ROOT / "migrations/env.py").read_text(), re.MULTILINE)[1]
    yield "connections kept open per process", f"{pool.size()}"
    yield "connections beyond those while busy", f"{pool._max_overflow}"
    yield "wait for a free connection", f"{pool._timeout} s"
    yield "wait for a new connection", f"{told['connect_timeout']} s"
    yield "longest statement", f"{statement_ms // 1000} s"
    yield "wait of a migration for a lock", f"{lock} s"


def queue(app: Flask) -> Limits:
    """The client of the queue's Redis, in the web and in a worker."""
    told = queue_redis().connection_pool.connection_kwargs
    assert told["socket_timeout"] == told["socket_connect_timeout"]
    yield "connect, and wait for an answer", f"{told['socket_timeout']} s"
    yield "repeats at once on a connection gone stale", f"{told['retry']._retries}"
    yield "idle before a connection is checked", f"{told['health_check_interval']} s"
    yield "connect, and wait for an answer, in a worker", f"{worker.SOCKET_TIMEOUT_S} s"


def cached(app: Flask) -> Limits:
    """The client of the cache's Redis."""
    told = cache.cache._write_client.connection_pool.connection_kwargs
    assert told["socket_timeout"] == told["socket_connect_timeout"]
    yield "connect, and wait for an answer", f"{told['socket_timeout']} s"
    yield "left alone after a failure", f"{app.config['CACHE_BREAKER_SECONDS']} s"
    yield "how long an answer is kept", f"{cache.cache.default_timeout} s"


def smtp(app: Flask) -> Limits:
    """Carrying mail; how often is tried is tried out."""
    yield "connecting and signing in; and again handing over one mail", f"{app.config['MAIL_TIMEOUT']} s"
    yield "mails claimed at once for one connection", f"{outbox.BATCH}"
    yield "a window begins no further mail after", f"{delivery.window_seconds():.0f} s"
    yield "mails a minute to one receiving domain", f"{budgets.per_minute('example.org')}"
    yield "lease on a claimed mail", f"{outbox.lease().total_seconds():.0f} s"
    ladder = ", ".join(map(str, outcomes.LADDER))
    yield "server away or 4xx: next tries after, the last again and again", f"{ladder} min"
    yield "account and service mail is given up after", f"{outcomes.PATIENCE.days} days"
    yield "subscription mail is given up after", f"{tries('subscription')} tries"
    lost = "mail that may or may not have gone out is parked after"
    yield f"account and service {lost}", f"{doubts('service')} doubts"
    yield f"subscription {lost}", f"{doubts('subscription')} doubt"


def tries(mail_class: str) -> int:
    """After how many tries within a day a mail is given up."""
    row = Delivery(id=1, kind="digest", mail_class=mail_class, state="sending", attempts=0, first_tried_at=now())
    while row.state != "failed":
        row.attempts += 1
        outcomes.try_later(row, "away")
    return row.attempts


def doubts(mail_class: str) -> int:
    """After how many sendings of which no end is known a mail is sent no more."""
    row = Delivery(id=1, kind="digest", mail_class=mail_class, state="sending", doubts=0)
    while recovery.doubt(row, "worker_lost", now()):
        pass
    return row.doubts


def work(app: Flask) -> Limits:
    """RQ's jobs and workers."""
    for name, seconds in jobs.TIMEOUTS.items():
        yield f"longest job on `{name}`", f"{seconds} s"
    yield "an idle worker reports at least every", f"{worker.WORKER_TTL_S} s"
    yield "jobs of killed workers are looked for every", f"{worker.MAINTENANCE_INTERVAL_S} s"
    yield "lock of that search", f"{worker.MAINTENANCE_LOCK_S} s"
    yield "a finished job is kept", f"{jobs.RESULT_SECONDS} s"
    yield "a failed job is kept", f"{jobs.FAILURE_SECONDS} s"
    yield "a stopped worker may finish its job within", f"{rq.WORKER_GRACE_S:.0f} s"


def gunicorn(app: Flask) -> Limits:
    """The settings of the web processes."""
    told = runpy.run_module("smartskill.commands.web")
    yield "processes", f"{told['workers']}"
    yield "threads per process", f"{told['threads']}"
    yield "a process that is silent is replaced after", f"{told['timeout']} s"
    yield "a stopped process may finish within", f"{told['graceful_timeout']} s"
    yield "idle connections are closed after", f"{told['keepalive']} s"
    yield "a process is replaced after", f"{told['max_requests']} requests"


def nginx(app: Flask) -> Limits:
    """The load balancer's template."""
    text = (ROOT / "docker/nginx.conf.template").read_text()
    told = dict(re.findall(r"^\s*([a-z_]+) (?:per_address )?(\d+)[sm]?;", text, re.MULTILINE))
    yield "wait for a web process to accept", f"{told['proxy_connect_timeout']} s"
    yield "wait for a web process to answer", f"{told['proxy_read_timeout']} s"
    yield "tries of a request that is neither `POST` nor `PATCH`", told["proxy_next_upstream_tries"]
    yield "wait for a client's headers", f"{told['client_header_timeout']} s"
    yield "wait for a client's body", f"{told['client_body_timeout']} s"
    yield "connections per client address", told["limit_conn"]
    yield "largest body", f"{told['client_max_body_size']} MB"


DEPENDENCIES = {
    "PostgreSQL": postgresql, "queue Redis": queue, "cache Redis": cached, "SMTP": smtp, "RQ": work,
    "gunicorn": gunicorn, "nginx": nginx,
}  # fmt: skip


if __name__ == "__main__":
    application = create_app(SERVERS)
    with application.app_context():
        print(json.dumps({name: dict(read(application)) for name, read in DEPENDENCIES.items()}))
