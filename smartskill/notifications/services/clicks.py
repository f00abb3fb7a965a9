"""Links in mails that lead through `/c/…`, so that we learn which mail was worth reading: first-party, signed, short.

A link never signs anybody in and leads nowhere but to a page of ours: its token holds the delivery's number, a place in
the closed list below and at most one number, all signed. A path that is not in the list stays as it is, and so does
every link of account mail, and the one that confirms levels: a click is stored with its path, that link's token must
not be stored, and what it confirms is recorded as just that. Scanners follow links too: what looks like one is marked
as automated, and no click counts as meaningful activity.
"""

import base64
import binascii
import hmac
import re
import struct
from datetime import datetime, timedelta
from functools import lru_cache
from typing import NamedTuple

from sqlalchemy import select
from sqlalchemy.dialects.postgresql import insert

from smartskill.activity.services.consent import may
from smartskill.activity.services.recording import record
from smartskill.database import now
from smartskill.extensions import db
from smartskill.kit.errors import NotFound
from smartskill.kit.settings import setting
from smartskill.notifications.models import Click, Delivery, Notification

# Links live for years, and a token holds the place in this list: only ever add at its end. `{}` is one number.
PAGES = (
    "/",
    "/profile",
    "/inbox",
    "/settings/notifications",
    "/qualifications",
    "/experts",
    "/people/{}",
    "/skills/{}",
    "/qualifications/{}",
    "/roles/{}",
    "/teams/{}",
    "/inbox/{}",
    "/skills",
    "/roles",
    "/teams",
    "/experience",
    "/settings",
    "/settings/privacy",
    "/qualification/{}",
    "/matrix",
    "/suggestions",
    "/gaps",
    "/learning",
    "/searches/{}",
)
PLACES = {page: place for place, page in enumerate(PAGES)}
NUMBER = re.compile(r"(?<=/)[1-9][0-9]{0,9}$")
TOO_SOON = timedelta(seconds=10)  # after sending: mail is scanned on arrival, and nobody reads that fast
TOKEN = struct.Struct(">IBI")
SIGNATURE_BYTES = 9  # 18 bytes in all are 24 characters, without padding
MOST = 2**32


class ClickUnknown(NotFound):
    """This link does not belong to any mail of ours."""


class Target(NamedTuple):
    """What a token names."""

    delivery_id: int
    path: str


def click_url(delivery: Delivery, path: str) -> str:
    """The whole address of a link of a mail: through `/c/…` where that is of use, else the page itself."""
    number = NUMBER.search(path)
    page = f"{path[: number.start()]}{{}}" if number else path
    value = int(number[0]) if number else 0
    is_counted = delivery.id is not None and delivery.mail_class != "account"
    if not (is_counted and page in PLACES and value < MOST):
        return f"{setting('PUBLIC_URL')}{path}" if path.startswith("/") else path
    said = TOKEN.pack(delivery.id, PLACES[page], value)
    token = base64.urlsafe_b64encode(said + _signature(said)).decode()
    return f"{setting('PUBLIC_URL')}/c/{token}"


def read_click(token: str) -> Target:
    """The mail and the page that a token names.

    Raises:
        ClickUnknown: it was not made by us.
    """
    try:
        raw = base64.b64decode(token, altchars=b"-_", validate=True)
    except (binascii.Error, ValueError):
        raise ClickUnknown() from None
    said, signature = raw[: TOKEN.size], raw[TOKEN.size :]
    if len(said) < TOKEN.size or not hmac.compare_digest(signature, _signature(said)):
        raise ClickUnknown()
    delivery_id, place, value = TOKEN.unpack(said)
    return Target(delivery_id, PAGES[place].format(value))


def note_click(target: Target, *, is_automated: bool) -> None:
    """Remember a click, once for a mail and page by a person and once by machines, if its reader allows that."""
    row = db.session.get(Delivery, target.delivery_id)
    if row is None or row.user_id is None or not may(row.user_id, "tracking"):
        return
    at = now()
    is_automated = is_automated or _is_too_soon(row.sent_at, at)
    facts = {"delivery_id": row.id, "path": target.path, "is_automated": is_automated, "clicked_at": at}
    found = insert(Click).values(facts).on_conflict_do_nothing().returning(Click.delivery_id)
    if db.session.scalar(found) is None:
        return
    decided = select(Notification.decision_id).where(
        Notification.delivery_id == row.id, Notification.decision_id.is_not(None)
    )
    record(
        row.user_id,
        "email_clicked",
        source="system" if is_automated else "email",
        subject_type="delivery",
        subject_id=row.id,
        decision_id=db.session.scalar(decided.limit(1)),
        props={"delivery_id": row.id},
    )


def _is_too_soon(sent_at: datetime | None, at: datetime) -> bool:
    return sent_at is None or at - sent_at < TOO_SOON


def _signature(said: bytes) -> bytes:
    signed = _signer(str(setting("SECRET_KEY"))).copy()
    signed.update(said)
    return signed.digest()[:SIGNATURE_BYTES]


@lru_cache(maxsize=4)
def _signer(key: str) -> hmac.HMAC:
    """What signs with a key, begun: a mail has several links."""
    return hmac.new(key.encode(), b"click:", "sha256")
