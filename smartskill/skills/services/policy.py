"""Who may see and do what with skills and levels. Every other module asks here."""

from typing import Any, Literal

from sqlalchemy import ColumnElement, Select, or_, true

from smartskill.kit.access import has_role
from smartskill.skills.models.catalogue import Skill
from smartskill.skills.models.levels import UserSkill
from smartskill.user.services.organisation import is_manager_above, reports_of


def can_curate(asker: Any) -> bool:
    """Approve, rename, retire, delete; keep the categories."""
    return has_role(asker, "hr")


def is_own_proposal(asker: Any, skill: Skill) -> bool:
    """Whether it is a proposal of theirs. That nobody else rated it is a fact the catalogue looks up."""
    return skill.status == "proposed" and skill.proposed_by_id == asker.id


def sees_all_of(asker: Any, owner_id: int) -> bool:
    """Hidden levels, ratings, notes, wishes and history: the person, the managers above, HR."""
    return asker.id == owner_id or has_role(asker, "hr") or is_manager_above(asker.id, owner_id)


def voice_of(asker: Any, owner_id: int) -> Literal["self", "manager"] | None:
    """In which role they may rate this person; a colleague endorses instead, and HR only reads."""
    if asker.id == owner_id:
        return "self"
    return "manager" if is_manager_above(asker.id, owner_id) else None


def visible_levels(asker: Any, below: Select | None = None) -> ColumnElement[bool]:
    """The condition that a `UserSkill` row is one they may see.

    Args:
        below: a select of everybody below them, where the caller knows them: that spares a large query the recursion.
    """
    if has_role(asker, "hr"):
        return true()
    owner = UserSkill.user_id
    is_below = owner.in_(reports_of(asker.id) if below is None else below)
    return or_(UserSkill.is_shown, owner == asker.id, is_below)
