"""Tokens that name a session, made by Flask-JWT-Extended and read more strictly than it reads them.

RFC 8725: one algorithm, an explicit `typ` and an own audience per kind, and every claim that we issue must be there in
the form in which we issue it. Flask-JWT-Extended accepts tokens without `exp`, `jti` or `type`, in any spelling of
their base64; so the claims are checked here, against what was signed and before anything fills gaps.
"""

import hashlib
import hmac
from base64 import urlsafe_b64decode, urlsafe_b64encode
from datetime import datetime
from typing import Any

import jwt
from flask import current_app
from flask_jwt_extended import create_access_token, create_refresh_token

from smartskill.kit.errors import Invalid, Unauthenticated
from smartskill.kit.parser import read_json
from smartskill.kit.schemas import INT_MAX

ISSUER = "smart-skill"
AUDIENCES = {"access": "smart-skill-api", "refresh": "smart-skill-refresh"}
TYPES = {"access": "at+jwt", "refresh": "rt+jwt"}
TIMES = ("iat", "nbf", "exp")
MOST_BYTES = 2048


class TokenRefused(Unauthenticated):
    """The token is missing, expired or not valid."""


def issue_access_token(user_id: int, session_id: int) -> str:
    """A signed access token for a session, `ACCESS_TOKEN_SECONDS` long."""
    return create_access_token(
        str(user_id), additional_claims=_claims("access", session_id), additional_headers={"typ": TYPES["access"]}
    )


def issue_refresh_token(user_id: int, session_id: int, jti: str, issued_at: datetime, expires_at: datetime) -> str:
    """A signed refresh token; the same arguments give the same token, so that a grace period can repeat an answer."""
    issued, csrf = int(issued_at.timestamp()), _csrf(jti)
    more = {"jti": jti, "csrf": csrf, "iat": issued, "nbf": issued, "exp": int(expires_at.timestamp())}
    claims = _claims("refresh", session_id) | more
    return create_refresh_token(str(user_id), additional_claims=claims, additional_headers={"typ": TYPES["refresh"]})


def _claims(kind: str, session_id: int) -> dict[str, Any]:
    return {"sid": session_id, "aud": AUDIENCES[kind], "iss": ISSUER}


def _csrf(jti: str) -> str:
    key = str(current_app.config["JWT_SECRET_KEY"]).encode()
    return hmac.new(key, b"csrf:" + jti.encode(), hashlib.sha256).hexdigest()


def is_csrf_right(claims: dict[str, Any], given: str | None) -> bool:
    """Whether a request that sent its refresh token as a cookie also repeated what only our pages can read."""
    return hmac.compare_digest(claims["csrf"].encode(), (given or "").encode())


def read_token(token: str, kind: str) -> dict[str, Any]:
    """The claims of a token of this kind (`access` or `refresh`).

    Raises:
        TokenRefused: anything about it is not as we issue it.
    """
    try:
        if len(token) > MOST_BYTES or not _is_canonical(token):
            raise TokenRefused()
        claims = jwt.decode(
            token,
            current_app.config["JWT_SECRET_KEY"],
            algorithms=current_app.config["JWT_DECODE_ALGORITHMS"],
            audience=AUDIENCES[kind],
            issuer=ISSUER,
            leeway=current_app.config["JWT_DECODE_LEEWAY"],
        )
    except (jwt.PyJWTError, Invalid, ValueError, TypeError, RecursionError) as error:
        raise TokenRefused() from error
    if jwt.get_unverified_header(token) != {"alg": "HS256", "typ": TYPES[kind]} or not _is_complete(claims, kind):
        raise TokenRefused()
    return claims


def _is_canonical(token: str) -> bool:
    """Whether the token has one spelling: no stray bits at the end of its base64, no key of its JSON given twice."""
    parts = token.split(".")
    if len(parts) != 3 or not token.isascii():
        return False
    decoded = [urlsafe_b64decode(part + "=" * (-len(part) % 4)) for part in parts]
    if any(urlsafe_b64encode(bits).rstrip(b"=") != part.encode() for bits, part in zip(decoded, parts, strict=True)):
        return False
    return all(isinstance(read_json(bits), dict) for bits in decoded[:2])


def _is_complete(claims: dict[str, Any], kind: str) -> bool:
    return (
        claims.get("type") == kind
        and claims.get("aud") == AUDIENCES[kind]
        and all(_is_whole(claims.get(name)) for name in TIMES)
        and claims["exp"] > claims["iat"]
        and _is_whole(claims.get("sid"))
        and 0 < claims["sid"] <= INT_MAX
        and isinstance(claims.get("sub"), str)
        and _is_id(claims["sub"])
        and isinstance(claims.get("jti"), str)
        and 0 < len(claims["jti"]) <= 36
        and (kind != "refresh" or isinstance(claims.get("csrf"), str))
    )


def _is_whole(value: Any) -> bool:
    return isinstance(value, int) and not isinstance(value, bool)


def _is_id(text: str) -> bool:
    return text.isascii() and text.isdigit() and len(text) <= 10 and text[0] != "0" and int(text) <= INT_MAX
