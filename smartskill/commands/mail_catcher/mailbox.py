"""The caught mails: one `.eml` file each, named so that names sort by arrival."""

import email
import os
import re
import secrets
from collections.abc import Iterator
from dataclasses import dataclass
from datetime import UTC, datetime
from email.errors import HeaderParseError
from email.header import decode_header, make_header
from email.message import Message
from email.policy import compat32
from functools import lru_cache
from pathlib import Path

NAME = re.compile(r"^\d{8}T\d{12}-[0-9a-f]{8}$")


@dataclass(frozen=True)
class Summary:
    """What a list shows of a mail; headers as text, whatever they held."""

    id: str
    sender: str
    recipients: list[str]
    subject: str
    message_id: str
    received_at: str
    size_bytes: int


@dataclass(frozen=True)
class Attachment:
    """A part that is neither the text nor the HTML of the mail."""

    number: int
    filename: str
    content_type: str
    content: bytes
    content_id: str


class Mailbox:
    """A folder of mails."""

    def __init__(self, folder: Path) -> None:
        self.folder = folder
        folder.mkdir(mode=0o700, parents=True, exist_ok=True)

    def store(self, content: bytes, sender: str, recipients: list[str]) -> str:
        """Keep a mail as an MTA would, with the envelope in its first headers; it is on disk when this returns."""
        name = f"{datetime.now(UTC):%Y%m%dT%H%M%S%f}-{secrets.token_hex(4)}"
        envelope = [f"Return-Path: <{sender}>", *(f"Delivered-To: {recipient}" for recipient in recipients)]
        draft = self.folder / f".{name}"
        with draft.open("xb") as file:
            file.write("".join(f"{line}\r\n" for line in envelope).encode("utf-8", "replace") + content)
            file.flush()
            os.fsync(file.fileno())
        draft.rename(self.folder / f"{name}.eml")
        return name

    def names(self) -> list[str]:
        """The mails' ids, newest first."""
        found = (entry.name[:-4] for entry in os.scandir(self.folder) if entry.name.endswith(".eml"))
        return sorted((name for name in found if NAME.match(name)), reverse=True)

    def search(self, words: str = "", recipient: str = "") -> Iterator[Summary]:
        """The mails that hold all the words in subject or addresses, newest first."""
        wanted = words.lower().split()
        for name in self.names():
            found = self.find_summary(name)
            if found is None:
                continue
            text = " ".join([found.subject, found.sender, *found.recipients]).lower()
            if all(word in text for word in wanted) and (
                not recipient or recipient.lower() in map(str.lower, found.recipients)
            ):
                yield found

    def find_raw(self, name: str) -> bytes | None:
        """The mail as it is stored, or None; an id that isn't one of ours is none."""
        if not NAME.match(name):
            return None
        try:
            return (self.folder / f"{name}.eml").read_bytes()
        except FileNotFoundError:
            return None

    def find_summary(self, name: str) -> Summary | None:
        """The mail's summary, or None."""
        return _summary(self.folder / f"{name}.eml") if NAME.match(name) else None

    def empty(self) -> int:
        """Delete every mail; returns how many there were."""
        names = self.names()
        for name in names:
            (self.folder / f"{name}.eml").unlink(missing_ok=True)
        return len(names)


@lru_cache(maxsize=5000)  # a stored mail never changes; a deleted one is in no list
def _summary(path: Path) -> Summary | None:
    try:
        raw = path.read_bytes()
    except FileNotFoundError:
        return None
    message = parse(raw)
    return Summary(
        id=path.stem,
        sender=header(message, "From") or header(message, "Return-Path"),
        recipients=[value for name, value in headers(message) if name == "Delivered-To"],
        subject=header(message, "Subject") or "(no subject)",
        message_id=header(message, "Message-ID"),
        received_at=datetime.strptime(path.stem[:21], "%Y%m%dT%H%M%S%f").replace(tzinfo=UTC).isoformat(),
        size_bytes=len(raw),
    )


def parse(raw: bytes) -> Message:
    """The mail's parts, by the forgiving parser: the modern one raises on much of what can arrive."""
    return email.message_from_bytes(raw, policy=compat32)


def header(message: Message, name: str) -> str:
    """A header as text; one that can't be decoded as it came."""
    raw = next((value for key, value in headers(message) if key.lower() == name.lower()), "")
    try:
        return _printable(str(make_header(decode_header(raw))).replace("\r", "").replace("\n", ""))
    except (ValueError, LookupError, HeaderParseError):
        return raw


def headers(message: Message) -> list[tuple[str, str]]:
    """All headers as they came, in their order."""
    return [(_printable(name), _printable(str(value))) for name, value in message.raw_items()]


def _printable(text: str) -> str:
    """Without what can't be sent on as UTF-8: bytes beyond ASCII come as lone surrogates."""
    return text.encode("utf-8", "surrogateescape").decode("utf-8", "replace")


def body(message: Message, kind: str) -> str | None:
    """The mail's `plain` or `html` body, or None."""
    part = _find_body(message, kind)
    if part is None:
        return None
    content = _content(part)
    try:
        return content.decode(str(part.get_content_charset("utf-8")), "replace")
    except (LookupError, ValueError):  # a charset that nobody knows
        return content.decode("utf-8", "replace")


def _find_body(message: Message, kind: str) -> Message | None:
    wanted = f"text/{kind}"
    return next(
        (part for part in _leaves(message) if part.get_content_type() == wanted and not _is_attached(part)), None
    )


def _leaves(message: Message) -> Iterator[Message]:
    return (part for part in message.walk() if not part.is_multipart())


def _is_attached(part: Message) -> bool:
    return str(part.get("Content-Disposition", "")).lower().startswith("attachment")


def _content(part: Message) -> bytes:
    try:
        payload = part.get_payload(decode=True)
    except ValueError:
        payload = str(part.get_payload()).encode("utf-8", "replace")
    return payload if isinstance(payload, bytes) else b""


def _filename(part: Message) -> str | None:
    try:
        return _printable(part.get_filename() or "") or None
    except (ValueError, LookupError, TypeError):
        return None


def attachments(message: Message) -> list[Attachment]:
    """Every leaf that is not a body, pictures within the HTML included."""
    bodies = [_find_body(message, kind) for kind in ("plain", "html")]
    leaves = [part for part in _leaves(message) if not any(part is body for body in bodies)]
    return [
        Attachment(
            number=number,
            filename=_filename(part) or f"part-{number}",
            content_type=part.get_content_type(),
            content=_content(part),
            content_id=str(part.get("Content-ID", "")).strip("<> "),
        )
        for number, part in enumerate(leaves, start=1)
    ]
