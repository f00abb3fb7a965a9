"""What mail servers send back: read as they write it, believed only about mails of ours, and acted on once."""

import mailbox
import random
from datetime import timedelta
from uuid import uuid4

import pytest

from smartskill.activity.models import InteractionEvent
from smartskill.database import now
from smartskill.extensions import db
from smartskill.notifications.models import Bounce, Suppression
from smartskill.notifications.services.bounces import SOFT_MOST
from smartskill.notifications.services.reports import read_report
from smartskill.notifications.services.suppressions import lift
from tests.factories import make_user
from tests.notifications.conftest import plan
from tests.notifications.reports import COMPLAINT, EXCHANGE, GMAIL, POSTFIX, report_about

pytestmark = pytest.mark.usefixtures("kinds")


def sent(user=None, kind="hint", key="k1", days_ago=1):
    row = plan(user or make_user(), kind, key)
    row.state, row.sent_at = "sent", now() - timedelta(days=days_ago)
    db.session.flush()
    return row


def suppressed(user) -> set[tuple[str, str]]:
    found = db.select(Suppression.scope, Suppression.reason).filter_by(email=user.email.lower(), lifted_at=None)
    return set(db.session.execute(found).all())


def events(user) -> list[str]:
    return list(db.session.scalars(db.select(InteractionEvent.kind).filter_by(user_id=user.id)))


@pytest.mark.parametrize(
    ("shape", "status", "said", "expected"),
    [
        (POSTFIX, "5.1.1", "550 5.1.1 <anna@example.com>: Recipient address rejected: User unknown", "hard"),
        (POSTFIX, "5.1.2", "Host or domain name not found", "hard"),
        (POSTFIX, "5.0.0", "550 No such user here", "hard"),
        (POSTFIX, "5.0.0", "554 Message looks like spam", "soft"),
        (POSTFIX, "5.2.2", "552 5.2.2 Mailbox full", "soft"),
        (POSTFIX, "5.7.1", "550 5.7.1 Message refused by policy", "soft"),
        (POSTFIX, "4.4.1", "connect to mx.example.com[192.0.2.1]:25: Connection timed out", "soft"),
        (EXCHANGE, "5.1.10", "550 5.1.10 RESOLVER.ADR.RecipientNotFound; Recipient not found", "hard"),
        (EXCHANGE, "5.4.1", "550 5.4.1 Recipient address rejected: Access denied. AS(201806281)", "hard"),
        (EXCHANGE, "5.4.1", "550 5.4.1 All recipient addresses rejected: no answer from host", "soft"),
        (EXCHANGE, "5.2.2", "554 5.2.2 mailbox full; STOREDRV.Deliver; QuotaExceeded", "soft"),
        (EXCHANGE, "5.7.606", "550 5.7.606 Access denied, banned sending IP", "soft"),
        (GMAIL, "5.1.1", "550-5.1.1 The email account that you tried to reach does not exist.", "hard"),
        (GMAIL, "5.2.1", "550-5.2.1 The email account that you tried to reach is disabled.", "hard"),
        (GMAIL, "4.2.2", "452-4.2.2 The recipient's inbox is out of storage space.", "soft"),
        (GMAIL, "5.1.8", "550 5.1.8 sender's system address is bad", "soft"),
    ],
)
def test_a_bounce_is_hard_only_if_the_address_is_gone(app, shape, status, said, expected):
    user = make_user(email="Anna@example.com")
    row = sent(user)
    assert read_report(report_about(row, shape, status=status, said=said)) == expected
    assert suppressed(user) == ({("all", "hard_bounce")} if expected == "hard" else set())
    [event] = db.session.scalars(db.select(InteractionEvent).filter_by(user_id=user.id))
    assert (event.kind, event.props["is_hard"], event.subject_id) == ("bounced", expected == "hard", row.id)


@pytest.mark.parametrize("shape", [POSTFIX, EXCHANGE, GMAIL])
@pytest.mark.parametrize("action", ["delayed", "delivered", "relayed", "expanded"])
def test_news_that_is_no_failure_is_ignored(app, shape, action):
    user = make_user()
    assert read_report(report_about(sent(user), shape, action=action, status="4.4.1")) == "ignored"
    assert suppressed(user) == set()


def test_the_same_bounce_twice_counts_once(app):
    user = make_user()
    report = report_about(sent(user), POSTFIX, said="550 5.1.1 unknown")
    assert [read_report(report) for _ in range(2)] == ["hard", "repeated"]
    assert events(user) == ["bounced"]


def test_a_repeated_bounce_does_not_undo_what_an_administrator_lifted_and_a_new_one_does(app):
    user = make_user()
    first, second = sent(user), sent(user, key="k2")
    read_report(report_about(first, POSTFIX))
    lift(db.session.scalar(db.select(Suppression).filter_by(email=user.email)), "mended")
    read_report(report_about(first, POSTFIX))
    assert suppressed(user) == set()
    read_report(report_about(second, GMAIL))
    assert suppressed(user) == {("all", "hard_bounce")}


def test_soft_bounces_that_keep_coming_are_as_a_hard_one(app):
    user = make_user()
    for number in range(SOFT_MOST):
        assert suppressed(user) == set()
        row = sent(user, key=f"k{number}")
        for _ in range(3):  # of one mail they count once
            read_report(report_about(row, POSTFIX, status="5.2.2"))
    assert suppressed(user) == {("all", "soft_bounces")}


def test_old_soft_bounces_are_forgotten(app):
    user = make_user()
    for number in range(SOFT_MOST + 1):
        read_report(report_about(sent(user, key=f"k{number}"), POSTFIX, status="5.2.2"))
        db.session.execute(db.update(Bounce).values(received_at=now() - timedelta(days=31)))
    assert suppressed(user) == set()


@pytest.mark.parametrize(
    "known_by",
    [
        {},
        {"verp": "hidden@example.org", "token": "x"},
        {"verp": "hidden@example.org", "message_id": "<hidden@example.org>"},
    ],
)
def test_a_complaint_stops_subscription_mail_however_it_names_the_mail(app, known_by):
    user = make_user()
    assert read_report(report_about(sent(user), COMPLAINT, said="abuse", **known_by)) == "complaint"
    assert suppressed(user) == {("subscription", "complaint")}
    assert events(user) == ["complained"]


@pytest.mark.parametrize("said", ["not-spam", "", "auth-failure", "abuse\nX: y" * 0 + "nonsense"])
def test_other_feedback_is_ignored(app, said):
    user = make_user()
    assert read_report(report_about(sent(user), COMPLAINT, said=said)) == "ignored"
    assert suppressed(user) == set()


def test_only_keys_of_mails_sent_not_long_ago_are_believed(app):
    user = make_user()
    old, planned = sent(user, days_ago=20), plan(user, key="k2")
    for report in (
        report_about(old, POSTFIX),
        report_about(planned, POSTFIX),
        report_about(old, COMPLAINT, said="abuse"),
        report_about(planned, GMAIL, verp=f"bounce+{uuid4().hex}@example.org"),
        report_about(planned, EXCHANGE, verp="bounce+1@example.org"),
    ):
        assert read_report(report) == "foreign"
    assert suppressed(user) == set()


def test_a_bounce_is_not_known_by_what_anybody_could_quote(app):
    """A bounce to somewhere else that quotes a mail of ours says nothing: only a complaint may."""
    user = make_user()
    assert read_report(report_about(sent(user), POSTFIX, verp="postmaster@example.org")) == "foreign"


def test_the_mail_servers_word_about_the_recipient_is_taken(app):
    from smartskill.notifications.services.tokens import bounce_address

    row = sent()
    report = report_about(row, POSTFIX, verp="x@example.org")
    assert read_report(report, recipient=bounce_address(row).upper()) == "hard"


@pytest.mark.parametrize("seed", range(20))
def test_damaged_reports_never_crash(app, seed):
    chance = random.Random(seed)
    row = sent()
    for shape in (POSTFIX, EXCHANGE, GMAIL, COMPLAINT):
        raw = bytearray(report_about(row, shape, said="abuse"))
        for _ in range(chance.randrange(1, 60)):
            place = chance.randrange(len(raw))
            if chance.random() < 0.5:
                raw[place] = chance.randrange(256)
            else:
                del raw[place : place + chance.randrange(1, 40)]
        assert read_report(bytes(raw)) in ("hard", "soft", "complaint", "repeated", "foreign", "ignored", "unreadable")


@pytest.mark.parametrize(
    "raw",
    [
        b"",
        b"\x00" * 5000,
        b"Content-Type: multipart/report; boundary=x\n\n" + b"--x\n" * 20_000,
        b"Content-Type: message/rfc822\n\n" * 3000,
        b"To: " + b"bounce+" * 50_000,
        b"Content-Type: message/delivery-status\n\n" + b"\n\n" * 50_000,
        b"Content-Type: message/feedback-report\nContent-Transfer-Encoding: base64\n\n\xff\xff=",
        b"Content-Type: message/delivery-status; charset=\xff\n\nAction: failed\n\nAction: failed\nStatus: \xff\n",
        b"Subject: " + b"=?utf-8?b?" * 10_000,
    ],
)
def test_hostile_mail_is_put_aside(app, raw):
    assert read_report(raw) in ("foreign", "ignored", "unreadable")


def test_a_maildir_is_read_once_and_what_is_read_is_moved(app, tmp_path):
    user = make_user()
    box = mailbox.Maildir(tmp_path / "box")
    box.add(report_about(sent(user), POSTFIX))
    box.add(b"Subject: Out of office\n\nI am away.")
    run = app.test_cli_runner().invoke
    assert run(args=["notify", "bounces", str(tmp_path / "box")]).output == "1 hard, 1 ignored\n"
    assert run(args=["notify", "bounces", str(tmp_path / "box")]).output == "Nothing is new.\n"
    assert len(list((tmp_path / "box" / "cur").iterdir())) == 2
    assert suppressed(user) == {("all", "hard_bounce")}


def test_an_mbox_and_standard_input_are_read_alike(app, tmp_path):
    first, second = make_user(), make_user()
    box = mailbox.mbox(tmp_path / "box")
    box.add(report_about(sent(first), GMAIL))
    box.flush()
    run = app.test_cli_runner().invoke
    assert run(args=["notify", "bounces", str(tmp_path / "box")]).output == "1 hard\n"
    told = run(args=["notify", "bounces"], input=report_about(sent(second), EXCHANGE))
    assert (told.output, told.exception) == ("1 hard\n", None)
    assert suppressed(first) == suppressed(second) == {("all", "hard_bounce")}
    assert run(args=["notify", "bounces", str(tmp_path / "none")]).exit_code == 1
    assert run(args=["notify", "bounces", str(tmp_path)]).exit_code == 1
