"""The migrations build exactly what the models say, and go back again."""

import uuid

import sqlalchemy as sa
from flask_migrate import check, downgrade, upgrade

from smartskill.extensions import db


def test_migrations_go_up_down_and_up_and_match_the_models(app, committed):
    name = f"migrations_{uuid.uuid4().hex[:8]}"
    engine = db.engine
    with engine.connect().execution_options(isolation_level="AUTOCOMMIT") as connection:
        connection.execute(sa.text(f"CREATE DATABASE {name}"))
        other = sa.create_engine(engine.url.set(database=name))
        db.engines[None] = other
        try:
            upgrade()
            downgrade(revision="base")
            upgrade()
            check()
        finally:
            db.engines[None] = engine
            other.dispose()
            connection.execute(sa.text(f"DROP DATABASE {name}"))
