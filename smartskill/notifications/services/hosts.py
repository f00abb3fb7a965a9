"""The library's SMTP clients: each exchange bounded in time as a whole, and what the server has said already known."""

import smtplib
import time
from typing import Any

Reply = tuple[int, bytes]


class Heard:
    """What the server said, in lines; stands in for the file that the library reads replies from.

    A file would not tell how much of it is here without waiting for more.
    """

    def __init__(self, sock: Any) -> None:
        self.sock, self.waiting = sock, b""

    def readline(self, limit: int) -> bytes:
        """The next line with its end, or what there is of it where the server hung up or does not end it."""
        while (end := self.waiting.find(b"\n", 0, limit) + 1) == 0 and len(self.waiting) < limit:
            more = self.sock.recv(65536)
            if not more:
                break
            self.waiting += more
        end = end or limit
        line, self.waiting = self.waiting[:end], self.waiting[end:]
        return line

    def count(self) -> int:
        """How many lines are here."""
        return self.waiting.count(b"\n")

    def close(self) -> None:
        """Forget what was said."""
        self.waiting = b""


class _Timed:
    """Bounds a whole exchange in time, not only each read."""

    sock: Any
    file: Any
    ends_at = float("inf")

    def begin(self, seconds: float) -> None:
        self.ends_at = time.monotonic() + seconds

    def _tighten(self) -> None:
        left = self.ends_at - time.monotonic()
        if left <= 0:
            raise TimeoutError("the mail server took too long")
        if self.sock is not None and left != float("inf"):
            self.sock.settimeout(left)

    def send(self, data: Any) -> None:
        self._tighten()
        super().send(data)  # type: ignore[misc]

    def getreply(self) -> Reply:
        if self.file is None and self.sock is not None:
            self.file = Heard(self.sock)
        if not self.has_said(1):
            self._tighten()
        return super().getreply()  # type: ignore[misc]

    def has_said(self, lines: int) -> bool:
        """Whether so many lines of replies are here and can be read without waiting."""
        return self.file is not None and self.file.count() >= lines


class Plain(_Timed, smtplib.SMTP):
    """SMTP, possibly upgraded by STARTTLS."""


class Tls(_Timed, smtplib.SMTP_SSL):
    """SMTP over TLS from the first byte."""
