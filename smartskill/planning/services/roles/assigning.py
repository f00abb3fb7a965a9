"""Which roles people have, and when: given and taken by HR or a manager above, from a day on."""

from datetime import date, timedelta
from typing import Any

from sqlalchemy import Select, func, select

from smartskill.extensions import db
from smartskill.kit.errors import Conflict, Forbidden, NotFound
from smartskill.planning.models.roles import RoleAssignment, RoleProfile
from smartskill.planning.services.policy import plans_for, sees_gap_of
from smartskill.user.models import User
from smartskill.user.services.dated import effective, hold_from, today

COLUMNS = (
    RoleAssignment.user_id,
    RoleAssignment.role_id,
    RoleProfile.name.label("role_name"),
    func.lower(RoleAssignment.valid).label("starts_on"),
    func.upper(RoleAssignment.valid).label("until"),
)


class NotYoursToAssign(Forbidden):
    """HR and the managers above a person decide on their roles and exemptions."""


class RoleNotAssignable(Conflict):
    """Only an active role can be given to people; derive one from a template."""


def require_sight(asker: Any, user_id: int) -> None:
    """Raises NotFound where what a person lacks is not shown to the asker."""
    if not sees_gap_of(asker, user_id):
        raise NotFound()


def require_planner(asker: Any, user_id: int) -> None:
    """Raises NotFound where it is not shown, NotYoursToAssign where it may not be changed."""
    require_sight(asker, user_id)
    if not plans_for(asker, user_id):
        raise NotYoursToAssign()


def search_assignments(user_id: int, as_of: date | None = None) -> Select:
    """Rows of the roles that a person had on a day (today), by name; for `shown_assignment`."""
    return (
        select(*COLUMNS)
        .join(RoleProfile, RoleProfile.id == RoleAssignment.role_id)
        .where(RoleAssignment.user_id == user_id, RoleAssignment.valid.contains(as_of or today()))
        .order_by(func.lower(RoleProfile.name), RoleAssignment.role_id)
    )


def shown_assignment(row: Any) -> dict[str, Any]:
    """An assignment as it is answered."""
    facts = dict(row._mapping)
    until = facts.pop("until")
    return {**facts, "ends_on": until - timedelta(days=1) if until else None}


def assign_role(user: User, role_id: int, effective_on: date | None = None) -> dict[str, Any]:
    """Say that a person has a role from a day on; it replaces what was said of this role for later days.

    Raises:
        NotFound: there is no such role.
        RoleNotAssignable: it is a template, or retired.
        Invalid: the day is in the future.
    """
    on = effective(effective_on)
    role = db.session.get(RoleProfile, role_id, with_for_update={"read": True})
    if role is None:
        raise NotFound()
    if role.status != "active":
        raise RoleNotAssignable(f"“{role.name}” is {_said(role.status)}. {RoleNotAssignable.__doc__}")
    _lock(user)
    hold_from(RoleAssignment, {"user_id": user.id, "role_id": role_id}, {}, on)
    return shown_assignment(db.session.execute(_one(user.id, role_id).where(RoleAssignment.valid.contains(on))).one())


def end_assignment(user: User, role_id: int, effective_on: date | None = None) -> dict[str, Any]:
    """Say that a person no longer has a role from a day on; returns the assignment as it then is (or was).

    Raises:
        NotFound: they do not have it then.
        Invalid: the day is in the future.
    """
    on = effective(effective_on)
    _lock(user)
    last = _one(user.id, role_id).where(func.upper_inf(RoleAssignment.valid) | (func.upper(RoleAssignment.valid) > on))
    found = db.session.execute(last.order_by(RoleAssignment.valid.desc())).first()
    if found is None:
        raise NotFound()
    hold_from(RoleAssignment, {"user_id": user.id, "role_id": role_id}, {}, on, is_end=True)
    shown = shown_assignment(found)
    return shown if shown["starts_on"] >= on else {**shown, "ends_on": on - timedelta(days=1)}


def _one(user_id: int, role_id: int) -> Select:
    return (
        select(*COLUMNS)
        .join(RoleProfile, RoleProfile.id == RoleAssignment.role_id)
        .where(RoleAssignment.user_id == user_id, RoleAssignment.role_id == role_id)
    )


def _lock(user: User) -> None:
    """One change of a person's roles or exemptions at a time."""
    db.session.execute(select(User.id).where(User.id == user.id).with_for_update(key_share=True))


def _said(status: str) -> str:
    return "a template" if status == "template" else status
