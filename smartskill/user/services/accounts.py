"""Accounts: made, found, changed, switched off, erased."""

from typing import Any, Literal

from sqlalchemy import delete, func, select

from smartskill.activity.services.noting import note
from smartskill.activity.services.recording import record
from smartskill.database import now
from smartskill.extensions import db
from smartskill.kit.access import has_role
from smartskill.kit.errors import Conflict, Forbidden, NotFound
from smartskill.kit.models import IdempotencyKey
from smartskill.kit.settings import setting
from smartskill.notifications.services.outbox import queue_account_mail
from smartskill.user.models import User
from smartskill.user.services.organisation import KEEP, place_user
from smartskill.user.services.passwords import check_password, hash_password
from smartskill.user.services.policy import check_may_change, may_see_inactive
from smartskill.user.services.sessions import end_sessions, is_recent

ADMINS_LOCK = 7_301_002  # an arbitrary number that names the lock
RECENT_MINUTES = 15
PLACES = ("team_id", "manager_id")


class RegistrationNotOpen(Forbidden):
    """Accounts are made by invitation here: ask HR for one."""


class EmailTaken(Conflict):
    """This address already has an account."""


class UsernameTaken(Conflict):
    """This user name is taken."""


class LastAdmin(Conflict):
    """This is the last active admin: make another one first."""


class SignInAgain(Forbidden):
    """This can't be undone: sign in again, then repeat it within 15 minutes."""


def get_user(user_id: int | Literal["me"], me: User) -> User:
    """A person as somebody asks for them.

    Raises:
        NotFound: there is nobody of this id, or their account is switched off and the asker is not HR.
    """
    if user_id in ("me", me.id):
        return me
    user = db.session.get(User, user_id)
    if user is None or not (user.is_active or may_see_inactive(me)):
        raise NotFound()
    return user


def get_user_to_change(user_id: int | Literal["me"], me: User, *, is_last: bool = False) -> User:
    """`get_user` with the row locked; `is_last` for a deletion.

    Raises:
        NotFound: as `get_user`.
    """
    # A key-share lock lets others refer to the row (as their manager) while it is held.
    lock: Any = True if is_last else {"key_share": True}
    user = db.session.get(User, me.id if user_id == "me" else user_id, with_for_update=lock, populate_existing=True)
    if user is None or not (user.is_active or may_see_inactive(me)):
        raise NotFound()
    return user


def find_user(email: str) -> User | None:
    """The account of an address, whatever its capitals."""
    return db.session.execute(select(User).where(func.lower(User.email) == func.lower(email))).scalar_one_or_none()


def register(data: dict[str, Any]) -> User:
    """A new account of somebody who is not signed in; a mail asks whether the address is theirs.

    Raises:
        RegistrationNotOpen: accounts are made otherwise here.
        PasswordGuessable: the password is.
        EmailTaken, UsernameTaken: so they are.
    """
    if setting("REGISTRATION") != "open":
        raise RegistrationNotOpen()
    user = create_user(data)
    queue_account_mail("verify_email", user_id=user.id, content={})
    return user


def create_user(data: dict[str, Any], **facts: Any) -> User:
    """A new account with a password and without ceremony.

    Raises:
        PasswordGuessable, EmailTaken, UsernameTaken: as `register`.
    """
    name = data.get("full_name") or data["email"].partition("@")[0]
    check_password(data["password"], words=[name, data["email"], data.get("username") or ""])
    _check_free(data["email"], data.get("username"))
    given = {key: value for key, value in data.items() if key not in ("password", "full_name")}
    user = User(**given, full_name=name, **facts)
    set_password(user, data["password"])
    db.session.add(user)
    db.session.flush()
    return user


def set_password(user: User, password: str) -> None:
    """Give an account a password, unchecked."""
    user.password_hash, user.password_changed_at = hash_password(password), now()


def _check_free(email: str | None, username: str | None, user_id: int = 0) -> None:
    others = select(User.id).where(User.id != user_id)
    if email and db.session.scalar(others.where(func.lower(User.email) == func.lower(email))):
        raise EmailTaken(errors={"email": [EmailTaken.__doc__ or ""]})
    if username and db.session.scalar(others.where(func.lower(User.username) == func.lower(username))):
        raise UsernameTaken(errors={"username": [UsernameTaken.__doc__ or ""]})


def view_profile(user: User, by: User) -> User:
    """Note that somebody looked at another's profile."""
    if user.id != by.id:
        note(by.id, "profile_viewed", subject_type="user", subject_id=user.id, props={"view": "profile"})
    return user


def change_user(user: User, changes: dict[str, Any], *, by: User) -> User:
    """Change fields of an account, each by those who may.

    A new team or manager holds from today on. A new address is unverified; switching off ends every session.

    Raises:
        FieldsNotYours: naming those that the asker may not change.
        EmailTaken, UsernameTaken, LastAdmin, ManagerIsBelow, TeamHasEnded: so it is.
    """
    check_may_change(by, user, changes)
    changes = {name: value for name, value in changes.items() if getattr(user, name) != value}
    _check_free(changes.get("email"), changes.get("username"), user.id)
    if user.role == "admin" and (changes.get("role", "admin") != "admin" or not changes.get("is_active", True)):
        _check_not_last_admin(user)
    for name, value in changes.items():
        if name not in PLACES:
            setattr(user, name, value)
    if any(name in changes for name in PLACES):
        place_user(user, **{name: changes.get(name, KEEP) for name in PLACES})
    if "email" in changes:
        user.verified_at = None
        queue_account_mail("verify_email", user_id=user.id, content={})
    if changes.get("is_active") is False:
        end_sessions(user.id)
    if changes and user.id == by.id:
        record(user.id, "profile_updated", props={"field_count": len(changes)})
    db.session.flush()
    return user


def set_role(user: User, role: str) -> None:
    """Give an account a role.

    Raises:
        LastAdmin: it would leave nobody.
    """
    if user.role == "admin" and role != "admin":
        _check_not_last_admin(user)
    user.role = role
    db.session.flush()


def deactivate(user: User) -> None:
    """Switch an account off: every session ends, its history stays.

    Raises:
        LastAdmin: it would leave nobody.
    """
    _check_not_last_admin(user)
    user.is_active = False
    end_sessions(user.id)
    db.session.flush()


def _check_not_last_admin(user: User) -> None:
    if user.role != "admin" or not user.is_active:
        return
    db.session.execute(select(func.pg_advisory_xact_lock(ADMINS_LOCK)))  # two that demote each other take turns
    others = select(func.count()).where(User.role == "admin", User.is_active, User.id != user.id)
    if not db.session.scalar(others):
        raise LastAdmin()


def check_may_erase(user: User, by: User, session_id: int) -> None:
    """An account is erased by its owner, shortly after signing in, or by an admin.

    Raises:
        Forbidden: the asker is neither.
        SignInAgain: the owner's sign-in is too long ago: a found laptop must not be enough.
    """
    if by.id == user.id:
        if not is_recent(session_id, RECENT_MINUTES):
            raise SignInAgain()
    elif not has_role(by, "admin"):
        raise Forbidden("Only they or an admin may erase this account.")


def erase_user(user: User) -> User:
    """Delete an account and all that is about its person; ratings given to others stay, without the rater's name.

    Raises:
        LastAdmin: it would leave nobody.
    """
    _check_not_last_admin(user)
    db.session.execute(delete(IdempotencyKey).where(IdempotencyKey.user_id == user.id))
    db.session.delete(user)
    db.session.flush()
    return user
