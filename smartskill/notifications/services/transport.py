"""One mail as it is carried, and what may go wrong on the way.

Flask-Mail's message is not used: it does not look for line breaks in extra headers, folds long headers into encoded
words that mail readers do not undo in `List-Unsubscribe`, and asks the resolver for our name for each mail. A failure
says what a caller must know: refused (for good or for now), server away (nothing was handed over), in doubt (no answer
to the last dot).
"""

import re
import time
from typing import Any

from smartskill.notifications.services.statuses import find_enhanced, is_address_gone
from smartskill.notifications.services.wire import write_bytes

CONTROL = re.compile(r"[\x00-\x1f\x7f]")


class HeaderRefused(ValueError):
    """A header holds a line break or another control character: somebody may be adding headers of their own."""


class NotCarried(Exception):
    """A mail was not handed over, or it is not known; `is_slow` where the server let the time run out."""

    is_slow = False


class ServerAway(NotCarried):
    """No server to talk to; nothing was handed over."""


class InDoubt(NotCarried):
    """The text went out and no answer came: the server may have it or not."""


class Refused(NotCarried):
    """The server said no: for good (5xx) or for now (4xx)."""

    def __init__(self, code: int, text: Any, *, is_recipient: bool = False) -> None:
        self.code, self.is_recipient = code, is_recipient
        self.text = text.decode("utf-8", "replace") if isinstance(text, bytes) else str(text)
        super().__init__(f"{code} {self.text}")

    @property
    def is_final(self) -> bool:
        """Whether trying again is pointless."""
        return self.code >= 500

    @property
    def is_hard_bounce(self) -> bool:
        """Whether the address itself is the reason: by the enhanced code (RFC 3463) where one is given."""
        return self.is_recipient and self.is_final and is_address_gone(self.enhanced, self.code)

    @property
    def enhanced(self) -> str | None:
        """The enhanced code, if the server gave one."""
        return find_enhanced(self.text)


class Letter:
    """A mail whose every header was looked at, text and HTML as alternatives."""

    def __init__(
        self,
        *,
        message_id: str,
        return_path: str,
        subject: str,
        sender: tuple[str, str],
        recipients: list[str],
        body: str,
        html: str,
        extra_headers: dict[str, str] | None = None,
    ) -> None:
        """Take the parts.

        Args:
            sender: name and address.
        Raises:
            HeaderRefused
        """
        self.date = time.time()
        self.wire: bytes | None = None
        self.message_id, self.return_path, self.subject = message_id, return_path, subject
        self.sender, self.recipients = f"{sender[0]} <{sender[1]}>", recipients
        self.body, self.html, self.extra_headers = body, html, extra_headers or {}
        headers = {"Message-ID": message_id, "Return-Path": return_path, "Subject": subject, "From": self.sender}
        headers |= {f"To {to}": to for to in recipients} | self.extra_headers
        for line in headers.items():
            if CONTROL.search("".join(line)):
                raise HeaderRefused(f"{CONTROL.sub('?', line[0])[:60]} holds a control character")

    def as_bytes(self) -> bytes:
        """The mail as it goes over the wire."""
        if self.wire is None:
            self.wire = write_bytes(self)
        return self.wire
