"""From a token's claims to the person: a token counts only while its session, and its owner's account, still do."""

from sqlalchemy import select

from smartskill.database import now
from smartskill.extensions import db
from smartskill.user.models import User, UserSession


def load_bearer(claims: dict) -> User | None:
    """The person a token names, or None where the session is revoked or over, or the account is switched off."""
    return db.session.execute(
        select(User)
        .join(UserSession, UserSession.user_id == User.id)
        .where(
            User.id == int(claims["sub"]),
            User.is_active,
            UserSession.id == claims["sid"],
            UserSession.revoked_at.is_(None),
            UserSession.expires_at > now(),
        )
    ).scalar_one_or_none()
