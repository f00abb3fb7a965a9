"""Who is asking. A token only names a session; whether it still counts, and the role, are read from the database."""

from collections.abc import Callable
from typing import Any

from flask import Flask, current_app, g, request

from smartskill.extensions import jwt
from smartskill.kit.errors import Forbidden
from smartskill.kit.tokens import AUDIENCES, ISSUER, TokenRefused, issue_access_token, read_token

ROLES = ("employee", "manager", "hr", "admin")


def has_role(user: Any, role: str) -> bool:
    """Whether a person's role includes `role`; each role has all that the former ones may."""
    return ROLES.index(user.role) >= ROLES.index(role)


def admit(role: str) -> Any:
    """Return the caller, or refuse.

    Raises:
        TokenRefused: no access token, or one that does not count.
        Forbidden: the role is too low.
    """
    claims = read_token(_bearer(), "access")
    user = current_app.extensions["load_bearer"](claims)
    if user is None:
        raise TokenRefused("The session that this access token belongs to has ended.")
    g.caller, g.session_id, g.user_id = user, claims["sid"], user.id
    if not has_role(user, role):
        raise Forbidden(f"This needs the role {role}.")
    return user


def _bearer() -> str:
    # RFC 9110: the scheme's case does not matter; to Flask-JWT-Extended it does.
    scheme, _, token = request.headers.get("Authorization", "").partition(" ")
    return token.strip(" ") if scheme.lower() == "bearer" else ""


def current_user() -> Any:
    """The caller admitted by `login_required`."""
    return g.caller


def current_session_id() -> int:
    """The session that the caller's access token belongs to."""
    return g.session_id


def configure_tokens(app: Flask, load_bearer: Callable[[dict], Any]) -> None:
    """Bind Flask-JWT-Extended, and how a caller is found.

    Args:
        load_bearer: claims → the person, or None where session, person or standing no longer allow it.
    """
    app.config |= {"JWT_DECODE_ISSUER": ISSUER, "JWT_DECODE_AUDIENCE": list(AUDIENCES.values())}
    jwt.init_app(app)
    app.extensions["load_bearer"] = load_bearer


__all__ = [
    "ROLES",
    "admit",
    "configure_tokens",
    "current_session_id",
    "current_user",
    "has_role",
    "issue_access_token",
]
