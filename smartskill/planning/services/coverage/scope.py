"""Whose targets and whose people a person may look at: who counts in an answer about coverage.

HR sees all. A manager counts the people below them and themselves, which is everybody in a team that is wholly theirs;
of any other team the answer says how many it leaves out. Rights are today's, the organisation is that of the asked day.
"""

from collections import defaultdict
from collections.abc import Iterable
from dataclasses import dataclass, field
from datetime import UTC, date, datetime, time, timedelta
from typing import Any

from sqlalchemy import Select, and_, func, or_, select

from smartskill.extensions import db
from smartskill.kit.arrays import is_one_of
from smartskill.kit.errors import Forbidden, NotFound
from smartskill.planning.services.policy import NotYourPeople, people_to_plan, plans_for_all
from smartskill.user.models import Team, TeamMembership, TeamPlacement, User
from smartskill.user.services.dated import today
from smartskill.user.services.organisation import reports_of


class TeamNotWhollyYours(Forbidden):
    """Targets are kept by HR, and by managers for teams in which everybody reports to them."""


class NoSuchPeople(NotFound):
    """There is no such person."""


@dataclass
class Roster:
    """The people who count on a day, with the team they are in and the day on which they leave."""

    team_of: dict[int, int | None]
    leaves_on: dict[int, date]
    parents: dict[int, int | None]  # the tree of teams on that day
    outside: dict[int, int] = field(default_factory=dict)  # team → its own people who do not count
    _people: dict[int | None, set[int]] = field(default_factory=dict)
    _within: dict[int, set[int]] = field(default_factory=dict)

    def people_of(self, team_id: int | None) -> set[int]:
        """Everybody in a team and below it; in the whole organisation for None."""
        if team_id not in self._people:
            within = self.teams_within(team_id) if team_id is not None else set()
            everybody = self.team_of.items()
            self._people[team_id] = {one for one, own in everybody if team_id is None or own in within}
        return self._people[team_id]

    def people_of_any(self, team_ids: Iterable[int | None]) -> list[int]:
        """The ids of everybody in one of these teams, each once."""
        return sorted(set().union(*(self.people_of(one) for one in set(team_ids))))

    def left_out_of(self, team_id: int | None) -> int:
        """How many of them do not count, because they are not the asker's to plan for."""
        if team_id is None:
            return sum(self.outside.values())
        within = self.teams_within(team_id)
        return sum(count for one, count in self.outside.items() if one in within)

    def teams_of(self, manager_id: int) -> set[int]:
        """The teams in which, with all below, everybody counts, and somebody beside the manager does."""
        found: set[int] = set()
        for user_id, team_id in self.team_of.items():
            if user_id != manager_id and team_id not in found:
                found.update(self.way_up(team_id))
        return found - {above for team_id in self.outside for above in self.way_up(team_id)}

    def teams_within(self, team_id: int) -> set[int]:
        """A team and those below it."""
        if team_id not in self._within:
            self._within[team_id] = {one for one in (team_id, *self.parents) if team_id in self.way_up(one)}
        return self._within[team_id]

    def way_up(self, team_id: int | None) -> list[int]:
        """A team and those above it."""
        found: list[int] = []
        while team_id is not None and team_id not in found:
            found.append(team_id)
            team_id = self.parents.get(team_id)
        return found


def read_roster(asker: Any, day: date, team_id: int | None = None) -> Roster:
    """Everybody who counts on a day and whom the asker may plan for, and the asker where they manage somebody.

    Args:
        team_id: only the people of this team and those below it.
    Raises:
        NotYourPeople: nobody reports to them.
    """
    tree = read_tree(day)
    here, team = _here(day)
    if team_id is not None:
        here = here.where(is_one_of(team, Roster({}, {}, tree).teams_within(team_id)))
    counted = here.add_columns(team, User.leaves_on).order_by(User.id)
    if not plans_for_all(asker):
        # Read first: in this condition the planner would look through them all for each person.
        counted = counted.where(is_one_of(User.id, [asker.id, *db.session.scalars(reports_of(asker.id))]))
    rows = db.session.execute(counted).all()
    if not plans_for_all(asker) and all(row.id == asker.id for row in rows):
        people_to_plan(asker)  # theirs may not have been here that day
    roster = Roster(
        team_of={user_id: team_id for user_id, team_id, _ in rows},
        leaves_on={user_id: last for user_id, _, last in rows if last is not None},
        parents=tree,
    )
    if not plans_for_all(asker):
        roster.outside = _count_outside(roster, here, team)
    return roster


def read_tree(day: date) -> dict[int, int | None]:
    """The team above each team on a day."""
    placed = select(TeamPlacement.team_id, TeamPlacement.parent_id).where(TeamPlacement.valid.contains(day))
    return dict(db.session.execute(placed).all())


def teams_wholly_below(asker: Any) -> set[int]:
    """The teams in which, with all below, everybody but the asker reports to them today, and somebody does."""
    return read_roster(asker, today()).teams_of(asker.id) if _manages(asker) else set()


def _manages(asker: Any) -> bool:
    return db.session.scalar(reports_of(asker.id).limit(1)) is not None


def check_keeps_targets(asker: Any, team_ids: Iterable[int | None]) -> None:
    """Raises TeamNotWhollyYours unless the asker may write the targets of these teams (None: the organisation)."""
    if not plans_for_all(asker) and not set(team_ids) <= teams_wholly_below(asker):
        raise TeamNotWhollyYours()


def check_team(team_id: int) -> None:
    """Raises NotFound where there is no such team."""
    if db.session.get(Team, team_id) is None:
        raise NotFound()


def check_without(asker: Any, without: Iterable[int], roster: Roster) -> None:
    """Whether these are people to plan for; that somebody is not in the team changes nothing.

    Raises:
        NoSuchPeople, NotYourPeople: naming each.
    """
    given = list(without)
    known = set(db.session.scalars(select(User.id).where(User.id.in_(given), _may_know(asker)))) if given else set()
    unknown = {
        f"without.{place}": [f"There is no person {one}."] for place, one in enumerate(given) if one not in known
    }
    if unknown:
        raise NoSuchPeople(errors=unknown)
    if plans_for_all(asker) or set(given) <= roster.team_of.keys():
        return
    own = set(db.session.scalars(select(User.id).where(User.id.in_(given), User.id.in_(reports_of(asker.id)))))
    refused = {
        f"without.{place}": [f"Person {one} does not report to you."]
        for place, one in enumerate(given)
        if one not in own | {asker.id}
    }
    if refused:
        raise NotYourPeople(errors=refused)


def _may_know(asker: Any) -> Any:
    return User.id > 0 if plans_for_all(asker) else User.is_active


def _here(day: date) -> tuple[Select, Any]:
    """A select of who was here on a day (in the past also those who have left since), and the column of their team."""
    stays = or_(User.leaves_on.is_(None), User.leaves_on >= day)
    if day == today():
        return select(User.id).where(User.is_active, stays), User.team_id
    is_member = and_(TeamMembership.user_id == User.id, TeamMembership.valid.contains(day))
    found = select(User.id).join(TeamMembership, is_member, isouter=True).where(stays)
    if day > today():
        return found.where(User.is_active), TeamMembership.team_id
    day_after = datetime.combine(day + timedelta(days=1), time(), UTC)
    was_here = or_(TeamMembership.id.is_not(None), and_(User.is_active, User.created_at < day_after))
    return found.where(was_here), TeamMembership.team_id


def _count_outside(roster: Roster, here: Select, team: Any) -> dict[int, int]:
    counted = here.with_only_columns(team, func.count()).group_by(team)
    everybody = {team_id: count for team_id, count in db.session.execute(counted) if team_id is not None}
    own: defaultdict[int, int] = defaultdict(int)
    for team_id in roster.team_of.values():
        if team_id is not None:
            own[team_id] += 1
    return {team_id: count - own[team_id] for team_id, count in everybody.items() if count > own[team_id]}
