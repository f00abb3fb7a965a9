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
from smartskill.planning.services.gaps import Names, check_role, figures, named
from smartskill.planning.services.readiness import STATES, Judged, Requirement, Target, judge, mean, strictest
from smartskill.planning.services.readiness_holdings import read_holdings
from smartskill.planning.services.roles_requirements import find_names, read_requirements
from smartskill.user.models import User
from smartskill.user.services.dated import today

RoleIds = tuple[int, ...]


@dataclass
class Member:
    """Somebody of the team, their roles, and how they stand."""

    id: int
    full_name: str
    role_ids: RoleIds
    judged: list[Judged]
    figures: dict[str, Any]


def measure_team(people: Select, query: Mapping[str, Any]) -> tuple[dict[str, Any], dict[str, str]]:
    """The gaps of these people, and the headers of the page of them.

    Args:
        people: a select of ids; policy has decided whose.
    Raises:
        Invalid: there is no such role.
    """
    day = query.get("as_of") or today()
    members, names = _judge_all(people, query.get("role_id"), day)
    page, size = query["page"], query["page_size"]
    shown = _sorted(members, *query["sort"])[(page - 1) * size : page * size]
    answer = {
        "as_of": day,
        "people": [
            {"user_id": one.id, "full_name": one.full_name, "role_ids": list(one.role_ids), **one.figures}
            for one in shown
        ],
        "requirements": _by_requirement(members, names),
        "totals": _totals(members),
    }
    return answer, {"X-Pagination": describe(len(members), page, size)}


def _judge_all(people: Select, role_id: int | None, day: date) -> tuple[list[Member], Names]:
    rows = db.session.execute(select(User.id, User.full_name).where(User.id.in_(people))).all()
    if role_id is None:
        roles = _roles_of(people, day)
    else:
        roles = dict.fromkeys((row.id for row in rows), (check_role(role_id).role_id,))
    asked = read_requirements([*{one for several in roles.values() for one in several}])
    together = {several: _together(several, asked) for several in {(), *roles.values()}}
    names = find_names({one.target for several in asked.values() for one in several})
    held = read_holdings(day, people, names)
    members = []
    for id_, full_name in rows:
        has, role_ids = held[id_], roles.get(id_, ())
        judged = judge(together[role_ids], has.levels, has.exemptions)
        members.append(Member(id_, full_name, role_ids, judged, figures(judged, names)))
    return members, names


def _roles_of(people: Select, day: date) -> dict[int, RoleIds]:
    found: dict[int, list[int]] = defaultdict(list)
    columns = (RoleAssignment.user_id, RoleAssignment.role_id)
    held = select(*columns).where(RoleAssignment.user_id.in_(people), RoleAssignment.valid.contains(day))
    for user_id, role_id in db.session.execute(held.order_by(*columns)):
        found[user_id].append(role_id)
    return {user_id: tuple(role_ids) for user_id, role_ids in found.items()}


def _together(role_ids: RoleIds, asked: Mapping[int, list[Requirement]]) -> list[Requirement]:
    return strictest(one for role_id in role_ids for one in asked.get(role_id, ()))


def _sorted(members: Iterable[Member], key: str, is_descending: bool) -> list[Member]:
    """By name within equals; people of whom nothing is asked come last either way."""
    by_name = sorted(members, key=lambda one: (one.full_name, one.id), reverse=is_descending and key == "full_name")
    if key == "full_name":
        return by_name
    known = [one for one in by_name if one.figures[key] is not None]
    known.sort(key=lambda one: one.figures[key], reverse=is_descending)
    return known + [one for one in by_name if one.figures[key] is None]


def _by_requirement(members: Iterable[Member], names: Names) -> list[dict[str, Any]]:
    states: dict[Target, Counter[str]] = defaultdict(Counter)
    asked: dict[Target, list[Requirement]] = defaultdict(list)
    for member in members:
        for requirement, _, state in member.judged:
            states[requirement.target][state] += 1
            asked[requirement.target].append(requirement)
    rows = [
        {
            **named(target, names),
            "required": len(several),
            "highest_level": max(one.level for one in several),
            "must": any(one.must for one in several),
            **{state: states[target][state] for state in STATES},
        }
        for target, several in asked.items()
    ]
    return sorted(rows, key=lambda row: (-row["below"] - row["missing"], row["name"].lower()))


def _totals(members: list[Member]) -> dict[str, Any]:
    return {
        "people": len(members),
        "with_role": sum(bool(one.judged) for one in members),
        "compliant": sum(one.figures["compliance"] == 1 for one in members),
        "with_failed_musts": sum(bool(one.figures["failed_musts"]) for one in members),
        "readiness": mean([one.figures["readiness"] for one in members]),
        "compliance": mean([one.figures["compliance"] for one in members]),
    }
