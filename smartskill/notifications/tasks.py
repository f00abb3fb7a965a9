"""Sending mail in the background. Both jobs can be lost or run twice: the outbox knows what is to be done."""

import time

from smartskill.kit.jobs import enqueue
from smartskill.kit.transaction import commit
from smartskill.notifications.services import breaker, outbox
from smartskill.notifications.services.delivery import deliver_window
from smartskill.notifications.services.post import open_post
from smartskill.notifications.services.recovery import recover

PULL_SECONDS = 2  # how long a job goes on taking batches before it lets others have their turn
CHAIN_SECONDS = 55  # how long jobs hand on to each other what is due, before the next sweep begins anew


def sweep() -> dict[str, int]:
    """Settle what dead workers left, and hand out what is due."""
    counts = recover()
    commit()
    breaker.judge()
    commit()
    counts["offered"] = 0
    until = time.time() + CHAIN_SECONDS
    for _ in range(outbox.ROUND):
        ids = outbox.claim()
        commit()
        if not ids:
            break
        if enqueue(outbox.DELIVER, ids, until, queue="mail") is None:
            outbox.release(ids)
            commit()
            break
        counts["offered"] += len(ids)
    return counts


def deliver(ids: list[int], until: float | None = None) -> dict[str, int]:
    """Send these mails; until a time (seconds since 1970) go on with others, letting newer jobs in between."""
    ends_at = time.monotonic() + PULL_SECONDS
    with open_post() as post:
        result = deliver_window(ids, post, commit)
        while until and time.monotonic() < ends_at and not result["away"]:
            more = outbox.claim()
            commit()
            if not more:
                return dict(result)
            result += deliver_window(more, post, commit)
    if until and time.time() < until and not result["away"]:
        enqueue(outbox.DELIVER, [], until, queue="mail")
    return dict(result)
