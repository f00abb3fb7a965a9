"""The gaps of a team: everybody's figures, and of each requirement how many meet it. A few queries for any team."""

from collections import Counter, defaultdict
from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from datetime import date
from typing import Any

from sqlalchemy import Select, select

from smartskill.extensions import db
from smartskill.kit.pagination import describe
from smartskill.planning.models.roles import RoleAssignment
from smartskill.planning.services.gaps.person import Names, check_role, named
from smartskill.planning.services.gaps.person import figures as figures_of
from smartskill.planning.services.readiness.formulas import (
    STATES,
    Asked,
    Figures,
    Requirement,
    Target,
    judge,
    mean,
    strictest,
)
from smartskill.planning.services.readiness.holdings import Holdings, read_holdings
from smartskill.planning.services.roles.requirements import find_names, read_requirements
from smartskill.user.models import User
from smartskill.user.services.dated import today

RoleIds = tuple[int, ...]


@dataclass
class Member:
    """Somebody of the team, their roles, what these ask together, and how they stand."""

    id: int
    full_name: str
    role_ids: RoleIds
    asked: Asked
    has: Holdings
    figures: Figures


def measure_team(people: Select, query: Mapping[str, Any]) -> tuple[dict[str, Any], dict[str, str]]:
    """The gaps of these people, and the headers of the page of them.

    Args:
        people: a select of ids; policy has decided whose.
    Raises:
        Invalid: there is no such role.
    """
    day = query.get("as_of") or today()
    members = _measure_all(people, query.get("role_id"), day)
    names = find_names({target for asked in _different(members) for target in asked.by_target})
    page, size = query["page"], query["page_size"]
    shown = _sorted(members, *query["sort"])[(page - 1) * size : page * size]
    answer = {
        "as_of": day,
        "people": [_shown(one, names) for one in shown],
        "requirements": _by_requirement(members, names),
        "totals": _totals(members),
    }
    return answer, {"X-Pagination": describe(len(members), page, size)}


def _measure_all(people: Select, role_id: int | None, day: date) -> list[Member]:
    rows = db.session.execute(select(User.id, User.full_name).where(User.id.in_(people))).all()
    own = _own_roles(people, day)
    if role_id is None:
        roles, only = _group(own), own
    else:
        roles, only = dict.fromkeys((row.id for row in rows), (check_role(role_id).role_id,)), None
    each = read_requirements([*{one for several in roles.values() for one in several}])
    asked = {several: _together(several, each) for several in {(), *roles.values()}}
    targets = {target for one in asked.values() for target in one.by_target}
    held = read_holdings(day, people, targets, is_trust_asked=False, roles=only)
    members = []
    for id_, full_name in rows:
        role_ids, has = roles.get(id_, ()), held[id_]
        of_them = asked[role_ids]
        figures = of_them.measure(has.levels, has.exemptions.keys())
        members.append(Member(id_, full_name, role_ids, of_them, has, figures))
    return members


def _own_roles(people: Select, day: date) -> Select:
    columns = (RoleAssignment.user_id, RoleAssignment.role_id)
    return select(*columns).where(RoleAssignment.user_id.in_(people), RoleAssignment.valid.contains(day))


def _group(own: Select) -> dict[int, RoleIds]:
    found: dict[int, list[int]] = defaultdict(list)
    for user_id, role_id in db.session.execute(own.order_by(*own.selected_columns)):
        found[user_id].append(role_id)
    return {user_id: tuple(role_ids) for user_id, role_ids in found.items()}


def _together(role_ids: RoleIds, each: Mapping[int, list[Requirement]]) -> Asked:
    return Asked(strictest(one for role_id in role_ids for one in each.get(role_id, ())))


def _different(members: Iterable[Member]) -> list[Asked]:
    """What is asked of the members, each set of demands once."""
    return list({id(one.asked): one.asked for one in members}.values())


def _sorted(members: Iterable[Member], key: str, is_descending: bool) -> list[Member]:
    """By name within equals; people of whom nothing is asked come last either way."""
    by_name = sorted(members, key=lambda one: (one.full_name, one.id), reverse=is_descending and key == "full_name")
    if key == "full_name":
        return by_name
    known = [one for one in by_name if getattr(one.figures, key) is not None]
    known.sort(key=lambda one: getattr(one.figures, key), reverse=is_descending)
    return known + [one for one in by_name if getattr(one.figures, key) is None]


def _shown(member: Member, names: Names) -> dict[str, Any]:
    judged = judge(member.asked.by_target.values(), member.has.levels, member.has.exemptions)
    person = {"user_id": member.id, "full_name": member.full_name, "role_ids": list(member.role_ids)}
    return person | figures_of(judged, names)


def _by_requirement(members: Iterable[Member], names: Names) -> list[dict[str, Any]]:
    """Of how many each thing is asked, and in which state it is; what somebody has nothing of is what is left over."""
    states: dict[Target, Counter[str]] = defaultdict(Counter)
    asking: dict[Target, list[Requirement]] = defaultdict(list)
    asked_of = Counter(id(member.asked) for member in members)
    for asked in _different(members):
        for target, requirement in asked.by_target.items():
            asking[target].append(requirement)
            states[target]["required"] += asked_of[id(asked)]
    for member in members:
        wanted, exempt = member.asked.by_target, member.has.exemptions
        for target in exempt.keys() & wanted.keys():
            states[target]["exempt"] += 1
        for target, level in member.has.levels.items():
            if target in wanted and target not in exempt:
                states[target]["met" if level >= wanted[target].level else "below"] += 1
    rows = [_row(target, asking[target], counts, names) for target, counts in states.items()]
    return sorted(rows, key=lambda row: (-row["below"] - row["missing"], row["name"].lower()))


def _row(target: Target, several: list[Requirement], counts: Counter[str], names: Names) -> dict[str, Any]:
    missing = counts["required"] - counts["met"] - counts["below"] - counts["exempt"]
    return {
        **named(target, names),
        "required": counts["required"],
        "highest_level": max(one.level for one in several),
        "must": any(one.must for one in several),
        **{state: missing if state == "missing" else counts[state] for state in STATES},
    }


def _totals(members: list[Member]) -> dict[str, Any]:
    return {
        "people": len(members),
        "with_role": sum(bool(one.asked.by_target) for one in members),
        "compliant": sum(one.figures.compliance == 1 for one in members),
        "with_failed_musts": sum(one.figures.failed_must_count > 0 for one in members),
        "readiness": mean([one.figures.readiness for one in members]),
        "compliance": mean([one.figures.compliance for one in members]),
    }
