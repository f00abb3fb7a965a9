"""Jobs of the skills feature."""

from smartskill.kit.transaction import commit
from smartskill.skills.services.projection import REFRESH_BATCH, refresh_due


def refresh_due_levels() -> int:
    """Refresh the levels whose deciding rating has passed its window, a batch per transaction; returns how many."""
    total, done = 0, REFRESH_BATCH
    while done == REFRESH_BATCH:
        done = refresh_due()
        commit()
        total += done
    return total
