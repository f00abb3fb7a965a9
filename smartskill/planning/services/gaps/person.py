"""What a person has and lacks, for one role or for all they have, on a day.

Roles are judged by what they ask today; levels, certificates, exemptions and who had which role are those of the day.
Several roles together ask for each thing once, at the highest level and weight that one of them gives it.
"""

from collections.abc import Iterable, Mapping
from datetime import date
from typing import Any

from sqlalchemy import Select, func, select

from smartskill.extensions import db
from smartskill.kit.errors import Invalid
from smartskill.planning.models.roles import RoleAssignment, RoleProfile
from smartskill.planning.services.readiness.formulas import Judged, Target, compliance, judge, readiness, strictest
from smartskill.planning.services.readiness.holdings import Holdings, read_holdings
from smartskill.planning.services.roles.requirements import find_names, read_requirements
from smartskill.skills.models.catalogue import SkillSource
from smartskill.user.services.dated import today

Names = Mapping[Target, str]
STATE_ORDER = {"missing": 0, "below": 1, "met": 2, "exempt": 3}
ROLE_COLUMNS = (
    RoleProfile.id.label("role_id"),
    RoleProfile.name,
    RoleProfile.status,
    RoleProfile.source,
    SkillSource.attribution,
)


def select_roles() -> Select:
    """Rows of roles as they are named beside figures."""
    return select(*ROLE_COLUMNS).join(SkillSource, SkillSource.key == RoleProfile.source, isouter=True)


def measure_person(user_id: int, role_id: int | None = None, as_of: date | None = None) -> dict[str, Any]:
    """The gap of a person: to a role, or to those they have on the day; None for figures where nothing is asked.

    Raises:
        Invalid: there is no such role.
    """
    day = as_of or today()
    roles = _find_roles(user_id, role_id, day)
    asked = read_requirements([role.role_id for role in roles])
    together = strictest(one for several in asked.values() for one in several)
    names = find_names(one.target for one in together)
    has = read_holdings(day, [user_id], names)[user_id]
    judged = judge(together, has.levels, has.exemptions)
    return {
        "user_id": user_id,
        "as_of": day,
        **figures(judged, names),
        "roles": [
            {**role._mapping, **figures(judge(asked.get(role.role_id, ()), has.levels, has.exemptions), names)}
            for role in roles
        ],
        "requirements": [
            {**_shown(one, has, names), "role_ids": _asking(asked, one.requirement.target)}
            for one in sorted(judged, key=lambda one: _urgency(one, names))
        ],
    }


def check_role(role_id: int) -> Any:
    """The row of a role. Raises Invalid where there is none."""
    row = db.session.execute(select_roles().where(RoleProfile.id == role_id)).first()
    if row is None:
        raise Invalid.field("role_id", "There is no such role.")
    return row


def figures(judged: list[Judged], names: Names) -> dict[str, Any]:
    """Readiness, compliance and the failed musts."""
    failed = [one.requirement.target for one in judged if one.is_failed_must]
    return {
        "readiness": readiness(judged),
        "compliance": compliance(judged),
        "failed_musts": [named(target, names) for target in sorted(failed, key=lambda target: names[target].lower())],
    }


def named(target: Target, names: Names) -> dict[str, Any]:
    """A target as it is answered."""
    return {**target._asdict(), "name": names[target]}


def _find_roles(user_id: int, role_id: int | None, day: date) -> list[Any]:
    if role_id is not None:
        return [check_role(role_id)]
    held = select(RoleAssignment.role_id).where(RoleAssignment.user_id == user_id, RoleAssignment.valid.contains(day))
    found = select_roles().where(RoleProfile.id.in_(held))
    return list(db.session.execute(found.order_by(func.lower(RoleProfile.name), RoleProfile.id)))


def _asking(asked: Mapping[int, Iterable], target: Target) -> list[int]:
    return [role_id for role_id, several in asked.items() if any(one.target == target for one in several)]


def _urgency(one: Judged, names: Names) -> tuple:
    asked = one.requirement
    return not one.is_failed_must, STATE_ORDER[one.state], -asked.weight, names[asked.target].lower()


def _shown(one: Judged, has: Holdings, names: Names) -> dict[str, Any]:
    asked = one.requirement
    standing, held = has.standings.get(asked.target), has.certificates.get(asked.target)
    excuse = has.exemptions.get(asked.target)
    return {
        **named(asked.target, names),
        "required": asked.level,
        "held": one.held,
        "state": one.state,
        "weight": asked.weight,
        "must": asked.must,
        "confidence": standing and standing.confidence,
        "is_fresh": standing and standing.is_fresh,
        "last_confirmed_on": standing and standing.last_confirmed_on,
        "qualification_id": held and held.id,
        "expires_on": held and held.expires_on,
        "exemption": excuse and {"id": excuse.id, "reason": excuse.reason, "ends_on": excuse.ends_on},
    }
