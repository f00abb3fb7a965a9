"""One mail on the wire: its headers whole, its form sound, and nobody adds headers of their own."""

import email
import email.policy
import re
import smtplib
import time
from email.headerregistry import Address
from types import SimpleNamespace

import pytest

from smartskill.extensions import db
from smartskill.notifications.services.delivery import deliver_batch, deliver_window
from smartskill.notifications.services.hosts import Plain
from smartskill.notifications.services.post import open_post
from smartskill.notifications.services.recipients import find_recipient
from smartskill.notifications.services.rendering import MailTooLong, register, write_letter
from smartskill.notifications.services.tokens import read_unsubscribe_token, unsubscribe_token
from smartskill.notifications.services.traces import Trace
from smartskill.notifications.services.transport import HeaderRefused, Letter, Refused
from tests.factories import make_user
from tests.notifications.conftest import plan, send_all, words

pytestmark = pytest.mark.usefixtures("kinds")
GIVEN = {
    "message_id": "<1@example.com>",
    "return_path": "bounce@example.com",
    "subject": "Hello",
    "sender": ("Smart-Skill", "hello@example.com"),
    "recipients": ["to@example.com"],
    "body": "text",
    "html": "<p>text</p>",
}


@pytest.mark.parametrize("break_", ["\r\n", "\n", "\r", "\x00", "\x0b"])
@pytest.mark.parametrize(
    "where",
    [
        lambda bad: {"subject": f"Hello{bad}Bcc: evil@example.com"},
        lambda bad: {"recipients": [f"to@example.com{bad}Bcc: evil@example.com"]},
        lambda bad: {"sender": ("Smart-Skill", f"hello@example.com{bad}Bcc: evil@example.com")},
        lambda bad: {"message_id": f"<1@example.com>{bad}Bcc: evil@example.com"},
        lambda bad: {"return_path": f"bounce@example.com{bad}RCPT TO:<evil@example.com>"},
        lambda bad: {"extra_headers": {"List-ID": f"x{bad}Bcc: evil@example.com"}},
        lambda bad: {"extra_headers": {f"List-ID{bad}Bcc": "evil@example.com"}},
    ],
)
def test_a_line_break_in_any_header_is_refused(app, where, break_):
    with pytest.raises(HeaderRefused):
        Letter(**GIVEN | where(break_))


def test_a_subject_made_from_a_persons_words_cannot_break_out(app, sink):
    row = plan(make_user(), content={"what": "First Aid\r\nBcc: evil@example.com"})
    send_all()
    [letter] = sink.letters
    assert letter["Subject"] == "First Aid Bcc: evil@example.com – übermorgen"
    assert letter["Bcc"] is None
    assert row.state == "sent"
    assert [to for _, to, _ in sink.kept] == [letter["To"]]


def test_an_address_with_a_line_break_fails_and_is_not_tried_again(app, sink):
    row = plan(make_user(email="a@example.com\r\nBcc: evil@example.com"))
    assert send_all() == {"failed": 1}
    assert row.reason.startswith("header:")
    assert not sink.seen


def test_the_headers_hold_what_the_conventions_ask_for(app, sink):
    row = plan(make_user(), "hint")
    send_all()
    sender, _, raw = sink.kept[0]
    [letter] = sink.letters
    token = unsubscribe_token(row)
    assert letter["List-Unsubscribe"] == f"<http://127.0.0.1:5000/u/{token}>"
    assert letter["List-Unsubscribe-Post"] == "List-Unsubscribe=One-Click"
    assert letter["List-ID"] == "Smart-Skill hint <hint.smart-skill.localhost>"
    assert letter["Auto-Submitted"] == "auto-generated"
    assert letter["Feedback-ID"] == "hint:subscription:smart-skill:smart-skill.localhost"
    assert letter["From"].addresses[0] == Address("Smart-Skill", addr_spec="hello@smart-skill.localhost")
    assert sender == f"bounce+{row.unsubscribe_key.hex}@smart-skill.localhost"
    assert re.search(rb"^List-Unsubscribe: <http://127\.0\.0\.1:5000/u/[\w-]{22}>\r?$", raw, re.MULTILINE)
    assert not letter.defects


def test_service_mail_has_its_own_sender(app, sink):
    plan(make_user(), "duty")
    send_all()
    assert sink.letters[0]["From"].addresses[0].addr_spec == "service@smart-skill.localhost"


def test_a_host_of_39_characters_leaves_the_unsubscribe_address_within_72(app, sink, monkeypatch, caplog):
    monkeypatch.setitem(app.config, "PUBLIC_URL", f"https://{'s' * 39}")
    plan(make_user())
    send_all()
    assert len(sink.letters[0]["List-Unsubscribe"]) == 72 + len("<>")
    assert "safe" not in caplog.text
    monkeypatch.setitem(app.config, "PUBLIC_URL", f"https://{'s' * 40}")
    plan(make_user())
    send_all()
    assert "73 characters" in caplog.text


def test_text_and_html_are_alternatives_in_short_lines_of_ascii(app, sink):
    plan(make_user(full_name="Jürgen Groß", locale="de"))
    send_all()
    [letter] = sink.letters
    assert letter.get_content_type() == "multipart/alternative"
    assert [part.get_content_type() for part in letter.iter_parts()] == ["text/plain", "text/html"]
    body = sink.kept[0][2].partition(b"\r\n\r\n")[2]
    assert body.isascii()
    assert max(map(len, body.split(b"\r\n"))) <= 76
    for part in letter.iter_parts():
        assert "Guten Tag Jürgen Groß," in part.get_content()
        assert "First Aid expires on Tuesday." in part.get_content()


def test_a_mail_that_programs_would_cut_is_not_made(app):
    register("long", lambda delivery: {**words(delivery), "paragraphs": ["word " * 20_000]})
    row = plan(make_user(), "long")
    with pytest.raises(MailTooLong):
        write_letter(row, find_recipient(row))


def test_the_token_is_read_back_and_only_in_its_own_spelling(app):
    row = plan(make_user())
    token = unsubscribe_token(row)
    assert len(token) == 22
    assert read_unsubscribe_token(token) == row.unsubscribe_key
    for other in (token[:-1], token + "A", token + "==", token[:-1] + "é", "", "-" * 22, token[:-1] + " "):
        assert read_unsubscribe_token(other) != row.unsubscribe_key


@pytest.mark.parametrize(
    ("code", "text", "is_hard"),
    [
        (550, b"5.1.1 unknown", True),
        (550, b"5.7.1 policy", False),
        (550, b"unknown", True),
        (552, b"full", False),
        (450, b"later", False),
    ],
)
def test_only_a_dead_address_is_a_hard_bounce(code, text, is_hard):
    assert Refused(code, text, is_recipient=True).is_hard_bounce is is_hard
    assert not Refused(code, text).is_hard_bounce


def test_quit_comes_after_the_mail_is_marked_sent(app, sink, monkeypatch):
    row, states = plan(make_user()), []
    quit_ = smtplib.SMTP.quit

    def noted(self):
        states.append(db.session.scalar(db.text("SELECT state FROM deliveries")))
        return quit_(self)

    monkeypatch.setattr(smtplib.SMTP, "quit", noted)
    deliver_batch([row.id], db.session.commit)
    assert states == ["sent"]


def test_a_connection_that_the_server_closed_between_mails_is_opened_again(app, sink):
    rows = [plan(make_user(email=email), key=email) for email in ("last@example.com", "b@example.com", "c@example.com")]

    def carry_and_wait(*given):
        carry(*given)
        time.sleep(0.2 if len(sink.kept) == 1 else 0)  # the server hangs up meanwhile

    with open_post() as post:
        carry, post.carry = post.carry, carry_and_wait
        deliver_window([row.id for row in rows], post, db.session.commit)
    assert [row.state for row in rows] == ["sent"] * 3
    assert sink.connections == 2


def test_the_drawer_writes_the_same_mail(app, tmp_path, monkeypatch):
    monkeypatch.setattr(app, "instance_path", str(tmp_path))
    row = plan(make_user())
    send_all()
    [file] = (tmp_path / "mail").iterdir()
    letter = email.message_from_bytes(file.read_bytes(), policy=email.policy.default)
    assert letter["Message-ID"] == row.message_id
    assert letter["List-Unsubscribe-Post"] == "List-Unsubscribe=One-Click"


@pytest.fixture
def quick(sink, monkeypatch):
    """A server that is asked about the next envelope with each dot, however busy the machine is."""
    sink.is_pipelining = True
    monkeypatch.setattr("smartskill.notifications.services.post.QUICK", 60)
    sent = []
    send = smtplib.SMTP.send

    def noted(self, data):
        sent.append(data)
        send(self, data)

    monkeypatch.setattr(smtplib.SMTP, "send", noted)
    return sent


def asked_ahead(sent) -> int:
    return sum(isinstance(data, str) and data.startswith(".\r\nMAIL FROM") for data in sent)


def test_a_quick_server_is_asked_about_the_next_envelope_with_the_dot(app, sink, quick, monkeypatch):
    steps, reach = [], Trace.reach
    monkeypatch.setattr(Trace, "reach", lambda self, step: (steps.append(step), reach(self, step)))
    monkeypatch.setattr(Plain, "has_said", lambda self, lines: False)
    rows = [plan(make_user(), key=f"k{number}") for number in range(4)]
    assert deliver_batch([row.id for row in rows], db.session.commit) == {"sent": 4}
    assert asked_ahead(quick) in (1, 2)  # whoever lets us wait for its replies is not asked ahead next time
    assert steps[:2] == [1, 2]
    steps.clear()
    monkeypatch.setattr(Plain, "has_said", lambda self, lines: lines > 1)
    quick.clear()
    rows = [plan(make_user(), key=f"k{number}") for number in range(4)]
    assert deliver_batch([row.id for row in rows], db.session.commit) == {"sent": 4}
    assert asked_ahead(quick) == 3
    assert steps == [1, 3, 5, 7, 8]  # the next dot says that the last mail was answered
    assert len(set(sink.seen)) == 8 == len(sink.seen)


@pytest.mark.parametrize(
    ("name", "outcome"),
    [("bounce", "failed"), ("later", "deferred"), ("spam", "failed"), ("gone", "sent"), ("drop", "unknown")],
)
def test_a_mail_that_fails_behind_a_dot_takes_no_other_with_it(app, sink, quick, name, outcome):
    rows = [plan(make_user(email=f"{to}@example.com"), key=to) for to in ("a", "b", name, "c", "d")]
    deliver_batch([row.id for row in rows], db.session.commit)
    if name == "gone":  # no server: the mail and what follows go another time
        assert [row.state for row in rows] == ["sent", "sent", "deferred", "deferred", "deferred"]
        assert len(sink.seen) == 2
    else:
        assert [row.state for row in rows] == ["sent", "sent", outcome, "sent", "sent"]
        assert len(sink.seen) == (5 if name in ("spam", "drop") else 4)
    assert [row.reason for row in rows if row.state == "sent"] == [None] * sum(row.state == "sent" for row in rows)
    assert asked_ahead(quick)


def test_a_window_that_ends_behind_an_envelope_leaves_no_mail_half_sent(app, sink, quick, monkeypatch):
    monkeypatch.setattr(Plain, "has_said", lambda self, lines: lines > 1)
    carried = []

    def carry_and_note(*given):
        carry(*given)
        carried.append(given)

    clock = SimpleNamespace(monotonic=lambda: time.monotonic() + 1000 * (len(carried) > 1))
    monkeypatch.setattr("smartskill.notifications.services.delivery.time", clock)
    rows = [plan(make_user(), key=f"k{number}") for number in range(4)]
    with open_post() as post:
        carry, post.carry = post.carry, carry_and_note
        deliver_window([row.id for row in rows], post, db.session.commit)
        assert post.asked_for is not None
    assert [row.state for row in rows] == ["sent", "sent", "planned", "planned"]
    assert len(sink.seen) == 2
