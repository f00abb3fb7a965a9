"""What speaks for learning something, as the database has it: roles, the team's targets, wishes, peers."""

from collections import defaultdict
from collections.abc import Collection, Mapping, Sequence
from dataclasses import dataclass
from statistics import median_high
from typing import Any, NamedTuple

from sqlalchemy import and_, exists, func, or_, select, tuple_

from smartskill.extensions import db
from smartskill.planning.models.growth import DismissedSkill
from smartskill.planning.models.roles import RoleAssignment, RoleProfile
from smartskill.planning.models.targets import CoverageTarget
from smartskill.planning.services.coverage.holding import AHEAD
from smartskill.planning.services.coverage.scope import Roster, read_tree
from smartskill.planning.services.growth.numbers import WITHIN_REACH
from smartskill.planning.services.readiness.ranking import best_first, rank
from smartskill.skills.models import Skill, UserSkill
from smartskill.user.models import Team, User
from smartskill.user.services.dated import today

MOST_REACHABLE = 3
FEWEST_PEERS = 3  # below that a share says nothing, and would tell on somebody


class Own(NamedTuple):
    """What a person has and said of a skill."""

    level: int | None
    interest: int | None
    target_level: int | None


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


def read_own(user_id: int) -> dict[int, Own]:
    """By skill."""
    columns = (UserSkill.skill_id, UserSkill.level, UserSkill.interest, UserSkill.target_level)
    return {row[0]: Own(*row[1:]) for row in db.session.execute(select(*columns).where(UserSkill.user_id == user_id))}


def find_roles(user_id: int) -> list[Any]:
    """Rows of the roles they have today, and of up to three others within reach: at least half ready."""
    held = select(RoleAssignment.role_id).where(
        RoleAssignment.user_id == user_id, RoleAssignment.valid.contains(today())
    )
    columns = (RoleProfile.id, RoleProfile.name)
    own = select(*columns).where(RoleProfile.id.in_(held)).order_by(func.lower(RoleProfile.name), RoleProfile.id)
    others = select(RoleProfile.id).where(RoleProfile.status == "active", RoleProfile.id.not_in(held))
    ranked = rank(select(User.id).where(User.id == user_id), others)
    reachable = (
        select(*columns)
        .join(ranked, ranked.c.role_id == RoleProfile.id)
        .where(ranked.c.readiness >= WITHIN_REACH, ranked.c.readiness < 1)
        .order_by(*best_first(ranked), func.lower(RoleProfile.name), RoleProfile.id)
        .limit(MOST_REACHABLE)
    )
    return [(*row, True) for row in db.session.execute(own)] + [(*row, False) for row in db.session.execute(reachable)]


def find_short_targets(team_id: int | None, own: Mapping[int, Own]) -> list[ShortTarget]:
    """What a person could help with: skills above their level that their team, the teams above it or the organisation
    want more people with. Of the organisation's only skills they have or wish for: it wants too much for one person.
    """
    roster = Roster({}, {}, read_tree(today()))
    way = roster.way_up(team_id)
    columns = (CoverageTarget.team_id, Team.name, CoverageTarget.skill_id, CoverageTarget.level, CoverageTarget.heads)
    found = (
        select(CoverageTarget.id, *columns)
        .join(Team, Team.id == CoverageTarget.team_id, isouter=True)
        .where(
            CoverageTarget.skill_id.is_not(None),
            or_(CoverageTarget.team_id.is_(None), CoverageTarget.team_id.in_(way)),
        )
        .order_by(CoverageTarget.id)
    )
    rows: list[Any] = [
        row
        for row in db.session.execute(found)
        if (row.team_id is not None or row.skill_id in own) and _level_of(own, row.skill_id) < row.level
    ]
    pairs = [(one, within) for one in way for within in roster.teams_within(one)]
    held = _count_holders([row.id for row in rows], pairs)
    short = [(row, row.heads - held.get(row.id, 0)) for row in rows]
    return [
        ShortTarget(row.id, row.team_id, row.name, row.skill_id, row.level, missing)
        for row, missing in short
        if missing > 0
    ]


def _level_of(own: Mapping[int, Own], skill_id: int) -> int:
    return (own[skill_id].level if skill_id in own else None) or 0


def _count_holders(target_ids: list[int], pairs: list[tuple[int, int]]) -> dict[int, int]:
    """By target, who has it and will still be here in 90 days; `pairs` says which team is within which."""
    has_it = and_(UserSkill.skill_id == CoverageTarget.skill_id, UserSkill.level >= CoverageTarget.level)
    in_team = tuple_(CoverageTarget.team_id, User.team_id).in_(pairs or [(0, 0)])
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


def read_peers(user_id: int, team_id: int | None, own: Mapping[int, Own]) -> dict[int, Peers]:
    """By skill, where at least half of a person's own team, and three people, show a higher level than theirs."""
    if team_id is None:
        return {}
    mates = and_(User.team_id == team_id, User.is_active, User.id != user_id)
    size = db.session.scalar(select(func.count()).select_from(User).where(mates)) or 0
    found = (
        select(UserSkill.skill_id, UserSkill.level)
        .join(User, User.id == UserSkill.user_id)
        .where(mates, UserSkill.is_shown, UserSkill.level.is_not(None))
    )
    ahead: defaultdict[int, list[int]] = defaultdict(list)
    for skill_id, level in db.session.execute(found):
        if (level or 0) > _level_of(own, skill_id):
            ahead[skill_id].append(level or 0)
    least = max(FEWEST_PEERS, size / 2)
    return {
        skill_id: Peers(len(levels), size, median_high(levels))
        for skill_id, levels in ahead.items()
        if len(levels) >= least
    }


def find_learnable(user_id: int, skill_ids: Collection[int]) -> dict[int, str]:
    """The names of those skills that are neither retired nor dismissed by the person."""
    is_dismissed = exists().where(DismissedSkill.user_id == user_id, DismissedSkill.skill_id == Skill.id)
    found = select(Skill.id, Skill.name).where(Skill.id.in_(skill_ids), Skill.status != "retired", ~is_dismissed)
    return dict(db.session.execute(found).all())


def ids_of(rows: Sequence[Any]) -> list[int]:
    """The first column."""
    return [row[0] for row in rows]
