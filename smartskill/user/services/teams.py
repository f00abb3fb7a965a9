"""Teams: made, renamed, moved in the tree from a day on, ended or removed."""

from datetime import date
from typing import Any

from sqlalchemy import Select, exists, or_, select

from smartskill.database import now
from smartskill.extensions import db
from smartskill.kit.errors import Conflict, Invalid, NotFound
from smartskill.kit.pagination import ordered
from smartskill.user.models import Team, TeamMembership, TeamPlacement, User
from smartskill.user.services.dated import effective, hold_from, today
from smartskill.user.services.organisation import TeamHasEnded, lock_organisation, team_tree, teams_within


class TeamIsBelow(Conflict):
    """That team is this one or below it, so it can't be above it as well."""


class TeamInUse(Conflict):
    """This team has people or teams in it: move them first."""


def search_teams(query: dict[str, Any]) -> Select:
    """The teams of a day (today)."""
    found = team_tree(query.get("as_of"))
    if "q" in query:
        found = found.where(Team.name.icontains(query["q"], autoescape=True))
    if "parent_id" in query:
        found = found.where(TeamPlacement.parent_id == query["parent_id"])
    return ordered(found, query["sort"], {"name": Team.name, "created_at": Team.created_at}, Team.id)


def get_team(team_id: int, *, is_locked: bool = False) -> Team:
    """One team, ended ones too.

    Raises:
        NotFound: there is none.
    """
    lock: Any = {"key_share": True} if is_locked else None
    team = db.session.get(Team, team_id, with_for_update=lock, populate_existing=is_locked)
    if team is None:
        raise NotFound()
    return team


def create_team(name: str, *, parent_id: int | None = None, effective_on: date | None = None) -> Team:
    """A new team, there from a day on.

    Raises:
        Invalid: the day is in the future, or there is no such parent.
        TeamHasEnded: the parent is history.
    """
    on = effective(effective_on)
    lock_organisation()
    _check_parent(None, parent_id)
    team = Team(name=name, parent_id=parent_id)
    db.session.add(team)
    db.session.flush()
    hold_from(TeamPlacement, {"team_id": team.id}, {"parent_id": parent_id}, on)
    return team


def change_team(team: Team, changes: dict[str, Any]) -> Team:
    """Rename a team, or move it from `effective_on` (today) on.

    Raises:
        Invalid: the day is in the future, or there is no such parent.
        TeamIsBelow: the new parent is below this team.
        TeamHasEnded: this team, or the parent, is history.
    """
    on = effective(changes.get("effective_on"))
    if team.ended_on is not None:
        raise TeamHasEnded()
    if "name" in changes:
        team.name = changes["name"]
    if "parent_id" in changes:
        lock_organisation()
        for day in {today(), on}:
            _check_parent(team.id, changes["parent_id"], day)
        team.parent_id, team.updated_at = changes["parent_id"], now()
        hold_from(TeamPlacement, {"team_id": team.id}, {"parent_id": team.parent_id}, on)
    db.session.flush()
    return team


def _check_parent(team_id: int | None, parent_id: int | None, day: date | None = None) -> None:
    if parent_id is None:
        return
    parent = db.session.get(Team, parent_id)
    if parent is None:
        raise Invalid.field("parent_id", "There is no such team.")
    if parent.ended_on is not None:
        raise TeamHasEnded()
    if team_id and parent_id in db.session.scalars(teams_within(team_id, day)).all():
        raise TeamIsBelow()


def end_team(team: Team) -> Team:
    """Remove a team that nobody was ever in; end one that has a history, which stays.

    Raises:
        TeamInUse: it has people or teams in it today.
        TeamHasEnded: it is history already.
    """
    lock_organisation()
    if team.ended_on is not None:
        raise TeamHasEnded()
    if _is_used(team.id):
        raise TeamInUse()
    if _has_history(team.id):
        hold_from(TeamPlacement, {"team_id": team.id}, {}, today(), is_end=True)
        team.ended_on, team.parent_id = today(), None
    else:
        db.session.delete(team)
    db.session.flush()
    return team


def _is_used(team_id: int) -> bool:
    used = or_(exists().where(User.team_id == team_id), exists().where(Team.parent_id == team_id))
    return bool(db.session.scalar(select(used)))


def _has_history(team_id: int) -> bool:
    held = or_(
        exists().where(TeamMembership.team_id == team_id),
        exists().where(TeamPlacement.parent_id == team_id),
    )
    return bool(db.session.scalar(select(held)))
