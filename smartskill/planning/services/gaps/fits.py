"""Which roles fit a person, and who fits a role, today, best first. SQL orders all; only a page is looked at closely.

Best is the highest readiness; between equals fewer failed musts, then compliance. Failed musts are always beside it.
"""

from collections.abc import Iterable, Mapping, Sequence
from typing import Any

from sqlalchemy import Select, func, select

from smartskill.extensions import db
from smartskill.kit.pagination import describe
from smartskill.planning.models.roles import RoleAssignment, RoleProfile
from smartskill.planning.services.gaps.person import ROLE_COLUMNS, figures
from smartskill.planning.services.readiness.formulas import judge
from smartskill.planning.services.readiness.holdings import read_holdings
from smartskill.planning.services.readiness.ranking import best_first, rank
from smartskill.planning.services.roles.requirements import find_names, read_requirements
from smartskill.skills.models.catalogue import SkillSource
from smartskill.user.models import User
from smartskill.user.services.dated import today

Page = tuple[list[dict[str, Any]], dict[str, str]]  # items, headers


def list_fits(user_id: int, query: Mapping[str, Any]) -> Page:
    """A page of the active roles (with templates, if included) by how far the person is for each."""
    statuses = ["active", "template"] if query.get("include") else ["active"]
    roles = select(RoleProfile.id).where(RoleProfile.status.in_(statuses))
    ranked = rank(select(User.id).where(User.id == user_id), roles)
    found = (
        select(*ROLE_COLUMNS)
        .join(ranked, ranked.c.role_id == RoleProfile.id)
        .join(SkillSource, SkillSource.key == RoleProfile.source, isouter=True)
        .order_by(*best_first(ranked), func.lower(RoleProfile.name), RoleProfile.id)
    )
    rows, headers = _page(found, roles, query)
    return _with_figures(rows, [(user_id, row["role_id"]) for row in rows]), headers


def list_candidates(role: RoleProfile, people: Select, query: Mapping[str, Any]) -> Page:
    """A page of these people by how far each is for the role.

    Args:
        people: a select of ids.
    """
    ranked = rank(people, select(RoleProfile.id).where(RoleProfile.id == role.id))
    has_role = (
        select(RoleAssignment.id)
        .where(
            RoleAssignment.user_id == User.id, RoleAssignment.role_id == role.id, RoleAssignment.valid.contains(today())
        )
        .exists()
    )
    found = (
        select(User.id.label("user_id"), User.full_name, User.title, User.team_id, has_role.label("has_role"))
        .join(ranked, ranked.c.user_id == User.id)
        .order_by(*best_first(ranked), User.full_name, User.id)
    )
    rows, headers = _page(found, people, query)
    return _with_figures(rows, [(row["user_id"], role.id) for row in rows]), headers


def _page(found: Select, every: Select, query: Mapping[str, Any]) -> Page:
    """A page, and the total of what was ranked: counting that is cheaper than ranking twice."""
    page, size = query["page"], query["page_size"]
    rows = db.session.execute(found.limit(size).offset((page - 1) * size))
    total = db.session.execute(select(func.count()).select_from(every.subquery())).scalar_one()
    return [dict(row._mapping) for row in rows], {"X-Pagination": describe(total, page, size)}


def _with_figures(rows: Iterable[dict[str, Any]], pairs: Sequence[tuple[int, int]]) -> list[dict[str, Any]]:
    """Each row with the figures of its pair of person and role."""
    asked = read_requirements([*{role_id for _, role_id in pairs}])
    names = find_names({one.target for several in asked.values() for one in several})
    held = read_holdings(today(), [*{user_id for user_id, _ in pairs}], names, is_trust_asked=False)
    measured = []
    for row, (user_id, role_id) in zip(rows, pairs, strict=True):
        judged = judge(asked.get(role_id, ()), held[user_id].levels, held[user_id].exemptions)
        measured.append({**row, **figures(judged, names)})
    return measured
