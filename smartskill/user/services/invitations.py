"""Invitations: HR names a person, a mail asks them in, and following its link they choose a password."""

from typing import Any

from smartskill.database import now
from smartskill.extensions import db
from smartskill.kit.access import has_role
from smartskill.kit.errors import Forbidden
from smartskill.kit.settings import setting
from smartskill.notifications.services.outbox import queue_account_mail
from smartskill.user.models import User
from smartskill.user.services.accounts import EmailTaken, find_user
from smartskill.user.services.organisation import KEEP, place_user

PLACES = ("team_id", "manager_id")


class InvitationsClosed(Forbidden):
    """No accounts are made here but by an admin."""


class RoleNotYours(Forbidden):
    """Only an admin may invite somebody as more than an employee."""


def invite(data: dict[str, Any], *, by: User | None) -> User:
    """Make an account without a password and send its person a link; again for one who has not come yet.

    Args:
        by: who invites; None on the command line, which may do all that an admin may.
    Raises:
        EmailTaken: the person is here already.
        InvitationsClosed, RoleNotYours: the inviter is not an admin, and that is needed.
        TeamHasEnded: the team is history.
    """
    is_admin = by is None or has_role(by, "admin")
    if setting("REGISTRATION") == "closed" and not is_admin:
        raise InvitationsClosed()
    if data.get("role", "employee") != "employee" and not is_admin:
        raise RoleNotYours(errors={"role": [RoleNotYours.__doc__ or ""]})
    user = find_user(data["email"])
    if user is not None and (user.password_hash is not None or not user.is_active):
        raise EmailTaken(errors={"email": [EmailTaken.__doc__ or ""]})
    if user is None:
        user = add_person(data)
    ask_in(user, by)
    return user


def add_person(data: dict[str, Any]) -> User:
    """An account without a password, placed in the organisation."""
    own = {name: value for name, value in data.items() if name not in PLACES}
    user = User(**{"full_name": data["email"].partition("@")[0], **own})
    db.session.add(user)
    db.session.flush()
    if any(data.get(name) for name in PLACES):
        place_user(user, **{name: data.get(name) or KEEP for name in PLACES})
    return user


def ask_in(user: User, by: User | None) -> None:
    """Send the invitation."""
    user.invited_at = now()
    queue_account_mail("invitation", user_id=user.id, content={"by": by.full_name if by else None})
    db.session.flush()
