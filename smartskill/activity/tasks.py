"""Housekeeping of the event log."""

from smartskill.activity.services.months import roll_up
from smartskill.activity.services.partitions import drop_old_events, ensure_partitions
from smartskill.kit.transaction import commit


def make_partitions() -> list[str]:
    """Make the coming months' partitions; returns the names of the new ones."""
    made = ensure_partitions()
    commit()
    return made


def drop_expired() -> list[str]:
    """Count the last months, then drop those that are past retention; returns the names of the latter."""
    roll_up()
    dropped = drop_old_events()
    commit()
    return dropped
