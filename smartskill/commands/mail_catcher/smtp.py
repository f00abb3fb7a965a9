"""The SMTP side: takes every mail for everybody and keeps it.

A few addresses (`bounce@…`, `later@…`) are refused, to try what then happens.
"""

import logging
from pathlib import Path
from typing import Any

from aiosmtpd.controller import Controller
from aiosmtpd.smtp import SMTP, Envelope, Session

from smartskill.commands.mail_catcher.mailbox import Mailbox

log = logging.getLogger(__name__)

SIZE_LIMIT_BYTES = 25_000_000
REFUSALS = {  # local part of the recipient → what the server says
    "bounce": "550 5.1.1 No such mailbox",
    "later": "451 4.3.0 Try again later",
}


class Sink:
    """aiosmtpd's handler: everything is accepted, and stored before it is acknowledged."""

    def __init__(self, folder: Path) -> None:
        self.mailbox = Mailbox(folder)

    async def handle_RCPT(
        self, server: SMTP, session: Session, envelope: Envelope, address: str, options: list[Any]
    ) -> str:
        refusal = REFUSALS.get(address.partition("@")[0].lower())
        if refusal:
            return refusal
        envelope.rcpt_tos.append(address)
        return "250 OK"

    async def handle_DATA(self, server: SMTP, session: Session, envelope: Envelope) -> str:
        content = envelope.content if isinstance(envelope.content, bytes) else (envelope.content or "").encode()
        name = self.mailbox.store(content, envelope.mail_from or "", envelope.rcpt_tos)
        log.info("caught %s for %s", name, ", ".join(envelope.rcpt_tos))
        return f"250 OK: caught as {name}"


class Server(Controller):
    """The sink on its port, in a thread of its own."""

    def __init__(self, folder: Path, host: str, port: int) -> None:
        super().__init__(
            Sink(folder), hostname=host, port=port, data_size_limit=SIZE_LIMIT_BYTES, ident="smart-skill mail catcher",
            server_hostname="localhost",
        )  # fmt: skip
