"""Kinds of qualification that many can hold, and the skills that each shows."""

from typing import Any

from sqlalchemy import Select, exists, or_, select

from smartskill.database import now
from smartskill.extensions import db
from smartskill.kit.errors import Conflict, Invalid, NotFound
from smartskill.kit.pagination import ordered
from smartskill.kit.transaction import defer
from smartskill.qualification.models import GrantedSkill, Qualification, QualificationType
from smartskill.skills.models.catalogue import Skill

REGRANT = "smartskill.qualification.tasks.regrant_type"
SORTS = {
    "name": QualificationType.name,
    "issuer": QualificationType.issuer,
    "created_at": QualificationType.created_at,
    "updated_at": QualificationType.updated_at,
}


class TypeInUse(Conflict):
    """People hold qualifications of this type."""


def search_types(query: dict[str, Any]) -> Select:
    """The types that pass the filters, ordered."""
    found = select(QualificationType)
    if "q" in query:
        columns = (QualificationType.name, QualificationType.issuer)
        found = found.where(or_(*(column.icontains(query["q"], autoescape=True) for column in columns)))
    if "kind" in query:
        found = found.where(QualificationType.kind == query["kind"])
    if "skill_id" in query:
        found = found.where(QualificationType.grants.any(GrantedSkill.skill_id == query["skill_id"]))
    return ordered(found, query["sort"], SORTS, QualificationType.id)


def get_type(type_id: int, *, is_locked: bool = False) -> QualificationType:
    """A type. Raises: NotFound."""
    row = db.session.get(QualificationType, type_id, with_for_update=is_locked or None, populate_existing=is_locked)
    if row is None:
        raise NotFound()
    return row


def add_type(data: dict[str, Any]) -> QualificationType:
    """Add a type; that its name is taken (for the issuer) is told by the database.

    Raises:
        Invalid: a granted skill does not exist, or is named twice.
    """
    grants = _checked_grants(data.pop("grants", []))
    row = QualificationType(**data, grants=[GrantedSkill(**grant) for grant in grants])
    db.session.add(row)
    db.session.flush()
    return row


def change_type(row: QualificationType, data: dict[str, Any]) -> QualificationType:
    """Change the given fields. Qualifications already held keep what they were given, but what a type shows is said of
    all of them: its verified holders' levels follow, by a job.

    Raises:
        Invalid: a granted skill does not exist, or is named twice.
    """
    if "grants" in data:
        _regrant(row, _checked_grants(data.pop("grants")))
    for name, value in data.items():
        setattr(row, name, value)
    db.session.flush()
    return row


def remove_type(row: QualificationType) -> QualificationType:
    """Delete a type that nobody holds. Raises: TypeInUse."""
    if db.session.scalar(select(exists().where(Qualification.type_id == row.id))):
        raise TypeInUse()
    _ = row.grants  # answered as it was
    db.session.delete(row)
    db.session.flush()
    return row


def _regrant(row: QualificationType, grants: list[dict]) -> None:
    wanted = {grant["skill_id"]: grant["level"] for grant in grants}
    if wanted == {grant.skill_id: grant.level for grant in row.grants}:
        return
    held = {grant.skill_id: grant for grant in row.grants}
    row.grants = [held.get(skill_id) or GrantedSkill(skill_id=skill_id) for skill_id in sorted(wanted)]
    for grant in row.grants:
        grant.level = wanted[grant.skill_id]
    defer(REGRANT, row.id)
    row.updated_at = now()  # the links are part of the item, so its version moves


def _checked_grants(grants: list[dict]) -> list[dict]:
    wanted = [grant["skill_id"] for grant in grants]
    known = set(db.session.scalars(select(Skill.id).where(Skill.id.in_(wanted)))) if wanted else set()
    errors = {}
    for place, skill_id in enumerate(wanted):
        if skill_id not in known:
            errors[f"grants.{place}.skill_id"] = ["There is no such skill."]
        elif skill_id in wanted[:place]:
            errors[f"grants.{place}.skill_id"] = ["This skill is granted already, above."]
    if errors:
        raise Invalid(errors=errors)
    return sorted(grants, key=lambda grant: grant["skill_id"])
