"""How migrations run: on the application's engine, each in its own transaction, never waiting long for a lock."""

from alembic import context
from flask import current_app
from sqlalchemy import text

OF_A_FUNCTION = ("ix_users_words", "ix_users_addresses")
LOCK_TIMEOUT = "5s"  # better a migration that must be repeated than a service that waits behind it
migrate = current_app.extensions["migrate"]
# The embedded database migrates itself at the first connection; not while a migration is what connects.
current_app.extensions["embedded_is_current"] = True


def include_object(obj, name, kind, reflected, compare_to):
    """Leave monthly partitions alone, which the retention job makes and drops, and indexes of a function of ours.

    The latter PostgreSQL writes down in words of its own, which no comparison with the model's knows again.
    """
    return not (
        (kind == "table" and name.startswith("interaction_events_")) or (kind == "index" and name in OF_A_FUNCTION)
    )


def run_online() -> None:
    with migrate.db.engine.connect() as connection:
        connection.detach()  # its settings must not go back to the pool
        connection.execute(text(f"SET lock_timeout = '{LOCK_TIMEOUT}'"))
        connection.execute(text("SET statement_timeout = 0"))
        connection.commit()
        context.configure(
            connection=connection,
            target_metadata=migrate.db.metadata,
            transaction_per_migration=True,
            include_object=include_object,
            **migrate.configure_args,
        )
        with context.begin_transaction():
            context.run_migrations()


if context.is_offline_mode():
    raise SystemExit("Migrations read the database they change: run them online.")
run_online()
