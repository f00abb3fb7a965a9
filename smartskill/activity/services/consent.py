"""The two switches, tracking and prediction: what a person said, and the operator's default where they have not."""

from typing import Any

from sqlalchemy import and_, exists, select

from smartskill.activity.models import PURPOSES, Consent
from smartskill.database import now
from smartskill.extensions import db
from smartskill.kit.settings import setting


def default_consent(purpose: str) -> bool:
    """What holds where a person has not said: the operator's setting."""
    return bool(setting(f"{purpose.upper()}_DEFAULT"))


def said(user_id: Any, purpose: str, since: Any = None) -> Any:
    """The SQL condition that a person (an id or a column) allows a purpose.

    Args:
        since: and has done so from this moment on, if they said anything at all.
    """
    mine = and_(Consent.user_id == user_id, Consent.purpose == purpose)
    holds = Consent.is_granted if since is None else and_(Consent.is_granted, Consent.changed_at <= since)
    return ~exists().where(mine, ~holds) if default_consent(purpose) else exists().where(mine, holds)


def may(user_id: int, purpose: str) -> bool:
    """Whether a person allows `tracking` or `prediction` now."""
    return bool(db.session.scalar(select(said(user_id, purpose))))


def allowing(purpose: str, user_ids: Any) -> Any:
    """A condition for queries: the column `user_ids` names people who allow the purpose."""
    return said(user_ids, purpose)


def get_consents(user_id: int) -> dict[str, Any]:
    """Both switches, and when each was last set (None: the operator's default holds)."""
    rows = {row.purpose: row for row in db.session.scalars(select(Consent).filter_by(user_id=user_id))}
    found: dict[str, Any] = {}
    for purpose in PURPOSES:
        row = rows.get(purpose)
        found[purpose] = row.is_granted if row else default_consent(purpose)
        found[f"{purpose}_changed_at"] = row.changed_at if row else None
    return found


def set_consents(user_id: int, said: dict[str, bool]) -> dict[str, Any]:
    """Set the switches that are given; whole and at once: the next event or prediction already obeys."""
    for purpose, is_granted in said.items():
        row = db.session.get(Consent, (user_id, purpose), with_for_update=True)
        if row is None:
            db.session.add(Consent(user_id=user_id, purpose=purpose, is_granted=is_granted))
        elif row.is_granted != is_granted:
            row.is_granted, row.changed_at = is_granted, now()
    db.session.flush()
    return get_consents(user_id)
