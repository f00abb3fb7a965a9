"""Jobs about accounts."""

from smartskill.kit.transaction import commit
from smartskill.user.services import sessions


def sweep_sessions() -> int:
    """Forget sessions that ended long ago; returns how many rows went."""
    forgotten = sessions.sweep_sessions()
    commit()
    return forgotten
