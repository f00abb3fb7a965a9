"""What speaks for learning something, as the database has it: roles, the team's targets, wishes, peers.

For any number of people at once, so that what is mailed to many is what each finds on their page.
"""

from collections import defaultdict
from collections.abc import Collection, Container, Mapping, Sequence
from dataclasses import dataclass
from statistics import median_high
from typing import Any, NamedTuple

from sqlalchemy import Select, and_, exists, func, or_, select, tuple_

from smartskill.extensions import db
from smartskill.kit.arrays import array_of
from smartskill.planning.models.growth import DismissedSkill
from smartskill.planning.models.roles import RoleAssignment, RoleProfile
from smartskill.planning.models.targets import CoverageTarget
from smartskill.planning.services.coverage.holding import AHEAD
from smartskill.planning.services.coverage.scope import Roster, read_tree
from smartskill.planning.services.growth.numbers import WITHIN_REACH
from smartskill.planning.services.readiness.ranking import best_first, rank
from smartskill.skills.models.catalogue import Skill
from smartskill.skills.models.levels import UserSkill
from smartskill.user.models import Team, User
from smartskill.user.services.dated import today

MOST_REACHABLE = 3
FEWEST_PEERS = 3  # below that a share says nothing, and would tell on somebody


class Own(NamedTuple):
    """What a person has and said of a skill."""

    level: int | None
    interest: int | None
    target_level: int | None


class Role(NamedTuple):
    """A role that is theirs, or within reach."""

    id: int
    name: str
    is_assigned: bool


class ShortTarget(NamedTuple):
    """A head-count that is short, now or once who leaves in 90 days is gone."""

    target_id: int
    team_id: int | None
    team_name: str | None
    skill_id: int
    level: int
    short: int


@dataclass(frozen=True)
class Peers:
    """How many of a person's team are ahead in a skill, out of how many, and at which level the middle of these is."""

    count: int
    of: int
    median_level: int


def read_own(user_ids: Sequence[int]) -> dict[int, dict[int, Own]]:
    """By person and skill."""
    columns = (UserSkill.user_id, UserSkill.skill_id, UserSkill.level, UserSkill.interest, UserSkill.target_level)
    found: dict[int, dict[int, Own]] = {user_id: {} for user_id in user_ids}
    for user_id, skill_id, *said in db.session.execute(select(*columns).where(UserSkill.user_id.in_(user_ids))):
        found[user_id][skill_id] = Own(*said)
    return found


def find_roles(user_ids: Sequence[int]) -> dict[int, list[Role]]:
    """The roles they have today, and up to three others within reach: at least half ready."""
    found = find_assigned(user_ids)
    for user_id, role_id, name in db.session.execute(_reachable(user_ids)):
        found[user_id].append(Role(role_id, name, False))
    return found


def find_assigned(user_ids: Sequence[int]) -> dict[int, list[Role]]:
    """The roles they have today, by name."""
    found: dict[int, list[Role]] = {user_id: [] for user_id in user_ids}
    held = (
        select(RoleAssignment.user_id, RoleProfile.id, RoleProfile.name)
        .join(RoleProfile, RoleProfile.id == RoleAssignment.role_id)
        .where(RoleAssignment.user_id.in_(user_ids), RoleAssignment.valid.contains(today()))
    )
    for user_id, role_id, name in db.session.execute(held.order_by(func.lower(RoleProfile.name), RoleProfile.id)):
        found[user_id].append(Role(role_id, name, True))
    return found


def _reachable(user_ids: Sequence[int]) -> Select:
    ranked = rank(
        select(User.id).where(User.id.in_(user_ids)), select(RoleProfile.id).where(RoleProfile.status == "active")
    )
    is_held = exists().where(
        RoleAssignment.user_id == ranked.c.user_id,
        RoleAssignment.role_id == ranked.c.role_id,
        RoleAssignment.valid.contains(today()),
    )
    order = (*best_first(ranked), func.lower(RoleProfile.name), RoleProfile.id)
    placed = (
        select(
            ranked.c.user_id,
            RoleProfile.id,
            RoleProfile.name,
            func.row_number().over(partition_by=ranked.c.user_id, order_by=order).label("place"),
        )
        .join(RoleProfile, RoleProfile.id == ranked.c.role_id)
        .where(ranked.c.readiness >= WITHIN_REACH, ranked.c.readiness < 1, ~is_held)
        .subquery()
    )
    near = select(placed.c.user_id, placed.c.id, placed.c.name).where(placed.c.place <= MOST_REACHABLE)
    return near.order_by(placed.c.user_id, placed.c.place)


def find_short_targets(people: Sequence[User], own: Mapping[int, Mapping[int, Own]]) -> dict[int, list[ShortTarget]]:
    """What each could help with: skills above their level that their team, the teams above it or the organisation
    want more people with. Of the organisation's only skills they have or wish for: it wants too much for one person.
    """
    roster = Roster({}, {}, read_tree(today()))
    ways = {person.id: roster.way_up(person.team_id) for person in people}
    teams = sorted({team_id for way in ways.values() for team_id in way})
    asked = read_targets(teams)
    wanted = {person.id: [row for row in asked if _is_above(row, ways[person.id], own[person.id])] for person in people}
    pairs = [(one, within) for one in teams for within in roster.teams_within(one)]
    held = count_holders(sorted({row.id for rows in wanted.values() for row in rows}), pairs)
    return {
        user_id: [
            ShortTarget(row.id, row.team_id, row.name, row.skill_id, row.level, row.heads - held.get(row.id, 0))
            for row in rows
            if row.heads > held.get(row.id, 0)
        ]
        for user_id, rows in wanted.items()
    }


def read_targets(teams: list[int]) -> Sequence[Any]:
    columns = (CoverageTarget.team_id, Team.name, CoverageTarget.skill_id, CoverageTarget.level, CoverageTarget.heads)
    found = (
        select(CoverageTarget.id, *columns)
        .join(Team, Team.id == CoverageTarget.team_id, isouter=True)
        .where(
            CoverageTarget.skill_id.is_not(None),
            or_(CoverageTarget.team_id.is_(None), CoverageTarget.team_id.in_(teams)),
        )
    )
    return db.session.execute(found.order_by(CoverageTarget.id)).all()


def _is_above(row: Any, way: Container[int], own: Mapping[int, Own]) -> bool:
    is_theirs = row.skill_id in own if row.team_id is None else row.team_id in way
    return is_theirs and _level_of(own, row.skill_id) < row.level


def _level_of(own: Mapping[int, Own], skill_id: int) -> int:
    return (own[skill_id].level if skill_id in own else None) or 0


def count_holders(target_ids: list[int], pairs: list[tuple[int, int]]) -> dict[int, int]:
    """By target, who has it and will still be here in 90 days; `pairs` says which team is within which."""
    has_it = and_(UserSkill.skill_id == CoverageTarget.skill_id, UserSkill.level >= CoverageTarget.level)
    arrays = [array_of(pair[place] for pair in pairs) for place in (0, 1)]
    within = func.unnest(*arrays).table_valued("team_id", "within_id").render_derived(name="within")
    in_team = tuple_(CoverageTarget.team_id, User.team_id).in_(select(within.c.team_id, within.c.within_id))
    counted = (
        select(CoverageTarget.id, func.count())
        .join(UserSkill, has_it)
        .join(User, User.id == UserSkill.user_id)
        .where(
            CoverageTarget.id.in_(target_ids),
            User.is_active,
            or_(User.leaves_on.is_(None), User.leaves_on >= today() + AHEAD),
            or_(CoverageTarget.team_id.is_(None), in_team),
        )
        .group_by(CoverageTarget.id)
    )
    return dict(db.session.execute(counted).all()) if target_ids else {}


def read_peers(people: Sequence[User], own: Mapping[int, Mapping[int, Own]]) -> dict[int, dict[int, Peers]]:
    """By person and skill, where at least half of their own team, and three people, show a higher level than theirs."""
    teams = {person.team_id for person in people if person.team_id is not None}
    members: defaultdict[int | None, set[int]] = defaultdict(set)
    placed = select(User.id, User.team_id).where(User.team_id.in_(teams), User.is_active)
    for user_id, team_id in db.session.execute(placed) if teams else ():
        members[team_id].add(user_id)
    shown = (
        select(UserSkill.user_id, UserSkill.skill_id, UserSkill.level)
        .join(User, User.id == UserSkill.user_id)
        .where(User.team_id.in_(teams), User.is_active, UserSkill.is_shown, UserSkill.level.is_not(None))
    )
    levels: defaultdict[int, list[tuple[int, int]]] = defaultdict(list)
    for user_id, skill_id, level in db.session.execute(shown) if teams else ():
        levels[user_id].append((skill_id, level or 0))
    return {one.id: _peers_of(members[one.team_id] - {one.id}, levels, own[one.id]) for one in people}


def _peers_of(
    mates: Collection[int], levels: Mapping[int, list[tuple[int, int]]], own: Mapping[int, Own]
) -> dict[int, Peers]:
    ahead: defaultdict[int, list[int]] = defaultdict(list)
    for mate in mates:
        for skill_id, level in levels.get(mate, ()):
            if level > _level_of(own, skill_id):
                ahead[skill_id].append(level)
    least = max(FEWEST_PEERS, len(mates) / 2)
    return {
        skill_id: Peers(len(found), len(mates), median_high(found))
        for skill_id, found in ahead.items()
        if len(found) >= least
    }


def find_learnable(skill_ids: Mapping[int, Collection[int]]) -> dict[int, dict[int, str]]:
    """By person, the names of those of these skills that are neither retired nor dismissed by them."""
    wanted = {skill_id for several in skill_ids.values() for skill_id in several}
    if not wanted:
        return {user_id: {} for user_id in skill_ids}
    in_use = select(Skill.id, Skill.name).where(Skill.id.in_(wanted), Skill.status != "retired")
    names: dict[int, str] = dict(db.session.execute(in_use).all())
    dismissed = select(DismissedSkill.user_id, DismissedSkill.skill_id).where(DismissedSkill.user_id.in_(skill_ids))
    refused = {tuple(row) for row in db.session.execute(dismissed)}
    return {
        user_id: {one: names[one] for one in several if one in names and (user_id, one) not in refused}
        for user_id, several in skill_ids.items()
    }
