"""The outbox under races, rollbacks and `kill -9`: nothing is lost, and nothing goes twice that may not."""

import os
import signal
import subprocess
import sys
import time
from datetime import timedelta
from pathlib import Path
from threading import Barrier, Thread

import pytest

from smartskill.database import now
from smartskill.extensions import db
from smartskill.kit.jobs import queue
from smartskill.kit.transaction import commit, roll_back
from smartskill.notifications.models import Delivery, WireTrace
from smartskill.notifications.services import outbox
from smartskill.notifications.services.delivery import deliver_batch, deliver_window
from smartskill.notifications.services.post import open_post
from smartskill.notifications.services.preparing import prepare
from smartskill.notifications.services.recovery import recover
from smartskill.notifications.tasks import sweep
from tests.factories import make_user
from tests.notifications.conftest import plan

pytestmark = pytest.mark.usefixtures("kinds")


NOTHING = {"sent": 0, "released": 0, "repeated": 0, "unknown": 0, "offered": 0}


def states() -> dict[int, str]:
    return dict(db.session.execute(db.select(Delivery.id, Delivery.state).order_by(Delivery.id)).all())


def due(count: int, kind: str = "duty") -> list[int]:
    """Rows that wait to be claimed."""
    user = make_user()
    rows = [plan(user, kind, f"{kind}{number}", due_at=now() + timedelta(hours=1)) for number in range(count)]
    for row in rows:
        row.due_at = now() - timedelta(minutes=1)
    db.session.flush()
    return [row.id for row in rows]


def test_a_campaign_reaches_a_person_once(app):
    user = make_user()
    assert plan(user, key="expiry-7") is not None
    assert plan(user, key="expiry-7") is None
    assert plan(make_user(), key="expiry-7") is not None


def test_what_is_due_is_offered_to_a_worker_with_the_commit_and_not_before(app, committed):
    user = make_user()
    rows = [plan(user, "hint", f"k{number}") for number in range(3)]
    later = plan(user, "hint", "later", due_at=now() + timedelta(hours=1))
    assert queue("mail").count == 0
    commit()
    [job] = queue("mail").jobs
    assert (job.func_name, *job.args) == (outbox.DELIVER, [row.id for row in rows])
    assert later.state == "planned"


def test_a_rolled_back_request_offers_nothing(app, committed):
    user = make_user()
    commit()
    plan(user, "hint")
    roll_back()
    plan(user, "hint", "k2")
    commit()
    [job] = queue("mail").jobs
    assert len(job.args[0]) == 1


def test_a_great_many_at_once_wait_for_the_sweep_beyond_a_round(app, committed):
    user = make_user()
    most = outbox.BATCH * outbox.ROUND
    rows = [plan(user, "hint", f"k{number}") for number in range(most + 5)]
    commit()
    assert queue("mail").count == outbox.ROUND
    assert [row.state for row in rows].count("planned") == 5


def test_the_most_urgent_is_claimed_first(app):
    hints, duties, resets = (due(2, kind) for kind in ("hint", "duty", "reset"))
    assert outbox.claim(3) == [*resets, duties[0]]
    assert outbox.claim() == [duties[1], *hints]
    assert outbox.claim() == []


def test_a_claim_that_lapses_is_offered_again_and_a_held_one_is_not(app):
    ids = due(2)
    assert outbox.claim() == ids
    db.session.execute(
        db.update(Delivery).where(Delivery.id == ids[0]).values(lease_until=now() - timedelta(seconds=1))
    )
    assert outbox.claim() == [ids[0]]
    assert db.session.get(Delivery, ids[0], populate_existing=True).lapses == 1


def test_a_mail_whose_leases_keep_lapsing_goes_alone(app):
    ids = due(3)
    db.session.execute(db.update(Delivery).where(Delivery.id == ids[0]).values(lapses=outbox.MANY_LAPSES))
    assert outbox.claim() == ids[1:]
    assert outbox.claim() == ids[:1]


def test_claims_at_the_same_moment_share_the_rows_out(app, committed):
    ids = due(40)
    commit()
    found, barrier = [], Barrier(4)

    def claim():
        with app.app_context():
            barrier.wait()
            found.append(outbox.claim(10))
            barrier.wait()  # all hold their locks until each has claimed
            commit()

    threads = [Thread(target=claim) for _ in range(4)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    assert sorted(number for one in found for number in one) == ids
    assert [len(one) for one in found] == [10] * 4


def test_two_workers_with_the_same_batch_send_each_mail_once(app, sink, committed):
    ids = due(12)
    outbox.claim()
    commit()
    results, barrier = [], Barrier(2)

    def work():
        with app.app_context():
            barrier.wait()
            results.append(deliver_batch(ids, commit))

    threads = [Thread(target=work) for _ in range(2)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    assert sum(result["sent"] for result in results) == 12
    assert sum(result["skipped"] for result in results) == 12
    assert len(sink.seen) == len(set(sink.seen)) == 12


WORKER = """
import sys
from flask import current_app
from smartskill import create_app
from smartskill.config import TESTING
from smartskill.kit.transaction import commit
from smartskill.notifications.services.delivery import deliver_batch
from tests.notifications.conftest import words
from smartskill.notifications.services.rendering import register
register("hint", words)
register("duty", words, mail_class="service")
settings = {**TESTING, "MAIL_SERVER": "127.0.0.1", "MAIL_PORT": int(sys.argv[1]), "MAIL_TIMEOUT": 30}
with create_app(settings).app_context():
    deliver_batch([int(number) for number in sys.argv[2:]], commit)
"""


@pytest.mark.parametrize("kind", ["hint", "duty"])
def test_a_worker_killed_while_a_mail_is_on_the_wire_loses_nothing(app, sink, committed, kind):
    people = [make_user(email=f"{name}@example.com") for name in ("first", "hang", "third")]
    rows = [plan(user, kind) for user in people]
    ids, message_ids = [row.id for row in rows], [row.message_id for row in rows]
    commit()
    environment = {**os.environ, "DATABASE_URL": db.engine.url.render_as_string(hide_password=False)}
    worker = subprocess.Popen(
        [sys.executable, "-c", WORKER, str(sink.port), *map(str, ids)],
        env=environment,
        cwd=Path(__file__).parents[2],
    )
    deadline = time.monotonic() + 90
    while len(sink.seen) < 2 and time.monotonic() < deadline:
        time.sleep(0.02)
    os.kill(worker.pid, signal.SIGKILL)
    worker.wait()
    assert list(states().values()) == ["sending"] * 3  # together; the trace knows more

    assert sweep() == NOTHING  # the leases still hold
    people[1].email = "second@example.com"  # whose server answers
    db.session.execute(db.update(Delivery).values(lease_until=now() - timedelta(seconds=1)))
    commit()
    counts = sweep()
    assert set(outbox.claim()) <= set(ids)
    commit()
    deliver_batch(ids, commit)
    assert [counts[name] for name in ("sent", "released")] == [1, 1]
    if kind == "hint":
        assert [counts[name] for name in ("repeated", "unknown", "offered")] == [0, 1, 1]
        assert list(states().values()) == ["sent", "unknown", "sent"]
        assert sink.seen == message_ids
    else:
        assert [counts[name] for name in ("repeated", "unknown", "offered")] == [1, 0, 2]
        assert list(states().values()) == ["sent"] * 3
        assert sorted(sink.seen) == sorted([*message_ids, message_ids[1]])
    assert [row.attempts for row in db.session.scalars(db.select(Delivery).order_by(Delivery.id))][2] == 1
    assert db.session.scalar(db.select(WireTrace)) is None


def test_without_its_trace_a_window_is_in_doubt_as_a_whole(app, committed):
    """PostgreSQL empties the unlogged table when it crashes itself."""
    rows = [plan(make_user(), kind, f"{kind}{number}") for number in range(2) for kind in ("hint", "duty")]
    assert len(prepare([row.id for row in rows]).letters) == 4
    db.session.execute(db.text("TRUNCATE wire_traces"))
    db.session.execute(db.update(Delivery).values(lease_until=now() - timedelta(seconds=1)))
    commit()
    assert recover() == {"sent": 0, "released": 0, "repeated": 2, "unknown": 2}


def test_the_trace_survives_a_killed_worker_and_not_a_crash_of_the_database(app):
    found = db.session.execute(db.text("SELECT relpersistence FROM pg_class WHERE relname = 'wire_traces'"))
    assert found.scalar_one() == "u"


def test_a_worker_that_outlived_its_lease_stops_before_the_next_dot(app, sink, committed):
    rows = [plan(make_user(), "duty", f"k{number}") for number in range(3)]
    ids, message_ids = [row.id for row in rows], [row.message_id for row in rows]
    commit()

    def settle_by_another(letter, *edges):
        carry(letter, *edges)
        if letter.message_id == message_ids[0]:
            with db.engine.begin() as connection:  # another process: the lease ran out
                connection.execute(db.update(Delivery).values(lease_until=now() - timedelta(seconds=1)))
            with app.app_context():
                assert recover() == {"sent": 0, "released": 2, "repeated": 1, "unknown": 0}  # its answer is not traced
                commit()

    with open_post() as post:
        carry, post.carry = post.carry, settle_by_another
        deliver_window(ids, post, commit)
    assert sink.seen == message_ids[:1]


def test_two_sweeps_at_once_do_not_tear_a_window_from_its_trace(app, committed):
    rows = [plan(make_user(), "hint", f"k{number}") for number in range(20)]
    prepare([row.id for row in rows])
    db.session.execute(db.update(Delivery).values(lease_until=now() - timedelta(seconds=1)))
    commit()
    results, barrier = [], Barrier(4)

    def work():
        with app.app_context():
            barrier.wait()
            results.append(recover())
            commit()

    threads = [Thread(target=work) for _ in range(4)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    assert sum(result["released"] for result in results) == 20
    assert sum(result["unknown"] for result in results) == 0
