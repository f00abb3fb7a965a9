"""A worker that dies anywhere: around any commit, step of the trace or last dot, again and again.

With a server that is asked about the next envelope with each dot, and with one that is not.
"""

import os
from datetime import timedelta

import pytest
from hypothesis import HealthCheck, example, given, settings
from hypothesis import strategies as st

from smartskill.database import now
from smartskill.extensions import db
from smartskill.kit.transaction import commit
from smartskill.notifications.models import Delivery, WireTrace
from smartskill.notifications.services import outbox, post
from smartskill.notifications.services.delivery import deliver_batch
from smartskill.notifications.services.recovery import MOST_DOUBTS, recover
from smartskill.notifications.services.traces import Trace
from tests.factories import make_user
from tests.notifications.conftest import plan

pytestmark = pytest.mark.usefixtures("kinds")
KINDS = st.lists(st.sampled_from(["duty", "hint"]), min_size=1, max_size=5)
STEPS = st.lists(st.integers(0, 36), min_size=1, max_size=4)  # at which step each worker dies


def die_at(step: int, ids: list[int]) -> None:
    """Send in a child that is gone without a word at that step; commits, traces and dots have one before and after."""
    left = [step]

    def tick() -> None:
        left[0] -= 1
        if left[0] < 0:
            os._exit(9)

    def stepped(act):
        def run(*given):
            tick()
            result = act(*given)
            tick()
            return result

        return run

    post.QUICK = 60  # however busy the machine is
    Trace.reach = stepped(Trace.reach)
    post.Post._end_text = stepped(post.Post._end_text)
    deliver_batch(ids, stepped(commit))


def in_child(app, act) -> None:
    pid = os.fork()
    if pid == 0:
        try:
            with app.app_context():
                db.engine.dispose(close=False)
                act()
        finally:
            os._exit(0)
    os.waitpid(pid, 0)


@settings(max_examples=20, deadline=None, suppress_health_check=list(HealthCheck))
@example(kinds=["duty"], steps=[3, 3, 3], pipelining=False)
@given(kinds=KINDS, steps=STEPS, pipelining=st.booleans())
def test_wherever_workers_die_the_promises_hold(app, sink, committed, kinds, steps, pipelining):
    sink.is_pipelining = pipelining
    db.session.execute(db.delete(Delivery))
    sink.seen.clear()
    rows = [plan(make_user(), kind, f"k{number}") for number, kind in enumerate(kinds)]
    ids = [row.id for row in rows]
    named = {row.id: row.message_id for row in rows}
    hints = {row.message_id for row in rows if row.kind == "hint"}
    number_of = {message_id: number for number, message_id in named.items()}
    commit()
    for step in steps:
        claimed = claim_again() or ids
        db.session.remove()
        in_child(app, lambda step=step, claimed=claimed: die_at(step, claimed))
    while claimed := claim_again():
        deliver_batch(claimed, commit)
    states = dict(db.session.execute(db.select(Delivery.id, Delivery.state)).all())
    unknown = {named[number] for number, state in states.items() if state == "unknown"}
    assert set(states.values()) <= {"sent", "unknown"}
    missing = set(named.values()) - set(sink.seen)
    assert missing <= unknown  # nothing is lost: a hint may be unknown, a duty only after many workers died on it
    doubts = dict(db.session.execute(db.select(Delivery.id, Delivery.doubts)).all())
    assert all(doubts[number_of[message_id]] == MOST_DOUBTS for message_id in unknown - hints)
    assert len(unknown) <= len(steps)
    assert all(sink.seen.count(one) == 1 for one in hints & set(sink.seen))
    assert len(sink.seen) - len(set(sink.seen)) <= len(steps)
    assert db.session.scalar(db.select(WireTrace)) is None


def claim_again() -> list[int]:
    """What a sweep and a claim find once all leases have run out and all pauses are over."""
    past = now() - timedelta(seconds=1)
    db.session.execute(db.update(Delivery).where(Delivery.lease_until.is_not(None)).values(lease_until=past))
    commit()
    recover()
    db.session.execute(db.update(Delivery).where(Delivery.state == "deferred").values(due_at=past))
    commit()
    ids = outbox.claim()
    commit()
    return ids
