"""Whether the database's schema is that of the code, and bringing it there."""

from alembic.config import Config
from alembic.migration import MigrationContext
from alembic.script import ScriptDirectory
from flask import current_app
from flask_migrate import upgrade as run_upgrade
from sqlalchemy import Connection, text

from smartskill.extensions import db

UPGRADE_LOCK = 7_301_001  # an arbitrary number that names the lock of migrations


def newest() -> str | None:
    """The revision that this code was written for."""
    config: Config = current_app.extensions["migrate"].migrate.get_config()
    return ScriptDirectory.from_config(config).get_current_head()


def present(connection: Connection) -> str | None:
    """The revision of the database."""
    return MigrationContext.configure(connection).get_current_revision()


def is_behind(connection: Connection) -> bool:
    """Whether the database is older (or newer) than the code."""
    return present(connection) != newest()


def upgrade() -> None:
    """Bring the schema up to date; of several processes that try at once, one does it and the others wait."""
    with db.engine.connect() as connection:
        connection.execute(text("SELECT pg_advisory_lock(:number)"), {"number": UPGRADE_LOCK})
        try:
            if is_behind(connection):
                run_upgrade()
        finally:
            connection.execute(text("SELECT pg_advisory_unlock(:number)"), {"number": UPGRADE_LOCK})
            connection.commit()
