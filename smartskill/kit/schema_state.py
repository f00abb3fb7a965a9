"""Whether the database's schema is that of the code, and bringing it there.

Alembic is imported when something migrates and not before: no process that only answers HTTP needs it.
"""

import re
from pathlib import Path
from typing import Any

from flask import Flask, current_app
from sqlalchemy import Connection, inspect, text

from smartskill.extensions import db
from smartskill.kit.cli import MigrationCommands

UPGRADE_LOCK = 7_301_001  # an arbitrary number that names the lock of migrations
REVISION = re.compile(r'^revision(?::[^=]*)? = "([^"]+)"', re.MULTILINE)
REVISED = re.compile(r'^down_revision(?::[^=]*)? = "([^"]+)"', re.MULTILINE)


class Migrations:
    """Flask-Migrate's entry among the application's extensions, made when it is first looked into."""

    def __init__(self, app: Flask, folder: Path) -> None:
        self.app, self.folder = app, folder

    def __getattr__(self, name: str) -> Any:
        return getattr(self._bound(), name)

    def _bound(self) -> Any:
        from flask_migrate import Migrate

        Migrate(self.app, db, directory=str(self.folder))
        return self.app.extensions["migrate"]


def bind_migrations(app: Flask, folder: Path) -> None:
    """Make `flask db …` and Flask-Migrate's functions work on these migrations."""
    app.extensions["migrate"] = Migrations(app, folder)
    app.extensions["migrations_folder"] = folder
    app.cli.add_command(MigrationCommands("db", help="Perform database migrations."))


def newest() -> str:
    """The revision that this code was written for: the one that no other revises."""
    (head,) = _revisions() - {name for text in _texts() for name in REVISED.findall(text)}
    return head


def _revisions() -> set[str]:
    return {name for text in _texts() for name in REVISION.findall(text)}


def _texts() -> list[str]:
    return [path.read_text(encoding="utf-8") for path in _folder().glob("versions/*.py")]


def _folder() -> Path:
    return current_app.extensions["migrations_folder"]


def present(connection: Connection) -> str | None:
    """The revision of the database; None where nothing was migrated yet."""
    if not inspect(connection).has_table("alembic_version"):
        return None
    return connection.execute(text("SELECT version_num FROM alembic_version")).scalar()


def is_behind(connection: Connection) -> bool:
    """Whether the database is older than the code. A newer one is served on: in an upgrade the schema goes first."""
    found = present(connection)
    return found is None or (found != newest() and found in _revisions())


def upgrade() -> None:
    """Bring the schema up to date; of several processes that try at once, one does it and the others wait."""
    with db.engine.connect() as connection:
        connection.execute(text("SELECT pg_advisory_lock(:number)"), {"number": UPGRADE_LOCK})
        try:
            if is_behind(connection):
                _run_migrations()
        finally:
            connection.execute(text("SELECT pg_advisory_unlock(:number)"), {"number": UPGRADE_LOCK})
            connection.commit()


def _run_migrations() -> None:
    from flask_migrate import upgrade as run

    run()
