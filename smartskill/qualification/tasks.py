"""Jobs of qualifications."""

from smartskill.kit.transaction import commit
from smartskill.qualification.services.files import sweep_strays
from smartskill.qualification.services.granting import find_holders, find_unsettled, settle_grants

BATCH = 200  # people a transaction


def sweep_evidence() -> int:
    """Delete files of evidence that a crash or an erased account left behind; answers how many."""
    return sweep_strays()


def regrant_type(type_id: int) -> int:
    """Let the levels of a type's verified holders follow what it shows; answers how many people's changed."""
    return _settle(type_id)


def sweep_grants() -> int:
    """Let everybody's levels follow their certificates: what a lost job left, and what is issued as of today."""
    return _settle(None)


def _settle(type_id: int | None) -> int:
    changed, people = 0, find_holders(after_id=0, limit=BATCH, type_id=type_id)
    while people:
        for user_id in find_unsettled(people):
            changed += settle_grants(user_id) > 0
        commit()
        people = find_holders(after_id=people[-1], limit=BATCH, type_id=type_id)
    return changed
