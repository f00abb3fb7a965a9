"""The command groups, made once: of two blueprints that declare one, the second silently replaces the first."""

from typing import Any

import click
from flask.cli import AppGroup


class MigrationCommands(click.Group):
    """Flask-Migrate's group `db`, imported when it is called: Alembic is slow to import and the web needs none."""

    def make_context(
        self, info_name: str | None, args: list[str], parent: click.Context | None = None, **extra: Any
    ) -> click.Context:
        from flask_migrate.cli import db

        return db.make_context(info_name, args, parent, **extra)


user_commands = AppGroup("user", help="Accounts and roles.")
skills_commands = AppGroup("skills", help="The skill catalogue.")
model_commands = AppGroup("model", help="What was learned: train, judge, promote.")
notify_commands = AppGroup("notify", help="Notices: plan, send, explain.")
rq_commands = AppGroup("rq", help="Workers and the schedule.")
GROUPS = (user_commands, skills_commands, model_commands, notify_commands, rq_commands)
