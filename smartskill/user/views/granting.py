"""How tokens go out and come back: in the body, or as cookies for /api/users alone, guarded against other sites."""

import math
from typing import Any

from flask import Response, after_this_request, current_app, request
from flask_jwt_extended import set_refresh_cookies, unset_refresh_cookies

from smartskill.kit.tokens import TokenRefused, is_csrf_right, issue_access_token, issue_refresh_token, read_token
from smartskill.user.services.policy import show
from smartskill.user.services.sessions import Grant
from smartskill.user.services.signing_in import DEVICE_DAYS, mark_device

DEVICE = "device"  # the cookie that keeps one's own failures apart from those of others


class CsrfMissing(TokenRefused):
    """The refresh cookie came without the header X-CSRF-TOKEN that repeats the cookie csrf_refresh_token."""


def grant_answer(grant: Grant, *, is_cookie: bool) -> dict[str, Any]:
    """The tokens of a grant in the form that was asked for."""
    user, session, token = grant.user, grant.session, grant.token
    refresh = issue_refresh_token(user.id, session.id, token.jti, token.issued_at, token.expires_at)
    answer = {
        "access_token": issue_access_token(user.id, session.id),
        "token_type": "Bearer",
        "expires_in": current_app.config["ACCESS_TOKEN_SECONDS"],
        "user": show(user, user),
    }
    after_this_request(_not_to_be_stored)
    if not is_cookie:
        return answer | {"refresh_token": refresh}
    life = math.ceil((token.expires_at - token.issued_at).total_seconds())

    @after_this_request
    def give_cookies(response: Response) -> Response:
        set_refresh_cookies(response, refresh, max_age=life)
        return response

    return answer


def _not_to_be_stored(response: Response) -> Response:
    response.headers["Cache-Control"] = "no-store"
    return response


def remember_device(user_id: int) -> None:
    """Mark the browser as one that has signed in to this account."""
    mark = mark_device(user_id, request.cookies.get(DEVICE))

    @after_this_request
    def give_cookie(response: Response) -> Response:
        response.set_cookie(
            DEVICE,
            mark,
            max_age=DEVICE_DAYS * 86_400,
            path="/api/users/login",
            secure=current_app.config["JWT_COOKIE_SECURE"],
            httponly=True,
            samesite="Strict",
        )
        return response


def given_refresh(data: dict[str, Any]) -> tuple[dict[str, Any], bool]:
    """The claims of the refresh token that came with the request, and whether it came as a cookie.

    Raises:
        TokenRefused: there is none, or it does not count.
        CsrfMissing: it is a cookie, and nothing shows that one of our pages sent it.
    """
    if "refresh_token" in data:
        return read_token(data["refresh_token"], "refresh"), False
    cookie = request.cookies.get(current_app.config["JWT_REFRESH_COOKIE_NAME"])
    if not cookie:
        raise TokenRefused("Send the refresh token in the body or as its cookie.")
    claims = read_token(cookie, "refresh")
    if not is_csrf_right(claims, request.headers.get("X-CSRF-TOKEN")):
        raise CsrfMissing()
    return claims, True


def take_cookies() -> None:
    """Have the browser forget its refresh token."""

    @after_this_request
    def forget(response: Response) -> Response:
        unset_refresh_cookies(response)
        return response
