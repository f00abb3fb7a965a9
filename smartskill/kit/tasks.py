"""Housekeeping of the tools."""

from smartskill.kit.idempotency import forget_old_keys
from smartskill.kit.transaction import commit


def forget_idempotency_keys() -> int:
    """Delete answers kept for repeated requests that nobody will repeat any more; returns how many."""
    forgotten = forget_old_keys()
    commit()
    return forgotten
