"""Who may see and do what with whom: one answer for every feature that shows something of a person."""

from collections.abc import Iterable
from typing import Any, Literal

from sqlalchemy import select

from smartskill.extensions import db
from smartskill.kit.access import has_role
from smartskill.kit.errors import Forbidden
from smartskill.user.models import User
from smartskill.user.services.organisation import is_manager_above, reports_of

Relation = Literal["self", "admin", "hr", "manager", "colleague"]
PROFILE = {"full_name", "username", "title", "locale", "timezone"}
PLACE = {"title", "team_id", "manager_id"}
ACCOUNT = {"email", "role", "is_active"}
LEAVING = {"leaves_on"}  # from HR and from managers above


class FieldsNotYours(Forbidden):
    """You may see these fields, and not change them."""


def relation(asker: User, user_id: int) -> Relation:
    """What the asker is to a person; the first that applies.

    Someone above them who is also HR is `hr`; what only a manager above may do (rate) asks `is_manager_above` as well.
    """
    if asker.id == user_id:
        return "self"
    if has_role(asker, "hr"):
        return "admin" if asker.role == "admin" else "hr"
    return "manager" if is_manager_above(asker.id, user_id) else "colleague"


def may_see_private(asker: User, user_id: int) -> bool:
    """Whether e-mail and the like are shown: to oneself, to managers above, to HR."""
    return relation(asker, user_id) != "colleague"


def may_see_inactive(asker: User) -> bool:
    """Whether accounts that are switched off exist for the asker."""
    return has_role(asker, "hr")


def show(asker: User, user: User) -> User:
    """The person as the asker may see them: private fields stay hidden unless they may."""
    user.is_private_shown = may_see_private(asker, user.id)
    return user


def show_all(asker: User, users: Iterable[User]) -> list[User]:
    """`show` for a list, in one query."""
    people = list(users)
    if has_role(asker, "hr"):
        shown = {person.id for person in people}
    else:
        ids = [person.id for person in people]
        below = select(User.id).where(User.id.in_(ids), User.id.in_(reports_of(asker.id)))
        shown = {asker.id, *db.session.scalars(below)} if ids else set()
    for person in people:
        person.is_private_shown = person.id in shown
    return people


def writable(asker: User, user_id: int) -> set[str]:
    """The fields of a person that the asker may change."""
    standing = relation(asker, user_id)
    fields = set(PROFILE) if standing in ("self", "admin") else set()
    if has_role(asker, "hr"):
        fields |= PLACE
    if has_role(asker, "hr") or standing == "manager":
        fields |= LEAVING
    if asker.role == "admin":
        fields |= ACCOUNT
    return fields


def check_may_change(asker: User, user: User, changes: dict[str, Any]) -> None:
    """Refuse changes of fields that are not the asker's to change; one that is sent as it is changes nothing.

    Raises:
        FieldsNotYours: naming them.
    """
    allowed = writable(asker, user.id)
    refused = [name for name, value in changes.items() if name not in allowed and getattr(user, name) != value]
    if not allowed:
        raise Forbidden("You may see this profile, and not change it.")
    if refused:
        raise FieldsNotYours(errors={name: [_who_may(name)] for name in refused})


def _who_may(name: str) -> str:
    if name == "email":
        return "Change your address at /api/users/email; it asks for your password."
    if name in ACCOUNT:
        return "Only an admin may change this."
    if name in LEAVING:
        return "Only HR or a manager above them may change this."
    return (
        "Only HR or an admin may change this." if name in PLACE - PROFILE else "Only they or an admin may change this."
    )
