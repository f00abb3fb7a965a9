"""A letter as the bytes that go over the wire: headers of ASCII, text and HTML as alternatives in short lines.

Written straight down rather than through the library's message objects, which parse and fold each header several times
and take ten times as long as all the rest of a mail. What needs care is the library's still: quoted-printable, encoded
words, addresses. Extra headers stay on one line up to RFC 5322's 998 characters: folding would turn the address in
`List-Unsubscribe` into encoded words, which mail programs do not undo there.
"""

import binascii
import re
from collections.abc import Iterable, Iterator
from datetime import UTC, datetime
from email.charset import QP, Charset
from email.utils import format_datetime
from functools import lru_cache
from smtplib import quoteaddr
from typing import TYPE_CHECKING, Any

from flask_mail import sanitize_address

if TYPE_CHECKING:
    from smartskill.notifications.services.transport import Letter

LONGEST = 998  # characters of a line
ENCODED = 62  # characters inside one encoded word, which has at most 75 with its frame
PLAIN_ADDRESS = re.compile(r"[A-Za-z0-9._+-]+@[A-Za-z0-9.-]+")
END_OF_STYLES = "</style>\n"
PART = b'--%b\r\nContent-Type: text/%b; charset="utf-8"\r\nContent-Transfer-Encoding: quoted-printable\r\n\r\n'
WORDS = Charset("utf-8")
WORDS.header_encoding = QP


class HeaderTooLong(ValueError):
    """A header does not fit on one line."""


def write_bytes(letter: "Letter") -> bytes:
    """The whole mail.

    Raises:
        HeaderTooLong
    """
    # No line of quoted-printable holds "=_", so the parts never hold the line that parts them.
    boundary = f"=_{re.sub(r'[^A-Za-z0-9]', '', letter.message_id)[:40]}"
    lines = [*(_line(name, value) for name, value in _headers(letter, boundary)), "", ""]
    parts = ["\r\n".join(lines).encode("ascii")]
    for subtype, text in (("plain", letter.body), ("html", letter.html)):
        parts += [PART % (boundary.encode(), subtype.encode()), *quoted(text), b"\r\n"]
    return b"".join([*parts, b"--%b--\r\n" % boundary.encode()])


def _headers(letter: "Letter", boundary: str) -> Iterator[tuple[str, str]]:
    yield "MIME-Version", "1.0"
    yield "Content-Type", f'multipart/alternative; boundary="{boundary}"'
    yield "Subject", encoded(letter.subject)
    yield "From", _address(letter.sender)
    yield "To", ", ".join(map(_address, letter.recipients))
    yield "Date", format_datetime(datetime.fromtimestamp(letter.date, UTC))
    yield "Message-ID", letter.message_id
    for name, value in letter.extra_headers.items():
        yield name, value if value.isascii() else encoded(value)


def _line(name: str, value: str) -> str:
    line = f"{name}: {value}"
    if len(line) > LONGEST and any(len(part) > LONGEST for part in line.split("\r\n")):
        raise HeaderTooLong(f"{name} has {len(line)} characters, a line holds {LONGEST}")
    return line


def quoted(text: str) -> tuple[bytes, bytes]:
    """A text in quoted-printable (RFC 2045), its lines at most 76 characters and ended as in mail.

    What comes before the end of the styles, if there are any, is remembered: mails of a language have it in common.
    """
    head, found, rest = text.partition(END_OF_STYLES)
    return (_quoted_head(head + found), _quoted(rest)) if found else (b"", _quoted(text))


def _quoted(text: str) -> bytes:
    lines = text.replace("\r\n", "\n").replace("\r", "\n").encode()
    return binascii.b2a_qp(lines, istext=True).replace(b"\n", b"\r\n")


_quoted_head = lru_cache(maxsize=16)(_quoted)


def encoded(text: str) -> str:
    """A header's words: as they are where they are ASCII, else as encoded words (RFC 2047), each on a line."""
    if text.isascii() and "=?" not in text:
        return text
    return "\r\n ".join(WORDS.header_encode(part) for part in _pieces(text))


def _pieces(text: str) -> Iterable[str]:
    """The text in pieces that fit into an encoded word each, no character torn."""
    start = used = 0
    for place, character in enumerate(text):
        size = 1 if character.isascii() and (character.isalnum() or character == " ") else 3 * len(character.encode())
        if used + size > ENCODED:
            yield text[start:place]
            start, used = place, 0
        used += size
    yield text[start:]


@lru_cache(maxsize=64)
def _sender(address: Any) -> str:
    return sanitize_address(address)


def _address(address: Any) -> str:
    """An address as a header and the server take it; names and foreign domains are encoded."""
    if isinstance(address, str) and PLAIN_ADDRESS.fullmatch(address):
        return address
    return _sender(address)


def bracketed(address: str) -> str:
    """An address as the envelope takes it. A plain one is not parsed, which would take longer than all else."""
    if PLAIN_ADDRESS.fullmatch(address):
        return f"<{address}>"
    return quoteaddr(sanitize_address(address))
