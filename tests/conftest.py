"""Real servers for every test: a throw-away PostgreSQL database, built by the migrations, and a private Valkey.

Each test runs in a transaction that is rolled back; one that needs real commits (races, workers) asks for `committed`.
"""

import contextvars
import os
import shutil
import tempfile
import uuid
from collections.abc import Iterator
from pathlib import Path

import pytest
import sqlalchemy as sa
from flask import Flask
from flask.testing import FlaskClient
from sqlalchemy.engine import make_url

from smartskill import create_app
from smartskill.config import DEFAULTS, STANDARD, TESTING
from smartskill.database import Base
from smartskill.extensions import cache, db
from smartskill.kit import schema_state
from smartskill.kit.embedded.lease import leave
from smartskill.kit.jobs import queue_redis

# The machine's own settings are not the tests'; of them only the server to make a throw-away database on counts.
GIVEN_DATABASE = os.environ.get("DATABASE_URL")
for name in DEFAULTS:
    for key in (name if name in STANDARD else f"SMARTSKILL_{name}", f"{name}_FILE"):
        os.environ.pop(key, None)
os.environ["SMARTSKILL_DOTENV"] = os.devnull


class IsolatedClient(FlaskClient):
    """A client whose requests share nothing with the test but the database: neither `g` nor the session."""

    def open(self, *args, **kwargs):
        db.session.commit()
        response = contextvars.Context().run(super().open, *args, **kwargs)
        db.session.expire_all()
        return response


@pytest.fixture(scope="session")
def app() -> Iterator[Flask]:
    """The application on its own servers, its schema built by the migrations."""
    given = GIVEN_DATABASE
    # Not below pytest's own folder: that is closed to others, and as root PostgreSQL runs as another user.
    instance = Path(tempfile.mkdtemp(prefix="smart-skill-test-"))
    os.environ["SMARTSKILL_INSTANCE"] = str(instance)
    settings = {**TESTING, "DATABASE_URL": None, "REDIS_URL": None, "CACHE_URL": None}
    name = f"smartskill_test_{uuid.uuid4().hex[:12]}"
    if given:
        settings["DATABASE_URL"] = _create_database(given, name)
    app = create_app(settings)
    app.test_client_class = IsolatedClient
    with app.app_context():
        schema_state.upgrade()
    yield app
    with app.app_context():
        db.engine.dispose()
        queue_redis().close()
        cache.cache._write_client.close()
    if given:
        _drop_database(given, name)
    for kind in ("postgres", "valkey"):
        leave(instance / kind)
    shutil.rmtree(instance, ignore_errors=True)


def _create_database(given: str, name: str) -> str:
    _run_outside(given, f"CREATE DATABASE {name}")
    return make_url(given.replace("postgres://", "postgresql://", 1)).set(database=name).render_as_string(False)


def _drop_database(given: str, name: str) -> None:
    _run_outside(given, f"DROP DATABASE {name} WITH (FORCE)")


def _run_outside(given: str, statement: str) -> None:
    url = make_url(given.replace("postgres://", "postgresql://", 1)).set(drivername="postgresql+psycopg2")
    engine = sa.create_engine(url, isolation_level="AUTOCOMMIT")
    with engine.connect() as connection:
        connection.execute(sa.text(statement))
    engine.dispose()


@pytest.fixture(autouse=True)
def context(request: pytest.FixtureRequest) -> Iterator[None]:
    """An application context around each test that touches the application, its writes undone afterwards."""
    if "app" not in request.fixturenames:
        yield
        return
    app = request.getfixturevalue("app")
    with app.app_context():
        queue_redis().flushall()  # cached answers, limits and jobs outlive the rows that are rolled back
        app.extensions["later"]["looks"].waiting.clear()
        if "committed" in request.fixturenames:
            yield
            db.session.remove()
        else:
            yield from _rolled_back()


def _rolled_back() -> Iterator[None]:
    engine = db.engine
    with engine.connect() as connection:
        outer = connection.begin()
        db.engines[None] = connection
        try:
            yield
        finally:
            db.session.remove()
            db.engines[None] = engine
            outer.rollback()


@pytest.fixture
def committed(app: Flask) -> Iterator[None]:
    """Let commits be real; every table and queue is emptied afterwards."""
    yield
    db.session.remove()  # the test's own session may hold locks
    with app.app_context():
        tables = ", ".join(table.name for table in Base.metadata.sorted_tables)
        with db.engine.begin() as connection:
            connection.execute(sa.text(f"TRUNCATE {tables} RESTART IDENTITY CASCADE"))
        queue_redis().flushall()


@pytest.fixture
def client(app: Flask) -> FlaskClient:
    """An HTTP client that is not signed in."""
    return app.test_client()
