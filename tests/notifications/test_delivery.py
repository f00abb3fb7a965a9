"""Sending: what is said over SMTP, and what becomes of a mail when the server does not play along."""

import socket
import time
from datetime import timedelta

import pytest
import time_machine

from smartskill.activity.models import InteractionEvent
from smartskill.activity.services.consent import set_consents
from smartskill.database import now
from smartskill.extensions import db, mail
from smartskill.kit.jobs import queue
from smartskill.notifications.models import MailSettings, Preference, Suppression
from smartskill.notifications.services import outbox
from smartskill.notifications.services.inbox import notify
from smartskill.notifications.services.rendering import register
from smartskill.notifications.tasks import deliver, sweep
from smartskill.user.models import User
from tests.factories import make_user
from tests.notifications.conftest import plan, send_all, words

pytestmark = pytest.mark.usefixtures("kinds")


def test_a_planned_mail_arrives_and_is_marked_sent(app, sink):
    user = make_user()
    row = plan(user)
    assert send_all() == {"sent": 1}
    [letter] = sink.letters
    assert letter["To"] == user.email
    assert letter["Message-ID"] == row.message_id
    assert letter["Subject"] == "First Aid – übermorgen"
    assert (row.state, row.attempts, row.lease_until) == ("sent", 1, None)
    assert row.sent_at is not None


def test_one_connection_serves_a_batch(app, sink):
    for number in range(5):
        plan(make_user(), key=f"k{number}")
    assert send_all() == {"sent": 5}
    assert (len(sink.kept), sink.connections) == (5, 1)


def test_the_sent_mail_is_an_event_with_its_decision_unless_tracking_is_off(app, sink):
    watched, unwatched = make_user(), make_user()
    set_consents(unwatched.id, {"tracking": False})
    for user in (watched, unwatched):
        notify(user.id, "hint", campaign_key="k1", evidence={}, delivery=plan(user))
    send_all()
    [event] = db.session.scalars(db.select(InteractionEvent).filter_by(kind="email_sent"))
    assert (event.user_id, event.source, event.is_automated) == (watched.id, "email", True)


@pytest.mark.parametrize(
    ("name", "state", "is_suppressed"),
    [("bounce", "failed", True), ("full", "failed", False), ("spam", "failed", False), ("later", "deferred", False)],
)
def test_a_refusal_is_final_only_when_the_server_says_so(app, sink, name, state, is_suppressed):
    row = plan(make_user(email=f"{name}@example.com"))
    assert send_all() == {state: 1}
    found = db.session.scalar(db.select(Suppression).filter_by(email=f"{name}@example.com"))
    assert (found is not None) is is_suppressed
    if state == "deferred":
        assert timedelta(seconds=50) < row.due_at - now() < timedelta(seconds=61)


def test_a_refused_mail_does_not_stop_those_behind_it(app, sink):
    for number, name in enumerate(("a", "bounce", "later", "gone", "b")):
        plan(make_user(email=f"{name}@example.com"), key=f"k{number}")
    first = send_all()
    assert first["sent"] == 1  # the server went away at the fourth, and the fifth waits with it
    assert first["away"] == 1
    assert [to for _, to, _ in sink.kept] == ["a@example.com"]
    db.session.execute(db.update(outbox.Delivery).where(outbox.Delivery.state == "deferred").values(due_at=now()))
    db.session.execute(db.delete(outbox.Delivery).where(outbox.Delivery.campaign_key == "k3"))
    outbox.claim()
    assert send_all()["sent"] == 1
    assert [to for _, to, _ in sink.kept] == ["a@example.com", "b@example.com"]


def test_an_unanswered_dot_is_unknown_for_a_hint_and_repeated_for_a_duty(app, sink):
    hint = plan(make_user(email="drop@example.com"), "hint")
    duty = plan(make_user(email="drop@example.org"), "duty")
    assert send_all() == {"unknown": 1, "deferred": 1}
    assert (hint.state, duty.state, duty.doubts) == ("unknown", "deferred", 1)
    assert outbox.claim() == []  # neither is due now
    duty.due_at = now()
    db.session.get(User, duty.user_id).email = "well@example.org"
    outbox.claim()
    assert send_all() == {"sent": 1}
    assert sink.seen.count(duty.message_id) == 2
    assert sink.seen.count(hint.message_id) == 1


def test_a_server_that_never_answers_the_dot_holds_a_worker_no_longer_than_its_patience(app, sink):
    rows = [plan(make_user(email=f"hang@example{number}.org"), "duty", f"k{number}") for number in range(4)]
    began = time.monotonic()
    assert send_all() == {"deferred": 4, "away": 1}
    assert time.monotonic() - began < 3  # a second's patience, once
    assert [row.doubts for row in rows] == [1, 0, 0, 0]
    assert len(sink.seen) == 1


def test_what_stood_behind_a_mail_that_hung_counts_no_try_of_its_own(app, sink):
    rows = [plan(make_user(email=f"{name}@example.com"), key=name) for name in ("hang", "a", "gone", "b")]
    assert send_all() == {"unknown": 1, "deferred": 3, "away": 1}
    assert [row.attempts for row in rows] == [1, 0, 0, 0]
    assert all(timedelta(seconds=50) < row.due_at - now() < timedelta(seconds=61) for row in rows[1:])
    db.session.execute(db.update(outbox.Delivery).where(outbox.Delivery.state == "deferred").values(due_at=now()))
    outbox.claim()
    assert send_all() == {"sent": 1, "deferred": 2, "away": 1}
    assert [row.attempts for row in rows] == [1, 1, 1, 0]


def test_a_mail_whose_end_stays_unknown_is_parked_after_three_tries(app, sink):
    row = plan(make_user(email="drop@example.com"), "duty")
    for _ in range(5):
        send_all()
        if row.state == "deferred":
            row.due_at = now()
            outbox.claim()
    assert (row.state, row.doubts, sink.seen.count(row.message_id)) == ("unknown", 3, 3)


def test_a_server_that_is_away_defers_the_batch_and_is_asked_once(app, sink):
    mail.connect().mail.port = 1  # nobody listens there
    rows = [plan(make_user(), "duty", key=f"k{number}") for number in range(3)]
    assert send_all() == {"deferred": 3, "away": 1}
    assert {row.state for row in rows} == {"deferred"}
    assert "refused" in rows[0].reason


def test_a_server_that_never_greets_holds_a_worker_no_longer_than_its_patience(app, sink):
    with socket.create_server(("127.0.0.1", 0)) as silent:  # connections are made by the system and never answered
        mail.connect().mail.port = silent.getsockname()[1]
        rows = [plan(make_user(), "duty", key=f"k{number}") for number in range(3)]
        began = time.monotonic()
        assert send_all() == {"deferred": 3, "away": 1}
    assert time.monotonic() - began < 2
    assert {row.doubts for row in rows} == {0}


def test_a_long_outage_loses_no_service_mail_and_ends_after_three_days(app, sink):
    mail.connect().mail.port = 1
    duty, hint = plan(make_user(), "duty"), plan(make_user(), "hint")
    start, gaps = now(), []
    with time_machine.travel(start, tick=False) as clock:
        while duty.state in ("queued", "deferred"):
            at = now()
            send_all()
            if duty.state != "deferred":
                break
            gaps.append((duty.due_at - at).total_seconds() / 60)
            clock.move_to(duty.due_at + timedelta(seconds=1))
            outbox.claim()
        lasted = now() - start
    assert gaps[:6] == [1, 5, 30, 120, 120, 120]
    assert timedelta(days=3) < lasted < timedelta(days=3, hours=3)
    assert duty.state == "failed"
    assert "given up" in duty.reason
    assert (hint.state, hint.attempts) == ("failed", 5)  # a hint grows stale: the ladder once, and no more


def test_what_no_longer_holds_is_not_sent(app, sink):
    answers = iter([False, True])
    register("hint", words, still_holds=lambda delivery: next(answers))
    rows = [plan(make_user(), key=f"k{number}") for number in range(2)]
    send_all()
    assert [(row.state, row.reason) for row in rows] == [("cancelled", "no_longer_so"), ("sent", None)]
    assert len(sink.kept) == 1


def test_gates_are_asked_again_when_sending(app, sink):
    people = {
        "inactive": make_user(is_active=False),
        "unwanted": make_user(),
        "suppressed": make_user(email="Off@Example.com"),
        "unverified": make_user(verified_at=None),
    }
    db.session.add(Preference(user_id=people["unwanted"].id, kind="hint", is_wanted=False))
    db.session.add(Suppression(email="off@example.com", scope="subscription", reason="complaint"))
    rows = {reason: plan(user) for reason, user in people.items()}
    assert send_all() == {"cancelled": 4}
    assert {reason: row.reason for reason, row in rows.items()} == {reason: reason for reason in people}
    assert not sink.seen


def test_in_quiet_hours_a_mail_waits_for_the_morning_unless_it_was_asked_for(app, sink):
    user = make_user(timezone="Europe/Berlin")
    db.session.add(MailSettings(user_id=user.id, quiet_hours="20-8"))
    with time_machine.travel("2026-11-23T21:30:00Z", tick=False):  # Monday, 22:30 in Berlin
        patient, asked = plan(user, "duty", is_past_hours=False), plan(user, "reset", "k2")
        send_all()
        assert (patient.state, patient.reason) == ("planned", "quiet_hours")
        assert patient.due_at.isoformat() == "2026-11-24T07:00:00+00:00"
        assert asked.state == "sent"


def test_a_kind_that_fails_to_write_delays_itself_only_and_leaves_the_transaction_whole(app, sink):
    def broken(delivery):
        db.session.execute(db.text("SELECT no_such_column"))

    register("broken", broken, mail_class="service")
    bad, good = plan(make_user(), "broken"), plan(make_user(), "hint")
    assert send_all() == {"deferred": 1, "sent": 1}
    assert bad.reason.startswith("not written: ProgrammingError")
    assert good.state == "sent"


def test_a_kind_with_nothing_left_to_say_is_cancelled(app, sink):
    register("empty", lambda delivery: None)
    row = plan(make_user(), "empty")
    send_all()
    assert (row.state, row.reason) == ("cancelled", "nothing_to_say")


def test_mail_without_an_account_goes_to_the_given_address_in_its_language(app, sink):
    row = outbox.queue_account_mail(
        "reset", user_id=None, to="new@example.com", content={"locale": "de", "full_name": "Änne"}
    )
    send_all()
    assert row.state == "sent"
    assert "Guten Tag Änne," in sink.letters[0].get_body(("plain",)).get_content()
    assert sink.letters[0]["List-Unsubscribe"] is None


def test_account_mail_passes_everything_but_a_hard_bounce(app, sink):
    user, bounced = make_user(verified_at=None), make_user(email="bounced@example.com")
    db.session.add(Suppression(email=user.email, scope="subscription", reason="complaint"))
    db.session.add(Suppression(email="bounced@example.com", scope="all", reason="hard_bounce"))
    rows = [outbox.queue_account_mail("reset", user_id=one.id, content={}) for one in (user, bounced)]
    send_all()
    assert [row.state for row in rows] == ["sent", "cancelled"]


def test_without_a_server_mail_lands_in_a_file_and_counts_as_sent(app, tmp_path, monkeypatch):
    monkeypatch.setattr(app, "instance_path", str(tmp_path))
    row = plan(make_user())
    assert send_all() == {"sent": 1}
    [file] = (tmp_path / "mail").glob("*.eml")
    assert row.message_id.encode() in file.read_bytes()


def test_jobs_find_what_is_due_and_deliver_goes_on_with_what_else_is(app, sink):
    rows = [plan(make_user(), key=f"k{number}", due_at=now() + timedelta(hours=1)) for number in range(3)]
    assert sweep()["offered"] == 0
    for row in rows:
        row.due_at = now() - timedelta(minutes=1)
    assert deliver([]) == {}  # a job for certain mails leaves others alone
    assert deliver([], time.time() + 5)["sent"] == 3
    assert {row.state for row in rows} == {"sent"}


def test_the_sweep_calls_for_workers_for_what_is_due_and_settles_what_dead_workers_left(app, sink, committed):
    hint, duty, due = plan(make_user()), plan(make_user(), "duty"), plan(make_user(), "duty", "k2")
    past = now() - timedelta(seconds=1)
    for row in (hint, duty):
        row.state, row.lease_until = "sending", past
    due.lease_until = past
    assert sweep() == {"sent": 0, "released": 0, "repeated": 1, "unknown": 1, "offered": 2}
    assert (hint.state, duty.state, duty.doubts) == ("unknown", "deferred", 1)
    assert queue("mail").jobs[-1].func_name == outbox.DELIVER
    assert deliver([], time.time() + 5)["sent"] == 2
    assert due.lapses == 1
    assert sorted(sink.seen) == sorted([duty.message_id, due.message_id])
