"""Carrying one mail: Flask-Mail's message and connection, made safe for a worker.

Flask-Mail 0.10 has no SMTP timeout, does not look for line breaks in extra headers, and folds long headers into encoded
words that mail readers do not undo in `List-Unsubscribe`; here each is put right. A failure says what a caller must
know: refused (for good or for now), server away (nothing was handed over), in doubt (no answer to the text).
"""

import re
import smtplib
import ssl
import time
from types import TracebackType
from typing import Any, Self

import flask_mail

from smartskill.database import now
from smartskill.extensions import mail
from smartskill.kit.settings import instance_folder, setting
from smartskill.notifications.services.wire import write_bytes

CONTROL = re.compile(r"[\x00-\x1f\x7f]")


class HeaderRefused(ValueError):
    """A header holds a line break or another control character: somebody may be adding headers of their own."""


class NotCarried(Exception):
    """A mail was not handed over, or it is not known."""


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
        if not (self.is_recipient and self.is_final):
            return False
        enhanced = re.match(r"5\.(\d{1,3})\.\d{1,3}\b", self.text)
        return enhanced[1] == "1" if enhanced else self.code in (550, 551, 553)


class Letter(flask_mail.Message):
    """A mail whose every header was looked at, text and HTML as alternatives."""

    def __init__(self, *, message_id: str, return_path: str, **given: Any) -> None:
        super().__init__(date=time.time(), **given)
        self.wire: bytes | None = None
        self.msgId, self.return_path = message_id, return_path
        headers = {"Message-ID": message_id, "Return-Path": return_path, "Subject": self.subject, "From": self.sender}
        headers |= {f"To {to}": to for to in self.recipients} | (self.extra_headers or {})
        for name, value in headers.items():
            if CONTROL.search(str(name)) or CONTROL.search(str(value)):
                raise HeaderRefused(f"{CONTROL.sub('?', str(name))[:60]} holds a control character")

    def as_bytes(self) -> bytes:
        """The mail as it goes over the wire."""
        if self.wire is None:
            self.wire = write_bytes(self)
        return self.wire


class _Timed:
    """Bounds a whole exchange in time, not only each read, and knows whether the text went out unanswered."""

    sock: Any
    ends_at = float("inf")
    is_in_doubt = False

    def begin(self, seconds: float) -> None:
        self.ends_at, self.is_in_doubt = time.monotonic() + seconds, False

    def _tighten(self) -> None:
        left = self.ends_at - time.monotonic()
        if left <= 0:
            raise TimeoutError("the mail server took too long")
        if self.sock is not None and left != float("inf"):
            self.sock.settimeout(left)

    def send(self, data: Any) -> None:
        self._tighten()
        super().send(data)  # type: ignore[misc]

    def getreply(self) -> tuple[int, bytes]:
        self._tighten()
        code, text = super().getreply()  # type: ignore[misc]
        self.is_in_doubt = code == 354  # the text follows; the next answer ends the doubt
        return code, text


class _Plain(_Timed, smtplib.SMTP):
    """SMTP, possibly upgraded by STARTTLS."""


class _Tls(_Timed, smtplib.SMTP_SSL):
    """SMTP over TLS from the first byte."""


class Post(flask_mail.Connection):
    """One SMTP connection that serves a batch; reopened where the server closed it between two mails."""

    host: Any = None

    def __enter__(self) -> Self:
        return self

    def __exit__(self, kind: type | None, error: BaseException | None, trace: TracebackType | None) -> None:
        if self.host is not None:
            self._hang_up()

    def open(self) -> None:
        """Connect, unless connected.

        Raises:
            ServerAway: it can't be reached, or does not let us in.
        """
        if self.host is not None and self.host.sock is not None:
            return
        self.num_emails = 0
        try:
            self.host = self.configure_host()
        except (smtplib.SMTPException, OSError) as error:
            self.host = None
            raise ServerAway(_words(error)) from error

    def configure_host(self) -> Any:
        """A connection that is greeted, encrypted and signed in as the settings say."""
        seconds = float(setting("MAIL_TIMEOUT"))
        more: dict[str, Any] = {"timeout": seconds, "local_hostname": setting("MAIL_DOMAIN")}
        if self.mail.use_ssl:
            host: Any = _Tls(self.mail.server, self.mail.port, context=ssl.create_default_context(), **more)
        else:
            host = _Plain(self.mail.server, self.mail.port, **more)
        try:
            host.begin(seconds)
            if self.mail.use_tls:
                host.starttls(context=ssl.create_default_context())
            if self.mail.username and self.mail.password:
                host.login(self.mail.username, self.mail.password)
            host.ehlo_or_helo_if_needed()
        except BaseException:
            host.close()
            raise
        return host

    def carry(self, letter: Letter) -> None:
        """Hand a mail to the server; on return the server has it.

        Raises:
            Refused, ServerAway, InDoubt: it has not, or it is not known.
        """
        was_used, began_at = self.num_emails > 0, time.monotonic()
        try:
            self._carry(letter)
        except ServerAway:
            if not was_used or time.monotonic() - began_at > 1:
                raise
            self._carry(letter)  # the server had closed an old connection: once more on a new one

    def _carry(self, letter: Letter) -> None:
        self.open()
        self.host.begin(float(setting("MAIL_TIMEOUT")))
        try:
            self.send(letter, envelope_from=letter.return_path)
        except smtplib.SMTPRecipientsRefused as error:
            [(code, text)] = error.recipients.values()
            raise Refused(code, text, is_recipient=True) from error
        except smtplib.SMTPResponseException as error:
            if isinstance(error, smtplib.SMTPDataError) and error.smtp_code < 200:  # an answer that is none
                raise self._lost(InDoubt, error) from error
            raise Refused(error.smtp_code, error.smtp_error) from error
        except smtplib.SMTPNotSupportedError as error:
            raise Refused(553, str(error)) from error
        except (smtplib.SMTPException, OSError) as error:
            raise self._lost(InDoubt if self.host.is_in_doubt else ServerAway, error) from error

    def _lost(self, fact: type[NotCarried], error: Exception) -> NotCarried:
        self.host.close()
        self.host = None
        return fact(_words(error))

    def _hang_up(self) -> None:
        try:
            self.host.begin(2)
            self.host.quit()
        except (smtplib.SMTPException, OSError):
            self.host.close()
        self.host = None


class Drawer:
    """Where mail lands without a server: a file per mail in `instance/mail/`, whole or not at all."""

    def __enter__(self) -> Self:
        return self

    def __exit__(self, *ignored: object) -> None:
        return None

    def open(self) -> None:
        """There is always a folder."""

    def carry(self, letter: Letter) -> None:
        """Write the mail down."""
        folder = instance_folder() / "mail"
        folder.mkdir(parents=True, exist_ok=True)
        name = f"{now():%Y%m%dT%H%M%S}-{letter.msgId.strip('<>').partition('@')[0]}"
        draft = folder / f"{name}.part"
        draft.write_bytes(letter.as_bytes())
        draft.rename(folder / f"{name}.eml")


def open_post() -> Post | Drawer:
    """The way out: the SMTP server of the settings, or files where there is none."""
    return Post(mail.connect().mail) if setting("MAIL_SERVER") else Drawer()


def _words(error: Exception) -> str:
    return f"{type(error).__name__}: {error}"[:200]
