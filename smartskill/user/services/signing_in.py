"""Signing in with a password, and slowing down whoever guesses without ever shutting out whose account it is.

Failures are counted per network address, and per account. The account's window holds for all strangers together; a
device that has signed in to the account before (it has a cookie that says so), or a network from which it was, has
a window of its own. So guessing at an account uses up the strangers' window and leaves its owner's alone.
"""

import hashlib
import hmac
import ipaddress
from dataclasses import dataclass
from datetime import timedelta
from uuid import uuid4

from itsdangerous import BadSignature, URLSafeTimedSerializer
from sqlalchemy import exists, func, select

from smartskill.activity.services.recording import record
from smartskill.database import now
from smartskill.extensions import db
from smartskill.kit.attempts import seconds_left, spend
from smartskill.kit.errors import TooMany
from smartskill.kit.settings import setting
from smartskill.user.models import User, UserSession
from smartskill.user.services.passwords import hash_password, is_outdated, is_right
from smartskill.user.services.sessions import Grant, open_session

DEVICE_DAYS = 180
KNOWN_FOR = timedelta(days=90)


class TooManyFailures(TooMany):
    """Too many failed sign-ins; wait, or sign in from where you have before, or reset the password by mail."""


@dataclass(frozen=True)
class Attempt:
    """A sign-in under way: whose, from where, and in which window it counts."""

    user_id: int | None
    stored: str | None
    network: str
    window: tuple
    is_stranger: bool


def begin_sign_in(login: dict, *, address: str, device: str | None) -> Attempt:
    """Look the person up and refuse where too many failed before. Commit before the slow part, to free the connection.

    Raises:
        TooManyFailures: with the time to wait; also for accounts that do not exist.
    """
    network, user = network_of(address), _find_by_login(login)
    user_id = user.id if user else 0
    known_device = read_device(device, user_id)
    is_known = _is_known(user_id, network)
    place = (known_device,) if known_device else (network,) if is_known else ()
    name = login.get("email") or login.get("username") or ""
    attempt = Attempt(
        user_id=user.id if user and user.is_active else None,
        stored=user.password_hash if user and user.is_active else None,
        network=network,
        window=("sign-in", user_id or _digest(name.lower()), *place),
        is_stranger=not place,
    )
    _admit(attempt, is_device_known=known_device is not None)
    return attempt


def _admit(attempt: Attempt, *, is_device_known: bool) -> None:
    per_account = setting("LOGIN_FAILURES_PER_ACCOUNT")
    if not is_device_known:
        _check(seconds_left(setting("LOGIN_FAILURES_PER_ADDRESS"), "sign-in", attempt.network))
    if not attempt.is_stranger:
        _check(seconds_left(per_account, *attempt.window))
    elif not spend(per_account, *attempt.window):  # before the slow part: a hundred guesses at once are a hundred
        _check(seconds_left(per_account, *attempt.window) or 1)


def finish_sign_in(attempt: Attempt, password: str, *, user_agent: str | None, is_cookie: bool) -> Grant | None:
    """Open a session if the password is right; else count the failure and return None, taking as long."""
    is_theirs = is_right(password, attempt.stored)
    user = db.session.get(User, attempt.user_id) if is_theirs else None
    if user is None or not user.is_active or user.password_hash != attempt.stored:
        spend(setting("LOGIN_FAILURES_PER_ADDRESS"), "sign-in", attempt.network)
        if not attempt.is_stranger:
            spend(setting("LOGIN_FAILURES_PER_ACCOUNT"), *attempt.window)
        return None
    if user.password_hash and is_outdated(user.password_hash):
        user.password_hash = hash_password(password)
    record(user.id, "signed_in", props={"is_new_device": attempt.is_stranger})
    return open_session(user, user_agent=user_agent, is_cookie=is_cookie, network_digest=_digest(attempt.network))


def _check(seconds: int) -> None:
    if seconds:
        raise TooManyFailures(headers={"Retry-After": str(seconds)})


def _find_by_login(login: dict) -> User | None:
    column, name = (User.email, login["email"]) if login.get("email") else (User.username, login.get("username") or "")
    return db.session.execute(select(User).where(func.lower(column) == func.lower(name))).scalar_one_or_none()


def network_of(address: str) -> str:
    """The address, or its /64 for IPv6, where one household holds as many addresses as it likes."""
    try:
        parsed = ipaddress.ip_address(address)
    except ValueError:
        return "unknown"
    if parsed.version == 6 and not parsed.ipv4_mapped:
        return str(ipaddress.ip_network((address.partition("%")[0], 64), strict=False))
    return str(getattr(parsed, "ipv4_mapped", None) or parsed)


def _is_known(user_id: int, network: str) -> bool:
    seen = exists().where(
        UserSession.user_id == user_id,
        UserSession.network_digest == _digest(network),
        UserSession.created_at > now() - KNOWN_FOR,
    )
    return bool(db.session.scalar(select(seen)))


def _digest(text: str) -> str:
    # Keyed, so that the few possible addresses can't be tried one by one.
    return hmac.new(setting("SECRET_KEY").encode(), f"known:{text}".encode(), hashlib.sha256).hexdigest()


def _signer() -> URLSafeTimedSerializer:
    return URLSafeTimedSerializer(setting("SECRET_KEY"), salt="device")


def mark_device(user_id: int, device: str | None) -> str:
    """A cookie's value that lets its holder's own failures count apart; it opens nothing."""
    return str(_signer().dumps([user_id, read_device(device, user_id) or uuid4().hex]))


def read_device(device: str | None, user_id: int) -> str | None:
    """The device that a cookie's value names, if it was given for this account."""
    try:
        owner, name = _signer().loads((device or "")[:300], max_age=DEVICE_DAYS * 86_400)
    except (BadSignature, ValueError, TypeError):
        return None
    return name if owner == user_id else None
