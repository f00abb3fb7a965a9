"""Housekeeping of the event log."""

from smartskill.activity.services import drop_old_events, ensure_partitions
from smartskill.kit.transaction import commit


def make_partitions() -> list[str]:
    """Make the coming months' partitions; returns the names of the new ones."""
    made = ensure_partitions()
    commit()
    return made


def drop_expired() -> list[str]:
    """Drop the months that are past retention; returns their names."""
    dropped = drop_old_events()
    commit()
    return dropped
