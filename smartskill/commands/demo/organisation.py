"""The organisation's rows: accounts, teams, and the dated tree with the re-organisation that it has been through."""

from collections.abc import Iterator
from datetime import UTC, date, datetime, time, timedelta
from typing import Any

from sqlalchemy.dialects.postgresql import Range

from smartskill.commands.demo.bulk import copy_rows, reserve_ids
from smartskill.commands.demo.people import Person
from smartskill.commands.demo.sources import MONTH_DAYS, chance, read_table
from smartskill.user.models import ReportingLine, Team, TeamMembership, TeamPlacement, User

FOUNDED_ON = date(2014, 5, 1)
MOVERS = 12
Line = tuple[Person, Person, date, date | None]  # who, to whom, from, to the day before


def fill_organisation(people: list[Person], password_hash: str, today: date) -> None:
    """Write everybody and where they belong; gives people their ids."""
    for person, id_ in zip(people, reserve_ids(User, len(people)), strict=True):
        person.id = id_
    teams = _fill_teams(today)
    copy_rows(User, (_user_row(person, people, teams, password_hash) for person in people))
    memberships = (
        {"user_id": person.id, "team_id": teams[team], "valid": Range(first, last)}
        for person, team, first, last in _memberships(people, today)
    )
    copy_rows(TeamMembership, memberships)
    lines = (
        {"user_id": person.id, "manager_id": manager.id, "valid": Range(first, last)}
        for person, manager, first, last in _reporting(people, today)
    )
    copy_rows(ReportingLine, lines)


def reorganised_on(today: date) -> date:
    """The day of the re-organisation: the first of a month."""
    months = read_table("organisation")["reorganisation"]["months_ago"]
    return (today - timedelta(days=round(months * MONTH_DAYS))).replace(day=1)


def morning(day: date, hour: int = 8) -> datetime:
    """A moment of that day, UTC."""
    return datetime.combine(day, time(hour), UTC)


def _fill_teams(today: date) -> dict[str, int]:
    organisation, reorganisation = read_table("organisation"), read_table("organisation")["reorganisation"]
    names = [team["name"] for team in organisation["teams"]]
    ids = dict(zip(names, reserve_ids(Team, len(names)), strict=True))
    parents = {team["name"]: ids.get(team.get("parent", "")) for team in organisation["teams"]}
    day, placements = reorganised_on(today), []
    rows = [{"id": ids[name], "name": name, "parent_id": parents[name], "ended_on": None} for name in names]
    for name, facts in reorganisation["ended"].items():
        ids[name] = reserve_ids(Team, 1)[0]
        rows.append({"id": ids[name], "name": name, "parent_id": None, "ended_on": day})
        placements.append({"team_id": ids[name], "parent_id": ids[facts["parent"]], "valid": Range(FOUNDED_ON, day)})
    copy_rows(Team, rows)
    for name in names:
        before = reorganisation["before"].get(name)
        if before:
            placements.append({"team_id": ids[name], "parent_id": ids[before], "valid": Range(FOUNDED_ON, day)})
        first = day if before or name in reorganisation["founded"] else FOUNDED_ON
        placements.append({"team_id": ids[name], "parent_id": parents[name], "valid": Range(first, None)})
    copy_rows(TeamPlacement, placements)
    return ids


def _user_row(person: Person, people: list[Person], teams: dict[str, int], password_hash: str) -> dict[str, Any]:
    is_invited, has_left, joined_at = person.state == "invited", person.state == "left", morning(person.joined_on)
    arrived_at = None if is_invited else joined_at
    return {
        "id": person.id,
        "email": person.email,
        "username": person.email.partition("@")[0],
        "full_name": person.name,
        "password_hash": None if is_invited else password_hash,
        "role": person.role,
        "title": person.title,
        "team_id": None if has_left else teams[person.team],
        "manager_id": None if has_left else _manager_id(person, people),
        "locale": person.locale,
        "timezone": person.timezone,
        "is_active": not has_left,
        "verified_at": arrived_at,
        "invited_at": joined_at if is_invited else None,
        "password_changed_at": arrived_at,
        "created_at": joined_at,
        "updated_at": joined_at,
    }


def _manager_id(person: Person, people: list[Person]) -> int | None:
    return None if person.reports_to is None else people[person.reports_to].id


def _memberships(people: list[Person], today: date) -> Iterator[tuple[Person, str, date, date | None]]:
    """Everybody where they are; some came from another team in the re-organisation, those who left have an end."""
    day, former = reorganised_on(today), _former_teams(people, today)
    for person in people:
        first, before = person.joined_on, former.get(person.number)
        if before and first < day:
            yield person, before, first, day
            first = day
        yield person, person.team, first, person.left_on


def _former_teams(people: list[Person], today: date) -> dict[int, str]:
    """Who was in another team before: the leaders of founded ones, people of ended ones, some who kept their trade."""
    rng, reorganisation = chance("movers"), read_table("organisation")["reorganisation"]
    found = {p.number: reorganisation["founded"][p.team] for p in people if p.team in reorganisation["founded"]}
    settled = [p for p in people if p.state == "here" and not p.is_lead and not p.account]
    for name, facts in reorganisation["ended"].items():
        members = [person.number for person in settled if person.team == facts["into"]]
        found |= dict.fromkeys(members[: facts["people"]], name)
    for person in rng.sample([person for person in settled if person.number not in found], MOVERS):
        others = {
            p.team for p in people if p.trade == person.trade and p.team != person.team and p.depth == person.depth
        }
        if others:
            found[person.number] = rng.choice(sorted(others))
    return found


def _reporting(people: list[Person], today: date) -> Iterator[Line]:
    """To whom everybody reported: staff to the leader of their team, leaders to that of the team above, then as now."""
    day, reorganisation = reorganised_on(today), read_table("organisation")["reorganisation"]
    before, leads = reorganisation["before"], {person.team: person for person in people if person.is_lead}
    leads |= {name: leads[facts["parent"]] for name, facts in reorganisation["ended"].items()}
    for person, team, first, last in _memberships(people, today):
        if not person.is_lead:
            yield from _line(person, leads[team], first, last)
        elif person.reports_to is not None:
            former, manager = leads.get(before.get(team, "")), people[person.reports_to]
            if former and first < day:
                yield from _line(person, former, first, day)
                first = day
            yield from _line(person, manager, first, last)


def _line(person: Person, manager: Person, first: date, last: date | None) -> Iterator[Line]:
    """One line, not before the manager was there."""
    first = max(first, manager.joined_on)
    if last is None or first < last:
        yield person, manager, first, last
