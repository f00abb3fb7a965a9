"""Sessions: one per sign-in, a chain of refresh tokens each, revoked at once and everywhere by a date on its row.

A spent refresh token that comes back means that two parties hold the chain, so the session ends, unless it is the last
one spent and comes back at once: then an answer was lost, and the same successor is given again (RFC 9700, 4.14).
"""

from dataclasses import dataclass
from datetime import timedelta
from typing import Any
from uuid import uuid4

from sqlalchemy import Select, delete, or_, select, update

from smartskill.database import now
from smartskill.extensions import db
from smartskill.kit.errors import NotFound
from smartskill.kit.settings import setting
from smartskill.user.models import RefreshToken, User, UserSession

KEPT_AFTER_END = timedelta(days=90)


@dataclass(frozen=True)
class Grant:
    """What a sign-in or a refresh leads to; the edge signs it."""

    user: User
    session: UserSession
    token: RefreshToken


def open_session(user: User, *, user_agent: str | None, is_cookie: bool, network_digest: str | None = None) -> Grant:
    """Begin a session for a person who has shown who they are."""
    session = UserSession(
        user_id=user.id,
        user_agent=(user_agent or "")[:200] or None,
        is_cookie=is_cookie,
        network_digest=network_digest,
        expires_at=_ends_at(),
    )
    db.session.add(session)
    db.session.flush()
    return Grant(user, session, _add_token(session))


def rotate(claims: dict[str, Any]) -> Grant | None:
    """Spend a refresh token.

    Returns:
        its successor; or None where it does not count. None may mean that the session was ended for a reuse, which must
        be committed before the refusal is answered.
    """
    session = _find_live(int(claims["sub"]), claims["sid"])
    if session is None:
        return None
    jti, spent_at = str(uuid4()), now()
    spend = (
        update(RefreshToken)
        .where(
            RefreshToken.jti == claims["jti"],
            RefreshToken.session_id == session.id,
            RefreshToken.used_at.is_(None),
        )
        .values(used_at=spent_at, successor_jti=jti)
        .returning(RefreshToken.jti)
    )
    if db.session.execute(spend).scalar() is None:
        return _repeat(claims["jti"], session)
    session.last_used_at, session.expires_at = spent_at, _ends_at()
    return Grant(session.user, session, _add_token(session, jti))


def _repeat(jti: str, session: UserSession) -> Grant | None:
    """The same successor again, or the end of the session. Our UPDATE waited for whoever spent the token."""
    spent = db.session.get(RefreshToken, jti, populate_existing=True)
    if spent is None or spent.session_id != session.id:
        return None
    successor = db.session.get(RefreshToken, spent.successor_jti or "", populate_existing=True)
    grace = timedelta(seconds=setting("REFRESH_GRACE_SECONDS"))
    is_lost_answer = spent.used_at is not None and now() - spent.used_at <= grace
    if is_lost_answer and successor is not None and successor.used_at is None:
        return Grant(session.user, session, successor)
    session.revoked_at = now()
    return None


def _add_token(session: UserSession, jti: str | None = None) -> RefreshToken:
    token = RefreshToken(jti=jti or str(uuid4()), session_id=session.id, issued_at=now(), expires_at=session.expires_at)
    db.session.add(token)
    db.session.flush()
    return token


def _ends_at():
    return now() + timedelta(days=setting("REFRESH_TOKEN_DAYS"))


def _find_live(user_id: int, session_id: int) -> UserSession | None:
    found = (
        select(UserSession)
        .join(User)
        .where(User.id == user_id, User.is_active, UserSession.id == session_id)
        .where(UserSession.revoked_at.is_(None), UserSession.expires_at > now())
    )
    return db.session.execute(found).scalar_one_or_none()


def search_sessions(user_id: int) -> Select:
    """Where a person is signed in at present, the latest used first."""
    return (
        select(UserSession)
        .where(UserSession.user_id == user_id, UserSession.revoked_at.is_(None), UserSession.expires_at > now())
        .order_by(UserSession.last_used_at.desc(), UserSession.id.desc())
    )


def list_sessions(user_id: int, current_id: int) -> list[UserSession]:
    """Where a person is signed in, the asking session marked."""
    found = list(db.session.scalars(search_sessions(user_id)))
    for session in found:
        session.is_current = session.id == current_id
    return found


def end_session(user_id: int, session_id: int) -> UserSession:
    """End one of a person's sessions.

    Raises:
        NotFound: they have no such session, or it is over.
    """
    found = search_sessions(user_id).where(UserSession.id == session_id)
    session = db.session.execute(found).scalar_one_or_none()
    if session is None:
        raise NotFound()
    session.revoked_at = now()
    db.session.flush()
    return session


def end_sessions(user_id: int, *, except_id: int | None = None) -> list[UserSession]:
    """End all of a person's sessions, or all but one; returns the ended ones."""
    ended = [found for found in db.session.scalars(search_sessions(user_id)) if found.id != except_id]
    for session in ended:
        session.revoked_at = now()
    db.session.flush()
    return ended


def is_recent(session_id: int, minutes: int) -> bool:
    """Whether a session began with a sign-in of the last minutes: what irreversible acts ask for."""
    began_at = db.session.scalar(select(UserSession.created_at).where(UserSession.id == session_id))
    return began_at is not None and now() - began_at <= timedelta(minutes=minutes)


def sweep_sessions() -> int:
    """Forget sessions that ended some months ago, and tokens that are too old to be used; returns how many rows."""
    outdated = now() - KEPT_AFTER_END
    ended = delete(UserSession).where(or_(UserSession.expires_at < outdated, UserSession.revoked_at < outdated))
    spent = delete(RefreshToken).where(RefreshToken.expires_at < now())
    return sum(db.session.execute(statement).rowcount for statement in (spent, ended))  # type: ignore[attr-defined]
