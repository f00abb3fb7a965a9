"""The issuers whose badges count as proof: HR's list."""

from typing import Any

from sqlalchemy import Select, func, or_, select

from smartskill.exchange.models import BadgeIssuer
from smartskill.extensions import db
from smartskill.kit.errors import Invalid, NotFound
from smartskill.kit.pagination import ordered
from smartskill.user.models import User


def search_issuers(query: dict[str, Any]) -> Select:
    """The listed issuers that pass the filter, ordered."""
    found = select(BadgeIssuer)
    if "q" in query:
        columns = (BadgeIssuer.name, BadgeIssuer.identifier)
        found = found.where(or_(*(column.icontains(query["q"], autoescape=True) for column in columns)))
    sorts = {"name": func.lower(BadgeIssuer.name), "created_at": BadgeIssuer.created_at}
    return ordered(found, query["sort"], sorts, BadgeIssuer.id)


def get_issuer(issuer_id: int, *, is_locked: bool = False) -> BadgeIssuer:
    """Raises NotFound where there is none."""
    row = db.session.get(BadgeIssuer, issuer_id, with_for_update=is_locked or None, populate_existing=is_locked)
    if row is None:
        raise NotFound()
    return row


def find_issuer(identifier: str) -> BadgeIssuer | None:
    """The listed issuer of that id, or None."""
    return db.session.scalars(select(BadgeIssuer).filter_by(identifier=identifier)).first()


def list_issuer(data: dict[str, Any], by: User) -> BadgeIssuer:
    """Trust an issuer from now on.

    Raises:
        Invalid: the key is no public key in PEM; an https issuer comes without one.
    """
    row = BadgeIssuer(added_by_id=by.id)
    change_issuer(row, data)
    db.session.add(row)
    db.session.flush()
    return row


def change_issuer(row: BadgeIssuer, data: dict[str, Any]) -> BadgeIssuer:
    """Change name, id or key. Badges that were verified before stay so until they are checked again."""
    _check_key(data["identifier"], data.get("public_key"))
    for name, value in data.items():
        setattr(row, name, value)
    db.session.flush()
    return row


def drop_issuer(row: BadgeIssuer) -> BadgeIssuer:
    """Trust it no longer; what it vouched for keeps its review until HR revokes it."""
    db.session.delete(row)
    db.session.flush()
    return row


def _check_key(identifier: str, key: str | None) -> None:
    if key is None:
        if not identifier.startswith("did:"):
            raise Invalid.field("public_key", "An issuer without a DID needs its public key (PEM).")
        return
    from cryptography.hazmat.primitives.serialization import load_pem_public_key

    try:
        load_pem_public_key(key.encode())
    except ValueError as error:
        raise Invalid.field("public_key", "This is no public key in PEM.") from error
