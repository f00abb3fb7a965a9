"""Who is asking. A token only names a session; whether it still counts, and the role, come from the database each time.

Flask-JWT-Extended is held to RFC 8725: one algorithm, issuer, audience, explicit `typ`, and every claim that we issue
must be there. Each bad token is 401 problem+json.
"""

from collections.abc import Callable
from typing import Any

from flask import Flask, g
from flask_jwt_extended import create_access_token, get_current_user, verify_jwt_in_request
from flask_jwt_extended.exceptions import JWTExtendedException
from jwt.exceptions import PyJWTError

from smartskill.extensions import jwt
from smartskill.kit.errors import Forbidden, Unauthenticated

ROLES = ("employee", "manager", "hr", "admin")
ISSUER = "smart-skill"
AUDIENCES = {"access": "smart-skill-api", "refresh": "smart-skill-refresh"}
TYPES = {"access": "at+jwt", "refresh": "rt+jwt"}
CLAIMS = ("exp", "iat", "nbf", "jti", "iss", "aud", "sub", "type", "sid")


def has_role(user: Any, role: str) -> bool:
    """Whether a person's role includes `role`; each role has all that the former ones may."""
    return ROLES.index(user.role) >= ROLES.index(role)


def issue_access_token(user_id: int, session_id: int) -> str:
    """A signed access token for a session, `ACCESS_TOKEN_SECONDS` long."""
    return create_access_token(
        identity=str(user_id),
        additional_claims={"sid": session_id, "aud": AUDIENCES["access"], "iss": ISSUER},
        additional_headers={"typ": TYPES["access"]},
    )


def admit(role: str) -> Any:
    """Return the caller, or refuse.

    Raises:
        Unauthenticated: no token, or one that does not count.
        Forbidden: the role is too low.
    """
    try:
        verify_jwt_in_request()
    except (JWTExtendedException, PyJWTError, ValueError, UnicodeError) as error:
        raise Unauthenticated("The access token is missing, expired or not valid.") from error
    user = get_current_user()
    g.user_id = user.id
    if not has_role(user, role):
        raise Forbidden(f"This needs the role {role}.")
    return user


def current_user() -> Any:
    """The caller admitted by `login_required`."""
    return get_current_user()


def configure_tokens(app: Flask, load_bearer: Callable[[dict], Any]) -> None:
    """Bind Flask-JWT-Extended.

    Args:
        load_bearer: claims → the person, or None where session, person or standing no longer allow it.
    """
    app.config |= {"JWT_DECODE_ISSUER": ISSUER, "JWT_DECODE_AUDIENCE": list(AUDIENCES.values())}
    jwt.init_app(app)
    jwt.user_lookup_loader(lambda header, claims: load_bearer(claims))
    jwt.token_verification_loader(_is_complete)


def _is_complete(header: dict, claims: dict) -> bool:
    kind = claims.get("type")
    return (
        kind in TYPES
        and header.get("typ") == TYPES[kind]
        and set(header) <= {"alg", "typ"}
        and claims.get("aud") == AUDIENCES[kind]
        and all(claims.get(name) not in (None, "") for name in CLAIMS)
        and isinstance(claims["sid"], int)
        and isinstance(claims["sub"], str)
        and claims["sub"].isascii()
        and claims["sub"].isdigit()
        and len(claims["sub"]) < 11
    )
