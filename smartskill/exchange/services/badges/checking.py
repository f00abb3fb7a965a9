"""What an Open Badges 3.0 credential proves: who issued it, to whom, and that it holds today.

A signature alone proves nothing about the issuer: anybody can sign with a key of their own. So a credential is only
looked at where its issuer is one the organisation lists, and only then is another host asked (for the issuer's key by
`did:web`, for the status list), over https, public addresses only, within limits of size and time.

Source: Open Badges Specification 3.0 (1EdTech), W3C Verifiable Credentials, Bitstring Status List; by openbadgeslib.
"""

import json
import re
from collections.abc import Callable
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

if TYPE_CHECKING:
    from openbadgeslib.ob3 import OpenBadgeCredential

TOKEN = re.compile(rb"\s*[A-Za-z0-9_-]+\.[A-Za-z0-9_-]+\.[A-Za-z0-9_-]+\s*")
PNG = b"\x89PNG\r\n\x1a\n"
DID = "did:"


class BadgeRefused(Exception):
    """The credential proves nothing; the text says why, for the person who handed it in."""


class IssuerUnreachable(Exception):
    """Another host had to be asked and did not answer: try again later."""


@dataclass(frozen=True)
class Trusted:
    """An issuer that the organisation lists."""

    identifier: str
    public_key: str | None


def looks_like_badge(content: bytes) -> bool:
    """Whether bytes may be a credential: a compact JWT, a JSON object, or a PNG or SVG with one baked in."""
    start = content[:512].lstrip()
    return content.startswith(PNG) or start[:1] in (b"{", b"<") or TOKEN.fullmatch(content) is not None


def read_credential(content: bytes) -> str:
    """The credential as text: a compact JWT or a JSON document.

    Raises:
        BadgeRefused: there is none in it.
    """
    from openbadgeslib.errors import LibOpenBadgesException
    from openbadgeslib.ob3 import OB3Verifier

    try:
        if content.startswith(PNG):
            return str(OB3Verifier.extract_token_from_png(content))
        if content[:512].lstrip().startswith(b"<"):
            return str(OB3Verifier.extract_token_from_svg(content))
        return content.decode("utf-8").strip()
    except (LibOpenBadgesException, ValueError) as error:
        raise BadgeRefused("There is no Open Badges 3.0 credential in this file.") from error


def read_issuer(text: str) -> str:
    """Who a credential says issued it; nothing of it is proven yet.

    Raises:
        BadgeRefused: it does not say.
    """
    import jwt

    try:
        claims = json.loads(text) if text.startswith("{") else jwt.decode(text, options={"verify_signature": False})
        issuer = claims["issuer"]
        issuer = issuer["id"] if isinstance(issuer, dict) else issuer
    except (jwt.PyJWTError, ValueError, KeyError, TypeError, RecursionError) as error:
        raise BadgeRefused("This is no Open Badges 3.0 credential.") from error
    if not isinstance(issuer, str) or "\x00" in issuer:
        raise BadgeRefused("The credential does not name its issuer.")
    return issuer


def check_credential(text: str, issuer: Trusted, fetch: Callable[[str], bytes]) -> "OpenBadgeCredential":
    """Prove signature, dates and status of a credential by its listed issuer.

    Raises:
        BadgeRefused: wrong signature, expired, not valid yet, revoked, suspended, malformed.
        IssuerUnreachable: the key or the status list could not be fetched.
    """
    from openbadgeslib.errors import LibOpenBadgesException

    asking = _Asking(fetch)
    try:
        verifier = _verifier(text, issuer, asking)
        credential = verifier.verify(text, check_status=True, download=asking)
    except LibOpenBadgesException as error:
        if asking.failed_at:
            raise IssuerUnreachable(f"{asking.failed_at} did not answer.") from error
        raise BadgeRefused(f"{error}.") from error
    if credential.issuer.id != issuer.identifier:
        raise BadgeRefused("The credential names another issuer than the one who signed it.")
    return credential


def is_for(credential: "OpenBadgeCredential", email: str) -> bool | None:
    """Whether the credential was issued to this address; None where it names its holder in a way we don't know."""
    from openbadgeslib.util import hash_email

    known: list[bool] = []
    holder = credential.recipient_id
    if holder and holder.lower().startswith("mailto:"):
        known.append(holder[len("mailto:") :].lower() == email.lower())
    for identity in credential.identifiers:
        if identity.identity_type == "emailAddress":
            said = hash_email(email.lower(), identity.salt or "").decode() if identity.hashed else email.lower()
            known.append(identity.identity_hash.lower() == said.lower())
    return any(known) if known else None


class _Asking:
    """Asks another host, and remembers which did not answer: a refusal and a broken line must not be confused."""

    def __init__(self, fetch: Callable[[str], bytes]) -> None:
        self.fetch = fetch
        self.failed_at: str | None = None

    def __call__(self, url: str) -> bytes:
        try:
            return self.fetch(url)
        except Exception:
            self.failed_at = url
            raise


def _verifier(text: str, issuer: Trusted, download: Callable[[str], bytes]) -> Any:
    from openbadgeslib.ob3 import OB3LdpVerifier, OB3Verifier

    kind = OB3LdpVerifier if text.startswith("{") else OB3Verifier
    if issuer.public_key:
        return kind(pubkey_pem=issuer.public_key)
    if not issuer.identifier.startswith(DID):
        raise BadgeRefused("HR lists this issuer without its public key, which an issuer without a DID needs.")
    return kind.for_issuer_did(issuer.identifier, download=download)
