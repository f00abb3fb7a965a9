"""Password and address: verified, changed, recovered. Links in mails act on POST only, since scanners follow links."""

from typing import Any

from smartskill.database import now
from smartskill.extensions import db
from smartskill.kit.attempts import seconds_left, spend
from smartskill.kit.errors import Conflict, Invalid, TooMany
from smartskill.notifications.services.outbox import queue_account_mail
from smartskill.user.models import User
from smartskill.user.services.accounts import EmailTaken, find_user, set_password
from smartskill.user.services.mail_tokens import read_token
from smartskill.user.services.passwords import check_password, is_right
from smartskill.user.services.sessions import end_sessions

CONFIRMATIONS = "10 per hour"  # wrong current passwords of somebody who is signed in
MAILS = "5 per hour"  # mails of a kind that others can have sent to one address


class PasswordWrong(Invalid):
    """This is not your current password."""


class TooManyMails(TooMany):
    """Enough mails for now; look for the last one, also among the unwanted."""


class AlreadyVerified(Conflict):
    """This address is verified."""


def confirm_password(user: User, password: str, field: str) -> None:
    """Make sure that it is the person themselves and not somebody at their desk.

    Raises:
        PasswordWrong: it is not their password, or they have none yet.
        TooMany: wrong too often within an hour.
    """
    if wait := seconds_left(CONFIRMATIONS, "confirm", user.id):
        raise TooMany(headers={"Retry-After": str(wait)})
    if not is_right(password, user.password_hash):
        spend(CONFIRMATIONS, "confirm", user.id)
        raise PasswordWrong(errors={field: [PasswordWrong.__doc__ or ""]})


def change_password(user: User, data: dict[str, str], *, session_id: int) -> User:
    """A new password for somebody who knows the old one; every other session ends.

    Raises:
        PasswordWrong, PasswordGuessable: so it is.
    """
    confirm_password(user, data["current_password"], "current_password")
    _set_checked_password(user, data["new_password"], "new_password")
    end_sessions(user.id, except_id=session_id)
    queue_account_mail("password_changed", user_id=user.id, content={})
    return user


def _set_checked_password(user: User, password: str, field: str = "password") -> None:
    check_password(password, words=[user.full_name, user.email, user.username or ""], field=field)
    set_password(user, password)
    db.session.flush()


def verify_email(token: str) -> User:
    """Show that an address is its owner's.

    Raises:
        LinkSpent: the link does not count.
    """
    user, _ = read_token("verify_email", token)
    user.verified_at = now()
    db.session.flush()
    return user


def ask_verification(user: User) -> None:
    """Send the verification mail again.

    Raises:
        AlreadyVerified: there is nothing to verify.
        TooManyMails: several were sent within an hour.
    """
    if user.is_verified:
        raise AlreadyVerified()
    if not spend(MAILS, "verify-mail", user.id):
        raise TooManyMails(headers={"Retry-After": str(seconds_left(MAILS, "verify-mail", user.id) or 1)})
    queue_account_mail("verify_email", user_id=user.id, content={})


def ask_password_reset(email: str) -> None:
    """Send a link that sets a new password, if there is such an account; the caller learns nothing of it."""
    user = find_user(email)
    if user is not None and user.is_active and spend(MAILS, "reset-mail", user.id):
        queue_account_mail("password_reset", user_id=user.id, content={})


def reset_password(token: str, password: str, purpose: str = "password_reset", **facts: Any) -> User:
    """Set a password by a mailed link, which also shows that the address is theirs; every session ends.

    Args:
        purpose: `password_reset` or `invitation`.
        facts: what an invited person corrects of their profile on the way.
    Raises:
        LinkSpent, PasswordGuessable: so it is.
    """
    user, _ = read_token(purpose, token)
    had_password = user.password_hash is not None
    for name, value in facts.items():
        setattr(user, name, value)
    _set_checked_password(user, password)
    user.verified_at = user.verified_at or now()
    end_sessions(user.id)
    if had_password:
        queue_account_mail("password_changed", user_id=user.id, content={})
    db.session.flush()
    return user


def ask_email_change(user: User, email: str, password: str) -> None:
    """Send a link to the new address; the change happens when it is followed. One in use gets no mail.

    Raises:
        PasswordWrong: so it is.
        TooManyMails: several were sent within an hour.
    """
    confirm_password(user, password, "password")
    if not spend(MAILS, "change-mail", user.id):
        raise TooManyMails(headers={"Retry-After": str(seconds_left(MAILS, "change-mail", user.id) or 1)})
    if find_user(email) is None:
        queue_account_mail("email_change", user_id=user.id, to=email, content={"email": email})


def change_email(token: str) -> User:
    """Take the new address, which its link has shown to be theirs; the old one is told.

    Raises:
        LinkSpent: the link does not count.
        EmailTaken: somebody else has the address by now.
    """
    user, facts = read_token("email_change", token)
    taken = find_user(facts["email"])
    if taken is not None and taken.id != user.id:
        raise EmailTaken(errors={"email": [EmailTaken.__doc__ or ""]})
    queue_account_mail("email_changed", user_id=user.id, to=user.email, content={"email": facts["email"]})
    user.email, user.verified_at = facts["email"], now()
    db.session.flush()
    return user
