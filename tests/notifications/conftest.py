"""A real SMTP server on loopback that can misbehave, and two kinds of mail to send."""

import asyncio
import email
import email.policy
import socket
import threading
from collections.abc import Iterator

import pytest
from aiosmtpd.controller import Controller
from aiosmtpd.smtp import SMTP

from smartskill.extensions import db, mail
from smartskill.kit.transaction import commit
from smartskill.notifications.services import outbox
from smartskill.notifications.services.delivery import deliver_batch
from smartskill.notifications.services.rendering import KINDS, register


class Sink:
    """Keeps what it accepts; the local part of a recipient says how the server fails for that mail.

    `bounce` and `spam` are refused for good, `later` for now, `drop` loses the connection once the text is there,
    `hang` never answers the text, `gone` closes the connection instead of taking the recipient, `last`
    closes it after the answer.
    """

    def __init__(self) -> None:
        self.kept: list[tuple[str, str, bytes]] = []
        self.seen: list[str] = []  # Message-IDs whose text arrived, answered or not
        self.port = self.connections = 0
        self.has_text = threading.Event()
        self.is_pipelining = False

    async def handle_EHLO(self, server, session, envelope, hostname, responses):
        session.host_name = hostname
        return [*responses[:-1], *["250-PIPELINING"] * self.is_pipelining, responses[-1]]

    async def handle_RCPT(self, server, session, envelope, address, options):
        name = address.partition("@")[0]
        refusals = {"bounce": "550 5.1.1 No such user", "full": "552 5.2.2 Mailbox full", "later": "451 4.3.0 Later"}
        if name == "gone":
            server.transport.abort()
            return "421 closing"
        if name not in refusals:
            envelope.rcpt_tos.append(address)
        return refusals.get(name, "250 OK")

    async def handle_DATA(self, server, session, envelope):
        name = envelope.rcpt_tos[0].partition("@")[0]
        parsed = email.message_from_bytes(envelope.content)
        self.seen.append(parsed["Message-ID"])
        self.has_text.set()
        if name == "drop":
            server.transport.abort()
            return "250 lost"
        if name == "hang":
            await asyncio.sleep(60)
        if name == "spam":
            return "554 5.7.1 Looks like spam"
        if name == "last":
            asyncio.get_running_loop().call_later(0.05, server.transport.close)
        self.kept.append((envelope.mail_from, envelope.rcpt_tos[0], envelope.content))
        return "250 OK"

    @property
    def letters(self) -> list:
        """What was accepted, parsed."""
        return [email.message_from_bytes(raw, policy=email.policy.default) for _, _, raw in self.kept]


class Server(Controller):
    def factory(self) -> SMTP:
        self.handler.connections += 1
        return super().factory()


@pytest.fixture
def sink(app) -> Iterator[Sink]:
    """A mail server for this test, with the application set to it; a second's patience."""
    found = Sink()
    with socket.socket() as free:
        free.bind(("127.0.0.1", 0))
        found.port = free.getsockname()[1]
    server = Server(found, hostname="127.0.0.1", port=found.port, ready_timeout=10)
    server.start()
    found.connections = 0  # starting connects once to see whether the server answers
    with app.app_context():
        state = mail.connect().mail
    before = (app.config["MAIL_SERVER"], app.config["MAIL_TIMEOUT"], state.server, state.port)
    app.config |= {"MAIL_SERVER": "127.0.0.1", "MAIL_TIMEOUT": 1}
    state.server, state.port = "127.0.0.1", found.port
    yield found
    app.config |= {"MAIL_SERVER": before[0], "MAIL_TIMEOUT": before[1]}
    state.server, state.port = before[2:]
    server.stop(no_assert=True)


def words(delivery) -> dict:
    """A content that names its evidence."""
    what = delivery.content.get("what", "First Aid")
    return {
        "subject": f"{what} – übermorgen",
        "preheader": "Two days are left.",
        "paragraphs": [f"{what} expires on Tuesday.", "Renew it in time."],
        "items": [{"title": what, "detail": "expires 24 November", "url": "/qualification/3"}],
        "button": {"text": "Renew", "url": "/qualification/3"},
        "reason": "you hold this qualification.",
    }


@pytest.fixture
def kinds() -> Iterator[None]:
    """`hint` is subscription mail, `duty` service mail, `reset` account mail."""
    before = dict(KINDS)
    register("hint", words)
    register("duty", words, mail_class="service")
    register("reset", words, mail_class="account")
    yield
    KINDS.clear()
    KINDS.update(before)


def plan(user, kind="hint", key="k1", **given):
    """A planned mail that no hour gate stops."""
    row = outbox.plan_delivery(user.id, kind, campaign_key=key, **{"is_past_hours": True, **given})
    db.session.flush()
    return row


def send_all() -> dict:
    """Send what is claimed or can be, as a worker would."""
    ids = list(
        db.session.scalars(
            db.select(outbox.Delivery.id).where(outbox.Delivery.state == "queued").order_by(outbox.Delivery.id)
        )
    )
    commit()
    return dict(deliver_batch(ids, commit))
