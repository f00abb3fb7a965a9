"""The short keys in a mail's headers: which address unsubscribes, and to which one a bounce comes back.

Mail readers break or encode long `List-Unsubscribe` addresses; 22 characters of base64 hold the delivery's 128-bit key
and leave 39 for the host.
"""

import base64
import binascii
import logging
from uuid import UUID

from smartskill.kit.settings import setting
from smartskill.notifications.models import Delivery

log = logging.getLogger(__name__)
MOST = 72  # characters of the address


def unsubscribe_token(delivery: Delivery) -> str:
    """The delivery's key in 22 URL-safe characters."""
    return base64.urlsafe_b64encode(delivery.unsubscribe_key.bytes).decode().rstrip("=")


def read_unsubscribe_token(token: str) -> UUID | None:
    """The key in a token; None where it is none, or not written as we write it."""
    try:
        raw = base64.b64decode(f"{token}==", altchars=b"-_", validate=True)
    except (binascii.Error, ValueError):
        return None
    key = UUID(bytes=raw) if len(raw) == 16 else None
    return key if key and base64.urlsafe_b64encode(raw).decode().rstrip("=") == token else None


def unsubscribe_url(delivery: Delivery) -> str:
    """The address that the header and the footer name."""
    url = f"{setting('PUBLIC_URL')}/u/{unsubscribe_token(delivery)}"
    if len(url) > MOST:
        log.warning("PUBLIC_URL is long: unsubscribe addresses have %d characters, %d are safe", len(url), MOST)
    return url


def bounce_address(delivery: Delivery) -> str:
    """The envelope sender, which names the delivery (VERP), so that a bounce tells what bounced."""
    return f"bounce+{delivery.unsubscribe_key.hex}@{setting('MAIL_DOMAIN')}"
