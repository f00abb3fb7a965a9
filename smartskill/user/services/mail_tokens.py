"""Tokens in the links of account mails: signed, bound to a purpose, never stored.

A token carries a fingerprint of the state that using it changes, so it works once: whoever uses it, or changes that
state in another way, spends it. Tokens are made when a mail is rendered.
"""

import hashlib
import hmac
from collections.abc import Callable
from typing import Any

from itsdangerous import BadSignature, URLSafeTimedSerializer

from smartskill.extensions import db
from smartskill.kit.errors import Invalid
from smartskill.kit.settings import setting
from smartskill.user.models import User

DAY = 86_400
PURPOSES: dict[str, Callable[[User], tuple]] = {  # purpose → the state that its use changes
    "verify_email": lambda user: (user.email, user.verified_at),
    "email_change": lambda user: (user.email, user.password_hash),
    "password_reset": lambda user: (user.email, user.password_hash),
    "invitation": lambda user: (user.email, user.password_hash),
}


class LinkSpent(Invalid):
    """This link does not work any more: it was used, replaced, or is too old. Ask for a new one."""


def make_token(purpose: str, user: User, **more: str) -> str:
    """A token for a link of this purpose; `more` travels in it, readable and unchangeable."""
    return str(_signer(purpose).dumps({"user": user.id, "state": _fingerprint(purpose, user), **more}))


def read_token(purpose: str, token: str) -> tuple[User, dict[str, Any]]:
    """The person and the extra facts of a token; the person's row is locked, so that of two uses at once one wins.

    Raises:
        LinkSpent: forged, for another purpose, too old, used, or its account is switched off or gone.
    """
    try:
        facts = _signer(purpose).loads(token, max_age=_seconds_valid(purpose))
    except BadSignature as error:
        raise LinkSpent(errors={"token": [LinkSpent.__doc__ or ""]}) from error
    lock: Any = {"key_share": True}
    user = db.session.get(User, facts["user"], with_for_update=lock, populate_existing=True)
    if user is None or not user.is_active or not hmac.compare_digest(facts["state"], _fingerprint(purpose, user)):
        raise LinkSpent(errors={"token": [LinkSpent.__doc__ or ""]})
    return user, facts


def _signer(purpose: str) -> URLSafeTimedSerializer:
    return URLSafeTimedSerializer(setting("SECRET_KEY"), salt=f"mail:{purpose}")


def _seconds_valid(purpose: str) -> int:
    if purpose == "invitation":
        return setting("INVITATION_DAYS") * DAY
    if purpose == "password_reset":
        return setting("PASSWORD_RESET_MINUTES") * 60
    return setting("VERIFICATION_DAYS") * DAY


def _fingerprint(purpose: str, user: User) -> str:
    state = repr(PURPOSES[purpose](user)).encode()
    return hmac.new(setting("SECRET_KEY").encode(), state, hashlib.sha256).hexdigest()[:32]
