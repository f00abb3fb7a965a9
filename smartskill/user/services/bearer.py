"""From a token's claims to the person: a token counts only while its session, and its owner's account, still do."""

from sqlalchemy import bindparam, select

from smartskill.database import now
from smartskill.extensions import db
from smartskill.user.models import User, UserSession

# Put together once: every request asks it.
BEARER = (
    select(User)
    .join(UserSession, UserSession.user_id == User.id)
    .where(
        User.id == bindparam("user_id"),
        User.is_active,
        UserSession.id == bindparam("session_id"),
        UserSession.revoked_at.is_(None),
        UserSession.expires_at > bindparam("moment"),
    )
)


def load_bearer(claims: dict) -> User | None:
    """The person a token names, or None where the session is revoked or over, or the account is switched off."""
    values = {"user_id": int(claims["sub"]), "session_id": claims["sid"], "moment": now()}
    return db.session.execute(BEARER, values).scalar_one_or_none()
