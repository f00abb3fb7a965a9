"""What a role asks for: checked whole, so that every mistake is named at once, and written by difference."""

from collections.abc import Container, Iterable, Mapping, Sequence
from typing import Any

from sqlalchemy import select

from smartskill.extensions import db
from smartskill.kit.errors import Invalid
from smartskill.planning.models.roles import RoleProfile, RoleRequirement
from smartskill.planning.services.readiness.formulas import Requirement, Target
from smartskill.qualification.models import QualificationType
from smartskill.skills.models.catalogue import Skill


def as_requirement(given: Mapping[str, Any]) -> Requirement:
    """What a client sent, or a row, as a requirement."""
    target = Target(given["skill_id"], given["qualification_type_id"])
    return Requirement(target, given.get("level", 1), given["weight"], given["must"])


def asked_by(role: RoleProfile) -> list[Requirement]:
    """What a role asks for, in its order."""
    return read_requirements([role.id]).get(role.id, [])


def read_requirements(role_ids: Sequence[int]) -> dict[int, list[Requirement]]:
    """What each of the roles asks for, in its order; one that asks for nothing is not there."""
    columns = (RoleRequirement.skill_id, RoleRequirement.qualification_type_id, RoleRequirement.level)
    rows = db.session.execute(
        select(RoleRequirement.role_id, *columns, RoleRequirement.weight, RoleRequirement.must)
        .where(RoleRequirement.role_id.in_(role_ids))
        .order_by(RoleRequirement.role_id, RoleRequirement.id)
    )
    found: dict[int, list[Requirement]] = {}
    for role_id, skill_id, type_id, level, weight, must in rows:
        found.setdefault(role_id, []).append(Requirement(Target(skill_id, type_id), level, weight, must))
    return found


def find_names(targets: Iterable[Target]) -> dict[Target, str]:
    """What skills and kinds of qualification are called."""
    wanted = list(targets)
    skills = select(Skill.id, Skill.name).where(Skill.id.in_({one.skill_id for one in wanted if one.skill_id}))
    type_ids = {one.qualification_type_id for one in wanted if one.qualification_type_id}
    types = select(QualificationType.id, QualificationType.name).where(QualificationType.id.in_(type_ids))
    names = {Target(id_, None): name for id_, name in db.session.execute(skills)}
    if type_ids:
        names |= {Target(None, id_): name for id_, name in db.session.execute(types)}
    return names


def show_requirements(role: RoleProfile) -> list[dict[str, Any]]:
    """The requirements as they are answered: musts first, then by weight and name."""
    asked = asked_by(role)
    names = find_names(one.target for one in asked)
    rows = [
        {**one.target._asdict(), "name": names[one.target], "level": one.level, "weight": one.weight, "must": one.must}
        for one in asked
    ]
    return sorted(rows, key=lambda row: (not row["must"], -row["weight"], row["name"].lower()))


def check_requirements(given: Sequence[Mapping[str, Any]], known: Container[Target] = ()) -> None:
    """Refuse what cannot be asked for.

    Args:
        known: what the role asks for already, which may have been retired since.
    Raises:
        Invalid: naming each requirement whose target does not exist, is retired, or is named twice.
    """
    targets = [Target(one["skill_id"], one["qualification_type_id"]) for one in given]
    names, retired = find_names(targets), _find_retired(targets)
    errors = {}
    for place, target in enumerate(targets):
        is_skill = target.skill_id is not None
        field = f"requirements.{place}.{'skill_id' if is_skill else 'qualification_type_id'}"
        if target not in names:
            errors[field] = [f"There is no such {'skill' if is_skill else 'kind of qualification'}."]
        elif target in targets[:place]:
            errors[field] = [f"“{names[target]}” is asked for already, by requirement {targets.index(target)}."]
        elif target.skill_id in retired and target not in known:
            errors[field] = [f"“{names[target]}” is retired."]
    if errors:
        raise Invalid(errors=errors)


def _find_retired(targets: Iterable[Target]) -> set[int]:
    wanted = {one.skill_id for one in targets if one.skill_id}
    return set(db.session.scalars(select(Skill.id).where(Skill.id.in_(wanted), Skill.status == "retired")))


def put_requirements(role: RoleProfile, wanted: Sequence[Requirement]) -> bool:
    """Hold the role to these; returns whether that changed anything."""
    rows = {Target(row.skill_id, row.qualification_type_id): row for row in role.requirements}
    before = {target: Requirement(target, row.level, row.weight, row.must) for target, row in rows.items()}
    if before == {one.target: one for one in wanted}:
        return False
    kept = []
    for one in wanted:
        row = rows.get(one.target) or RoleRequirement(**one.target._asdict())
        row.level, row.weight, row.must = one.level, one.weight, one.must
        kept.append(row)
    role.requirements = kept
    db.session.flush()
    return True
