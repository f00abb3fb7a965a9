"""Reading what mail servers send back: bounces (RFC 3464) and complaints (RFC 5965), from people we never met.

Nothing in them is believed but the key of a mail of ours: the address that the bounce was sent to (VERP), or in a
complaint that or another key of the mail that it quotes. The key must exist and the mail have gone out within
`MOST_AGE`; what is said twice counts once. Whatever else arrives is told apart by `read_report`'s answer and harmless.
"""

import logging
import re
from collections.abc import Iterator
from datetime import timedelta
from email import message_from_bytes
from email.message import Message
from email.utils import parseaddr
from typing import Any, NamedTuple
from uuid import UUID

from sqlalchemy import or_, select

from smartskill.database import now
from smartskill.extensions import db
from smartskill.notifications.models import Delivery
from smartskill.notifications.services.bounces import note_bounce
from smartskill.notifications.services.statuses import ENHANCED, is_address_gone
from smartskill.notifications.services.tokens import read_unsubscribe_token

log = logging.getLogger(__name__)
MOST_BYTES = 1_000_000
MOST_PARTS = 50
MOST_AGE = timedelta(days=14)
VERP = re.compile(r"bounce\+([0-9a-f]{32})@", re.IGNORECASE)
UNSUBSCRIBE = re.compile(r"/u/([\w-]{22})\b")
MESSAGE_ID = re.compile(r"<[0-9a-f]{32}@[^<>\s]{1,150}>")
DELIVERED_TO = ("Delivered-To", "X-Original-To", "Envelope-To", "X-Envelope-To", "X-Failed-Recipients", "To")
BASIC = re.compile(r"\b([245]\d\d)[ -]")
COMPLAINTS = ("abuse", "fraud", "virus", "other")


class Said(NamedTuple):
    """What a report says: `hard`, `soft` or `complaint`, and the status code behind it."""

    kind: str
    status: str | None = None


def read_report(raw: bytes, *, recipient: str = "") -> str:
    """Read one mail that came back, and do what follows.

    Args:
        recipient: the address it was delivered to, where the mail server says so.
    Returns:
        `hard`, `soft`, `complaint`; `repeated`: said before; `foreign`: of no mail of ours, or of an old one;
        `ignored`: no bounce, such as a delay or somebody's automatic answer; `unreadable`.
    """
    try:
        message = message_from_bytes(raw[:MOST_BYTES])
        said, row = _read(message), None
        if said is not None:
            row = _find_mail(message, recipient, said.kind)
    except Exception:  # the parser is lenient, and yet: hostile input must not stop those behind it
        log.exception("a report of %d bytes could not be read", len(raw))
        return "unreadable"
    if said is None:
        return "ignored"
    if row is None:
        return "foreign"
    return said.kind if note_bounce(row, said.kind, status=said.status) else "repeated"


def _read(message: Message) -> Said | None:
    for part in _parts(message):
        kind = part.get_content_type()
        if kind == "message/delivery-status":
            return _read_status(part)
        if kind == "message/feedback-report":
            return _read_complaint(part)
    return None


def _parts(message: Message) -> Iterator[Message]:
    for place, part in enumerate(message.walk()):
        if place >= MOST_PARTS:
            return
        yield part


def _read_status(part: Message) -> Said | None:
    """A delivery status: its first block is about the report, each other about a recipient; ours have one."""
    blocks = part.get_payload()
    for block in blocks if isinstance(blocks, list) else []:
        action = _text(block, "Action").lower()
        if action == "failed":
            return _judge(_text(block, "Status"), _text(block, "Diagnostic-Code"))
    return None


def _judge(status: str, diagnostic: str) -> Said:
    """A failure: for good and because of the address, or not."""
    found, inner = ENHANCED.search(status), ENHANCED.search(diagnostic)
    code = found[0] if found else None
    if inner and code in (None, "5.0.0", "4.0.0", "5.5.0"):  # the reporter says nothing: the answer that it quotes does
        code = inner[0]
    basic = BASIC.search(diagnostic)
    number = int(basic[1]) if basic else 0
    is_gone = code is not None and code.startswith("5") and is_address_gone(code, number)
    if code == "5.4.1" and "recipient address rejected" in diagnostic.lower():  # as Exchange says it
        is_gone = True
    return Said("hard" if is_gone or (code is None and is_address_gone(None, number)) else "soft", code)


def _read_complaint(part: Message) -> Said | None:
    blocks = part.get_payload()
    block = blocks[0] if isinstance(blocks, list) and blocks else message_from_bytes(_bytes_of(part))
    kind = _text(block, "Feedback-Type").lower()
    return Said("complaint") if kind in COMPLAINTS else None


def _bytes_of(part: Message) -> bytes:
    payload = part.get_payload(decode=True)
    return payload if isinstance(payload, bytes) else b""


def _text(message: Any, name: str) -> str:
    return " ".join(str(message.get(name, "")).split())[:1000]


def _find_mail(message: Message, recipient: str, kind: str) -> Delivery | None:
    """The mail it is about, if it went out not long ago."""
    keys = [*_verp_keys([recipient, *_addresses(message)])]
    ids: list[str] = []
    if kind == "complaint":  # sent to whoever looks after abuse: the mail that it quotes says which it was
        for part in _parts(message):
            text = "\n".join(f"{name}: {value}" for name, value in part.items())[:20_000]
            text += str(part.get_payload())[:20_000] if not part.is_multipart() else ""
            keys += _verp_keys([text])
            keys += [key for token in UNSUBSCRIBE.findall(text) if (key := read_unsubscribe_token(token))]
            ids += MESSAGE_ID.findall(text)
    if not keys and not ids:
        return None
    named = or_(Delivery.unsubscribe_key.in_(keys[:20]), Delivery.message_id.in_(ids[:20]))
    recent = Delivery.sent_at > now() - MOST_AGE
    return db.session.scalar(select(Delivery).where(named, recent).order_by(Delivery.id).limit(1))


def _addresses(message: Message) -> Iterator[str]:
    for name in DELIVERED_TO:
        for value in message.get_all(name, [])[:5]:
            yield parseaddr(str(value))[1]


def _verp_keys(texts: list[str]) -> list[UUID]:
    return [UUID(hex=key) for text in texts for key in VERP.findall(text)[:5]]
