"""The way out: one SMTP connection that serves many mails, or a folder.

The sender, the recipient and `DATA` go in one write where the server takes that (RFC 2920), and together with the
last dot of the mail before where it answers at once. The last dot waits until the caller has noted that it goes out:
only from then on the server may have the mail.
"""

import smtplib
import socket
import ssl
import time
from collections.abc import Callable
from types import TracebackType
from typing import Any, Self

import flask_mail

from smartskill.database import now
from smartskill.extensions import mail
from smartskill.kit.settings import instance_folder, setting
from smartskill.notifications.services.hosts import Plain, Reply, Tls
from smartskill.notifications.services.transport import InDoubt, Letter, NotCarried, Refused, ServerAway
from smartskill.notifications.services.wire import bracketed

Edge = Callable[[], None]
ENVELOPE_LINES = 3  # of the replies to sender, recipient and `DATA`
QUICK = 0.002  # seconds: a server that takes longer for an envelope is not asked about the next one with a dot


def _nothing() -> None:
    pass


class Post(flask_mail.Connection):
    """One SMTP connection; reopened where the server closed it between two mails."""

    host: Any = None
    asked_for: Letter | None = None  # the mail whose envelope went out behind the last dot
    is_quick = False

    def __enter__(self) -> Self:
        return self

    def __exit__(self, kind: type | None, error: BaseException | None, trace: TracebackType | None) -> None:
        if self.host is not None:
            self._hang_up()

    @property
    def is_open(self) -> bool:
        """Whether there is a connection."""
        return self.host is not None and self.host.sock is not None

    def open(self) -> None:
        """Connect, unless connected.

        Raises:
            ServerAway: it can't be reached, or does not let us in.
        """
        if self.is_open:
            return
        self.num_emails, self.asked_for, self.is_quick = 0, None, False
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
            host: Any = Tls(self.mail.server, self.mail.port, context=ssl.create_default_context(), **more)
        else:
            host = Plain(self.mail.server, self.mail.port, **more)
        try:
            host.begin(seconds)
            host.sock.setsockopt(socket.IPPROTO_TCP, socket.TCP_NODELAY, 1)  # the last dot must not wait for company
            if self.mail.use_tls:
                host.starttls(context=ssl.create_default_context())
            if self.mail.username and self.mail.password:
                host.login(self.mail.username, self.mail.password)
            host.ehlo_or_helo_if_needed()
        except BaseException:
            host.close()
            raise
        return host

    def carry(
        self, letter: Letter, before_dot: Edge = _nothing, meanwhile: Edge = _nothing, following: Letter | None = None
    ) -> None:
        """Hand a mail to the server; on return the server has it.

        Args:
            before_dot: called when all but the last dot is out; what it raises ends the connection without the dot.
            meanwhile: called first, at once, or while the server looks at the envelope, and left out where the server
                has looked already; it may be called again.
            following: the mail that is carried next, if all goes well.
        Raises:
            Refused, ServerAway, InDoubt: it has not, or it is not known.
        """
        was_used, began_at = self.num_emails > 0, time.monotonic()
        edges = (before_dot, meanwhile)
        try:
            self._carry(letter, edges, following)
        except ServerAway as error:
            if not was_used or error.is_slow or time.monotonic() - began_at > 1:
                raise
            self._carry(letter, edges, following)  # the server had closed an old connection: once more on a new one
        self.num_emails += 1

    def _carry(self, letter: Letter, edges: tuple[Edge, Edge], following: Letter | None) -> None:
        before_dot, meanwhile = edges
        if self.asked_for not in (None, letter):
            self._drop()  # it waits for the text of another
        if not self.is_open:
            meanwhile()  # connecting may take long
        self.open()
        self.host.begin(float(setting("MAIL_TIMEOUT")))
        is_dot_out = False
        try:
            self._announce(letter, meanwhile)
            self.host.send(_stuffed(letter.as_bytes()))
            before_dot()
            is_dot_out = True
            reply = self._end_text(following)
        except (smtplib.SMTPException, OSError) as error:
            raise self._lost(error, is_dot_out) from error
        except NotCarried:
            raise
        except BaseException:
            self._drop()
            raise
        self._judge(reply)

    def _end_text(self, following: Letter | None) -> Reply:
        """The last dot, and where the server is quick the next envelope with it; returns the reply to the dot."""
        ahead = _commands(following) if following and self.is_quick else None
        began_at = time.monotonic()
        if ahead:
            self.host.send(f".\r\n{_lines(ahead)}")
            self.asked_for = following
        else:
            self.host.send(b".\r\n")
        reply = self.host.getreply()
        self.is_quick = self.is_quick and time.monotonic() - began_at < QUICK
        return reply

    def _announce(self, letter: Letter, meanwhile: Edge) -> None:
        """Sender, recipient, `DATA`; returns when the server waits for the text."""
        if self.asked_for is letter:
            replies = self._hear(meanwhile)
        else:
            commands = _commands(letter)
            if commands is None:
                raise Refused(553, "an address needs SMTPUTF8, which is not spoken here")
            replies = self._ask(commands, meanwhile)
        if [code for code, _ in replies] in ([250, 250, 354], [250, 251, 354]):
            return
        if len(replies) == 3 and replies[2][0] == 354:  # it takes a text for nobody: an empty one
            self.host.send(b".\r\n")
            self.host.getreply()
        place, (code, text) = next(found for found in enumerate(replies) if not 200 <= found[1][0] < 300)
        if code == 421 or code < 200:
            raise smtplib.SMTPServerDisconnected(f"{code} {text!r}")
        self.host.rset()
        raise Refused(code, text, is_recipient=place == 1)

    def _hear(self, meanwhile: Edge) -> list[Reply]:
        """The replies to the envelope that was sent with the last dot; they are mostly here."""
        self.asked_for = None
        if not self.host.has_said(ENVELOPE_LINES):
            self.is_quick = False
            meanwhile()
        return [self.host.getreply() for _ in range(ENVELOPE_LINES)]

    def _ask(self, commands: tuple[str, ...], meanwhile: Edge) -> list[Reply]:
        if self.host.has_extn("pipelining"):
            self.host.send(_lines(commands))
            meanwhile()
            began_at = time.monotonic()
            replies = [self.host.getreply() for _ in commands]
            self.is_quick = time.monotonic() - began_at < QUICK
            return replies
        meanwhile()
        replies = []
        for command in commands:
            replies.append(self.host.docmd(command))
            if not 200 <= replies[-1][0] < 300:
                break
        return replies

    def _judge(self, reply: Reply) -> None:
        code, text = reply
        if 200 <= code < 300:
            return
        if code < 400:  # an answer that is none
            raise self._lost(smtplib.SMTPDataError(code, text), True)
        if code == 421:
            self._drop()
        raise Refused(code, text)

    def _lost(self, error: Exception, is_dot_out: bool) -> NotCarried:
        self._drop()
        lost = (InDoubt if is_dot_out else ServerAway)(_words(error))
        lost.is_slow = isinstance(error, TimeoutError) or isinstance(
            error.__context__, TimeoutError
        )  # as smtplib has it
        return lost

    def _drop(self) -> None:
        self.host.close()
        self.host = self.asked_for = None

    def _hang_up(self) -> None:
        if self.asked_for:
            self._drop()  # it waits for a text, and would take a farewell for one
            return
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

    def carry(
        self, letter: Letter, before_dot: Edge = _nothing, meanwhile: Edge = _nothing, following: Letter | None = None
    ) -> None:
        """Write the mail down."""
        meanwhile()
        folder = instance_folder() / "mail"
        folder.mkdir(parents=True, exist_ok=True)
        name = f"{now():%Y%m%dT%H%M%S}-{letter.message_id.strip('<>').partition('@')[0]}"
        draft = folder / f"{name}.part"
        draft.write_bytes(letter.as_bytes())
        before_dot()
        draft.rename(folder / f"{name}.eml")


def open_post() -> Post | Drawer:
    """The way out: the SMTP server of the settings, or files where there is none."""
    return Post(mail.connect().mail) if setting("MAIL_SERVER") else Drawer()


def _commands(letter: Letter) -> tuple[str, ...] | None:
    """The envelope of a mail; None where its addresses cannot be said in ASCII."""
    [to] = letter.recipients
    sender, recipient = bracketed(letter.return_path), bracketed(to)
    if not (sender.isascii() and recipient.isascii()):
        return None
    return (f"MAIL FROM:{sender}", f"RCPT TO:{recipient}", "DATA")


def _lines(commands: tuple[str, ...]) -> str:
    return "".join(f"{command}\r\n" for command in commands)


def _stuffed(text: bytes) -> bytes:
    """The text as `DATA` takes it: whole lines, a dot that begins one doubled."""
    whole = text if text.endswith(b"\r\n") else text + b"\r\n"
    return (b"." + whole if whole.startswith(b".") else whole).replace(b"\n.", b"\n..")


def _words(error: Exception) -> str:
    return f"{type(error).__name__}: {error}"[:200]
