"""Attach the application to its servers: the given ones, or embedded ones that start on first use.

Making an application connects to nothing. Without `DATABASE_URL` or `REDIS_URL`, the first connection starts (or joins)
the embedded server under the instance folder and brings the embedded database's schema up to date.
"""

import threading
from pathlib import Path
from typing import Any

import redis
from flask import Flask
from redis.backoff import NoBackoff
from redis.retry import Retry
from sqlalchemy import event
from sqlalchemy.engine import make_url
from sqlalchemy.pool import NullPool

from smartskill.extensions import db
from smartskill.kit.embedded import postgres, valkey
from smartskill.kit.embedded.lease import EmbeddedServerUnavailable

# What we read lies in memory or on flash, where a row by its index costs little more than the next one. PostgreSQL's
# own guess is a turning disk's, for which it reads whole tables; and what it compiles takes longer than it saves here.
# What is prepared (`kit/prepared.py`) is prepared so as not to be planned again, whatever PostgreSQL thinks of that.
PLANNING = "-c random_page_cost=1.1 -c jit=off -c plan_cache_mode=force_generic_plan"


def database_url(app: Flask) -> str:
    """The SQLAlchemy address; `postgres://` and `postgresql://` both mean psycopg 2, whatever SQLAlchemy's default."""
    given = app.config["DATABASE_URL"]
    if not given:
        return postgres.postgres_url(Path(app.instance_path))
    url = make_url("postgresql://" + given.split("://", 1)[1])
    return url.set(drivername="postgresql+psycopg2").render_as_string(hide_password=False)


def attach_database(app: Flask) -> None:
    """Bind the database; no connection is made."""
    settings = app.config
    options = f"-c timezone=UTC -c statement_timeout={settings['DATABASE_STATEMENT_TIMEOUT'] * 1000} {PLANNING}"
    engine: dict[str, Any] = {
        "connect_args": {
            "connect_timeout": settings["DATABASE_CONNECT_TIMEOUT"],
            "options": options,
            "application_name": "smart-skill",
        }
    }
    if settings.get("DATABASE_POOL_SIZE"):
        engine |= {
            "pool_size": settings["DATABASE_POOL_SIZE"],
            "max_overflow": settings["DATABASE_POOL_OVERFLOW"],
            "pool_timeout": settings["DATABASE_POOL_TIMEOUT"],
            "pool_pre_ping": True,
        }
    else:
        engine |= {"poolclass": NullPool}
    app.config |= {"SQLALCHEMY_DATABASE_URI": database_url(app), "SQLALCHEMY_ENGINE_OPTIONS": engine}
    db.init_app(app)
    if not settings["DATABASE_URL"]:
        with app.app_context():
            event.listen(db.engine, "do_connect", _Starter(app))


class _Starter:
    """Starts the embedded database before a process's first connection, and migrates it once."""

    def __init__(self, app: Flask) -> None:
        self.app, self.lock, self.is_migrating = app, threading.RLock(), False

    def __call__(self, dialect: Any, record: Any, args: Any, params: Any) -> None:
        with self.lock:
            postgres.start_postgres(Path(self.app.instance_path))
            if self.is_migrating or self.app.extensions.get("embedded_is_current"):
                return
            self.is_migrating = True
            try:
                self._migrate()
            finally:
                self.is_migrating = False

    def _migrate(self) -> None:
        from smartskill.kit.schema_state import upgrade  # Alembic is slow to import

        with self.app.app_context():
            upgrade()
        self.app.extensions["embedded_is_current"] = True


def redis_client(app: Flask, url: str | None, *, database: int = 0, timeout: float | None = None) -> redis.Redis:
    """A client for the given server, or for the embedded one, which its first command starts."""
    seconds = timeout if timeout is not None else app.config["REDIS_TIMEOUT"]
    options: dict[str, Any] = {
        "socket_timeout": seconds,
        "socket_connect_timeout": seconds,
        "health_check_interval": 30,
        "retry": Retry(
            NoBackoff(), 1
        ),  # once, for a connection that went stale; a server that is away is not waited for
    }
    if url:
        return redis.Redis.from_url(url, **options)
    instance = Path(app.instance_path)
    pool = redis.ConnectionPool(
        connection_class=_EmbeddedConnection,
        path=str(valkey.valkey_socket(instance)),
        db=database,
        instance=instance,
        **options,
    )
    return redis.Redis(connection_pool=pool)


class _EmbeddedConnection(redis.UnixDomainSocketConnection):
    """A connection whose making starts the embedded server."""

    def __init__(self, *, instance: Path, **more: Any) -> None:
        self.instance = instance
        super().__init__(**more)

    def connect(self) -> None:
        if self._sock is None:
            try:
                valkey.start_valkey(self.instance)
            except EmbeddedServerUnavailable as error:
                raise redis.ConnectionError(str(error)) from error
        super().connect()
