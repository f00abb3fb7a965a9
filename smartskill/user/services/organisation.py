"""Who reports to whom and who is in which team: today's answer on the person's row, any other day's in dated rows.

`place_user` is the only writer of both. One advisory lock orders all changes of the organisation: two that are each
fine and together make a circle can't slip past each other.
"""

from datetime import date
from typing import Any

from sqlalchemy import ARRAY, Integer, Select, any_, cast, func, literal, select, true
from sqlalchemy.dialects.postgresql import Range

from smartskill.extensions import db
from smartskill.kit.errors import Conflict
from smartskill.user.models import ReportingLine, Team, TeamMembership, TeamPlacement, User
from smartskill.user.services.dated import effective, hold_from, today

ORGANISATION_LOCK = 7_301_003  # an arbitrary number that names the lock
KEEP: Any = object()


class ManagerIsBelow(Conflict):
    """That person reports to this one, directly or through others, so they can't be the manager as well."""


class TeamHasEnded(Conflict):
    """That team has ended."""


def lock_organisation() -> None:
    """Wait for other changes of the organisation, until the end of the transaction."""
    db.session.execute(select(func.pg_advisory_xact_lock(ORGANISATION_LOCK)))


def place_user(
    user: User, *, team_id: int | None = KEEP, manager_id: int | None = KEEP, effective_on: date | None = None
) -> None:
    """Say to which team and manager a person belongs from a day on; what was recorded for later days is replaced.

    Raises:
        Invalid: the day is in the future, or there is no such team or person.
        ManagerIsBelow: the new manager is below this person.
        TeamHasEnded: the team is history.
    """
    on = effective(effective_on)
    lock_organisation()
    if team_id is not KEEP:
        _check_team(team_id)
        user.team_id = team_id
        hold_from(TeamMembership, {"user_id": user.id}, {"team_id": team_id}, on, is_end=team_id is None)
    if manager_id is not KEEP:
        _check_line(user.id, manager_id, on)
        user.manager_id = manager_id
        hold_from(ReportingLine, {"user_id": user.id}, {"manager_id": manager_id}, on, is_end=manager_id is None)


def place_newcomer(user: User, *, team_id: int | None = None, manager_id: int | None = None) -> None:
    """`place_user` for one without a history; the caller makes sure that there is no circle."""
    user.team_id, user.manager_id = team_id, manager_id
    valid = Range(today(), None)
    if team_id is not None:
        db.session.add(TeamMembership(user_id=user.id, team_id=team_id, valid=valid))
    if manager_id is not None:
        db.session.add(ReportingLine(user_id=user.id, manager_id=manager_id, valid=valid))


def _check_team(team_id: int | None) -> None:
    team = db.session.get(Team, team_id) if team_id else None
    if team is not None and team.ended_on is not None:
        raise TeamHasEnded()


def _check_line(user_id: int, manager_id: int | None, on: date) -> None:
    if manager_id is None:
        return
    for day in {None, on} - {today()}:
        if manager_id == user_id or is_manager_above(user_id, manager_id, as_of=day):
            raise ManagerIsBelow()


def is_manager_above(manager_id: int, user_id: int, as_of: date | None = None) -> bool:
    """Whether one person is above another: their manager, or that one's, and so on up. Nobody is above themselves."""
    line = _lines(as_of).subquery()
    above = select(line.c.manager_id).where(line.c.user_id == user_id).cte(recursive=True)
    above = above.union(select(line.c.manager_id).join(above, line.c.user_id == above.c.manager_id))
    found = select(literal(1)).where(above.c.manager_id == manager_id).limit(1)
    return manager_id != user_id and db.session.scalar(found) is not None


def reports_of(manager_id: int, as_of: date | None = None) -> Select:
    """A select of the ids of everybody below a person, to any depth, today or as of a day."""
    line = _lines(as_of).subquery()
    below = select(line.c.user_id).where(line.c.manager_id == manager_id).cte(recursive=True)
    # OFFSET keeps the planner, who takes everybody for a manager, from reading all lines again for each step down.
    reports = select(line.c.user_id).where(line.c.manager_id == below.c.user_id).offset(0).lateral()
    return select(below.union(select(reports.c.user_id).join_from(below, reports, true())).c.user_id)


def _lines(as_of: date | None) -> Select:
    if as_of is None:
        return select(User.id.label("user_id"), User.manager_id).where(User.manager_id.is_not(None))
    return select(ReportingLine.user_id, ReportingLine.manager_id).where(ReportingLine.valid.contains(as_of))


def team_tree(as_of: date | None = None) -> Select:
    """A select of the teams there were on a day (today), each with the parent it had: `id`, `name`, `parent_id`, …"""
    return (
        select(Team.id, Team.name, TeamPlacement.parent_id, Team.ended_on, Team.created_at, Team.updated_at)
        .join(TeamPlacement, TeamPlacement.team_id == Team.id)
        .where(TeamPlacement.valid.contains(as_of or today()))
    )


def teams_within(team_id: Any, as_of: date | None = None) -> Select:
    """A select of the ids of a team and of all teams below it. The team may be a parameter, here and below."""
    day = as_of or today()
    within = select(cast(team_id, Integer).label("team_id")).cte(recursive=True)
    below = select(TeamPlacement.team_id).join(within, TeamPlacement.parent_id == within.c.team_id)
    return select(within.union(below.where(TeamPlacement.valid.contains(day))).c.team_id)


def members_of(team_id: Any, as_of: date | None = None) -> Select:
    """A select of the ids of the people in a team or in a team below it."""
    teams = func.array(teams_within(team_id, as_of).scalar_subquery(), type_=ARRAY(Integer))  # looked up one by one
    member = select(TeamMembership.user_id).where(TeamMembership.valid.contains(as_of or today()))
    return member.where(TeamMembership.team_id == any_(teams))
