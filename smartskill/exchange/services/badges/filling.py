"""What a checked badge comes to: a qualification, verified where its issuer is trusted and its holder is this person.

A state is computed, never added to: checking twice changes nothing, and a badge revoked since takes its qualification
along.
"""

from collections.abc import Callable
from datetime import timedelta
from typing import TYPE_CHECKING, Any

from sqlalchemy import func, or_, select

from smartskill.database import now
from smartskill.exchange.models import Badge, BadgeIssuer
from smartskill.exchange.services.badges.checking import (
    BadgeRefused,
    IssuerUnreachable,
    Trusted,
    check_credential,
    is_for,
    read_credential,
    read_issuer,
)
from smartskill.exchange.services.badges.issuers import find_issuer
from smartskill.extensions import db
from smartskill.kit.partial_date import PartialDate
from smartskill.qualification.models import Qualification, QualificationType
from smartskill.qualification.services.held import add_qualification
from smartskill.qualification.services.review import review
from smartskill.user.models import User

if TYPE_CHECKING:
    from openbadgeslib.ob3 import OpenBadgeCredential

KINDS = {  # Open Badges' achievementType → ours
    "License": "licence",
    "Degree": "degree",
    "AssociateDegree": "degree",
    "BachelorDegree": "degree",
    "MasterDegree": "degree",
    "DoctoralDegree": "degree",
    "Course": "training",
    "LearningProgram": "training",
}
RECHECK = timedelta(days=7)
STRAY = timedelta(minutes=5)


def check_badge(badge_id: int, fetch: Callable[[str], bytes]) -> str | None:
    """Check a badge and do what follows from it; returns its state, None where it is gone.

    Raises:
        IssuerUnreachable: nothing was decided; the sweep tries again.
    """
    row = db.session.get(Badge, badge_id, with_for_update=True, populate_existing=True)
    if row is None:
        return None
    try:
        _judge(row, fetch)
    except BadgeRefused as error:
        _settle(row, "refused", str(error))
        _revoke(row, str(error))
    row.checked_at = now()
    db.session.flush()
    return row.state


def find_due_badges(limit: int = 200) -> list[int]:
    """Badges that wait for a check that was lost, and verified ones that were not looked at for a week."""
    due = or_(
        (Badge.state == "queued") & (Badge.updated_at < now() - STRAY),
        (Badge.state == "verified") & (Badge.checked_at < now() - RECHECK),
    )
    return list(db.session.scalars(select(Badge.id).where(due).order_by(Badge.checked_at, Badge.id).limit(limit)))


def _judge(row: Badge, fetch: Callable[[str], bytes]) -> None:
    text = read_credential(row.content)
    row.issuer_identifier = read_issuer(text)
    issuer = find_issuer(row.issuer_identifier)
    if issuer is None:
        said = "Nobody here vouches for its issuer yet: HR can list it, then have the badge checked again."
        _settle(row, "unknown_issuer", said)
        return
    credential = check_credential(text, Trusted(issuer.identifier, issuer.public_key), fetch)
    row.issuer_name, row.title = issuer.name, credential.achievement.name
    owner = db.session.get_one(User, row.user_id)
    is_theirs = is_for(credential, owner.email)
    if is_theirs is False:
        raise BadgeRefused("It was issued to another e-mail address than yours.")
    held = _fill_in(row, credential, issuer, owner)
    if is_theirs is None or not owner.is_verified:
        _settle(row, "unconfirmed", "It is genuine, but does not show that it is yours: HR will look at it.")
        return
    _verify(held, issuer)
    _settle(row, "verified", None)


def _settle(row: Badge, state: str, reason: str | None) -> None:
    row.state, row.reason = state, reason


def _fill_in(row: Badge, credential: "OpenBadgeCredential", issuer: BadgeIssuer, owner: User) -> Qualification:
    """The qualification of the badge, made if there is none; a changed one keeps what its holder wrote."""
    held = db.session.get(Qualification, row.qualification_id) if row.qualification_id else None
    if held is None:
        facts = _facts(credential, issuer)
        held = db.session.scalars(
            select(Qualification).filter_by(user_id=owner.id, credential_no=facts["credential_no"])
        ).first()
        held = held or add_qualification(owner, facts, by=owner)
        row.qualification_id = held.id
    if held.review_state in ("draft", "rejected"):
        review(held, "submit", None, by=owner)
    return held


def _verify(held: Qualification, issuer: BadgeIssuer) -> None:
    """In the name of whoever listed the issuer; where that is nobody any more, or the holder, it waits for HR."""
    voucher = db.session.get(User, issuer.added_by_id) if issuer.added_by_id else None
    if held.review_state == "submitted" and voucher is not None and voucher.id != held.user_id:
        review(held, "verify", f"Open Badge by {issuer.name}: signature, dates and status were checked.", by=voucher)


def _revoke(row: Badge, reason: str) -> None:
    """A badge that no longer holds takes along the qualification that was verified by it."""
    held = db.session.get(Qualification, row.qualification_id) if row.qualification_id else None
    voucher = db.session.get(User, held.reviewed_by_id) if held and held.reviewed_by_id else None
    has_ended = held is not None and held.status == "expired"  # which is no fault of it
    if held is not None and voucher is not None and held.review_state == "verified" and not has_ended:
        review(held, "revoke", f"The Open Badge no longer holds: {reason}"[:1000], by=voucher)


def _facts(credential: "OpenBadgeCredential", issuer: BadgeIssuer) -> dict[str, Any]:
    achievement = credential.achievement
    kind = db.session.scalars(
        select(QualificationType).where(
            func.lower(QualificationType.name) == achievement.name[:200].lower(),
            func.lower(QualificationType.issuer) == issuer.name.lower(),
        )
    ).first()
    facts: dict[str, Any] = {
        "title": achievement.name[:200],
        "issuer": issuer.name,
        "kind": KINDS.get(achievement.achievement_type or "", "certification"),
        "credential_no": (credential.id or "")[:200] or None,
        "url": achievement.id if achievement.id.startswith("https://") and len(achievement.id) <= 500 else None,
        "issued_on": PartialDate(credential.issuance_date.date()) if credential.issuance_date else None,
        "expires_on": credential.expiration_date.date() if credential.expiration_date else None,
    }
    return facts | ({"type_id": kind.id, "kind": kind.kind} if kind else {})


__all__ = ["IssuerUnreachable", "check_badge", "find_due_badges"]
