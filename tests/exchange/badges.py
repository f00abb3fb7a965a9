"""Issuers for tests: they sign real credentials with keys of their own."""

import base64
import struct
import zlib
from datetime import UTC, datetime, timedelta

from cryptography.hazmat.primitives import serialization
from cryptography.hazmat.primitives.asymmetric.ed25519 import Ed25519PrivateKey
from openbadgeslib.ob3 import (
    Achievement,
    Issuer,
    OB3LdpSigner,
    OB3Signer,
    OpenBadgeCredential,
    build_status_list_credential,
    did_key_from_pem,
    sign_status_list_credential,
    status_entry,
)

LIST_URL = "https://badges.example.org/status/1"
SVG = b'<svg xmlns="http://www.w3.org/2000/svg" width="1" height="1"></svg>'


class BadgeMaker:
    """An issuer with an Ed25519 key, whose id is the key's did:key unless another is given."""

    def __init__(self, identifier: str | None = None) -> None:
        key = Ed25519PrivateKey.generate()
        plain = serialization.NoEncryption()
        self.private = key.private_bytes(serialization.Encoding.PEM, serialization.PrivateFormat.PKCS8, plain)
        info = serialization.PublicFormat.SubjectPublicKeyInfo
        self.public = key.public_key().public_bytes(serialization.Encoding.PEM, info).decode()
        self.identifier = identifier or did_key_from_pem(self.public)

    def credential(self, recipient: str | None, *, days: int = 365, since: int = 10, **more) -> OpenBadgeCredential:
        today = datetime.now(UTC)
        achievement = Achievement(
            id="https://badges.example.org/welder",
            name="Certified Welder",
            description="Welds.",
            criteria_narrative="Has welded.",
            achievement_type="License",
        )
        return OpenBadgeCredential(
            issuer=Issuer(id=self.identifier, name="Calls itself anything"),
            recipient_id=recipient,
            achievement=achievement,
            issuance_date=today - timedelta(days=since),
            expiration_date=today + timedelta(days=days),
            **more,
        )

    def token(self, recipient: str | None, **more) -> bytes:
        return OB3Signer(self.private, algorithm="EdDSA").sign(self.credential(recipient, **more)).encode()

    def document(self, recipient: str | None, **more) -> bytes:
        return OB3LdpSigner(self.private).sign_to_json(self.credential(recipient, **more)).encode()

    def svg(self, recipient: str) -> bytes:
        return OB3Signer(self.private, algorithm="EdDSA").sign_into_svg(self.credential(recipient), SVG)

    def png(self, recipient: str) -> bytes:
        return OB3Signer(self.private, algorithm="EdDSA").sign_into_png(self.credential(recipient), _png())

    def revocable(self, recipient: str) -> bytes:
        return self.token(recipient, credential_status=[status_entry(LIST_URL, "revocation", 7)])

    def status_list(self, revoked: set[int]) -> bytes:
        unsigned = build_status_list_credential(self.identifier, LIST_URL, "revocation", revoked)
        return sign_status_list_credential(unsigned, self.private, "EdDSA").encode()


def tampered(token: bytes) -> bytes:
    """The same header and signature around another claim."""
    head, body, signature = token.split(b".")
    claims = base64.urlsafe_b64decode(body + b"=" * (-len(body) % 4)).replace(b"Certified Welder", b"Certified Wizard")
    return b".".join((head, base64.urlsafe_b64encode(claims).rstrip(b"="), signature))


def _png() -> bytes:
    def chunk(kind: bytes, data: bytes) -> bytes:
        return struct.pack(">I", len(data)) + kind + data + struct.pack(">I", zlib.crc32(kind + data))

    header = struct.pack(">IIBBBBB", 1, 1, 8, 0, 0, 0, 0)
    pixels = chunk(b"IDAT", zlib.compress(b"\x00\x00"))
    return b"\x89PNG\r\n\x1a\n" + chunk(b"IHDR", header) + pixels + chunk(b"IEND", b"")
