"""A second application on the same servers, with a throw-away feature and its limits on."""

import contextvars
from concurrent.futures import ThreadPoolExecutor

import pytest
from flask import Flask

from smartskill import create_app
from smartskill.config import TESTING
from smartskill.extensions import db
from tests.conftest import IsolatedClient
from tests.factories import make_user, sign_in
from tests.kit.things import blp


def make_app(app: Flask, **settings) -> Flask:
    """An application on the servers of `app`, with the throw-away feature."""
    servers = {name: app.config[name] for name in ("DATABASE_URL", "REDIS_URL", "CACHE_URL")}
    made = create_app({**TESTING, **servers, "RATE_LIMITS": True, **settings})
    made.extensions["flask-smorest"]["apis"][""]["ext_obj"].register_blueprint(blp)
    return made


@pytest.fixture(scope="session")
def kit_app(app):
    made = make_app(app)
    yield made
    with made.app_context():
        db.engine.dispose()


@pytest.fixture
def quick(app, kit_app):
    """A client of the throw-away feature inside the test's own transaction: nothing needs clearing afterwards."""
    connection = db.engine
    with kit_app.app_context():
        engines, engine = db.engines, db.engine
    engines[None] = connection
    yield IsolatedClient(kit_app, kit_app.response_class, use_cookies=True)
    engines[None] = engine


@pytest.fixture
def things(kit_app, committed):
    """A client of the throw-away feature; what it writes is really committed, and removed afterwards."""
    return kit_app.test_client()


@pytest.fixture
def signed_in(committed):
    """The headers of an employee."""
    return headers_of()


def headers_of(role="employee"):
    headers = sign_in(make_user(role))
    db.session.commit()
    return headers


def at_once(calls):
    """Run these in threads that start together; returns what each returned."""
    with ThreadPoolExecutor(len(calls)) as pool:
        return [waiting.result() for waiting in [pool.submit(contextvars.Context().run, call) for call in calls]]
