"""People from a file: made and updated, all or nothing.

People are matched by address, so importing the same file twice changes nothing the second time. An empty cell leaves
what there is. Managers may be in the same file, above or below.
"""

from contextlib import suppress
from dataclasses import dataclass, field
from typing import Any

import marshmallow as ma
from sqlalchemy import func, select

from smartskill.extensions import db
from smartskill.kit.errors import Invalid, Problem
from smartskill.user.models import Team, User
from smartskill.user.schemas.people_file import PersonRowSchema
from smartskill.user.services.invitations import ask_in
from smartskill.user.services.organisation import KEEP, place_newcomer, place_user
from smartskill.user.services.people_file import read_lines
from smartskill.user.services.teams import create_team

OWN = ("full_name", "title", "locale", "timezone")
Row = dict[str, Any]


class _Undone(Exception):
    """What was written is to be forgotten."""


@dataclass
class Outcome:
    """What an import did, or would do."""

    dry_run: bool
    created: int = 0
    updated: int = 0
    unchanged: int = 0
    teams_created: list[str] = field(default_factory=list)
    errors: list[dict[str, Any]] = field(default_factory=list)

    def refuse(self, line: int, column: str, message: str) -> None:
        """Note what is wrong with a line."""
        self.errors.append({"line": line, "field": column, "message": message})


def import_people(content: bytes, *, by: User | None, dry_run: bool = False, invite: bool = False) -> Outcome:
    """Make and update accounts from a CSV file.

    Args:
        by: whose name stands in the invitations.
        dry_run: do everything, say what it was, and undo it.
        invite: send new people an invitation.
    Raises:
        Invalid: the file is no CSV of people; or, unless it is a dry run, a line is at fault (all are named).
    """
    outcome = Outcome(dry_run)
    rows = _checked(read_lines(content), outcome)
    newcomers: list[User] = []
    with suppress(_Undone), db.session.begin_nested():
        newcomers = _write(rows, outcome)
        if dry_run or outcome.errors:
            raise _Undone
    if outcome.errors and not dry_run:
        errors: dict[str, list[str]] = {}
        for fault in outcome.errors:
            errors.setdefault(f"{fault['line']}.{fault['field']}", []).append(fault["message"])
        raise Invalid(f"Nothing was imported: {len(outcome.errors)} faults.", errors=errors)
    if invite and not dry_run:
        for user in newcomers:
            ask_in(user, by)
    return outcome


def _checked(lines: list[tuple[int, dict[str, str]]], outcome: Outcome) -> list[tuple[int, Row]]:
    schema = PersonRowSchema()
    seen: dict[str, int] = {}
    rows: list[tuple[int, Row]] = []
    for number, cells in lines:
        try:
            row = schema.load({name: cell.strip() for name, cell in cells.items() if cell.strip()})
        except ma.ValidationError as error:
            for name, messages in error.normalized_messages().items():
                outcome.refuse(number, name, " ".join(messages))
            continue
        first = seen.setdefault(row["email"].lower(), number)
        if first != number:
            outcome.refuse(number, "email", f"This address is in line {first}, too.")
        rows.append((number, row))
    return rows


def _write(rows: list[tuple[int, Row]], outcome: Outcome) -> list[User]:
    """Make and update the people, then place them, when all of them are there; returns the new ones."""
    people = _known(rows)
    newcomers = {row["email"].lower(): _make(row) for _, row in rows if row["email"].lower() not in people}
    touched = {user.id for _, row in rows if (user := people.get(row["email"].lower())) and _update(user, row)}
    db.session.add_all(newcomers.values())
    db.session.flush()
    people |= newcomers
    teams = {team.name.lower(): team.id for team in db.session.scalars(select(Team).where(Team.ended_on.is_(None)))}
    places = [(number, row["email"].lower(), _place_of(number, row, people, teams, outcome)) for number, row in rows]
    by_id = {user.id: user for user in newcomers.values()}
    for number, email, place in places:
        if email in newcomers:
            _place_newcomer(number, newcomers[email], place, by_id, outcome)
        elif _move(number, people[email], place, outcome):
            touched.add(people[email].id)
    db.session.flush()
    outcome.created, outcome.updated = len(newcomers), len(touched)
    outcome.unchanged = len(rows) - outcome.created - outcome.updated
    return list(newcomers.values())


def _known(rows: list[tuple[int, Row]]) -> dict[str, User]:
    named = {row[name].lower() for _, row in rows for name in ("email", "manager_email") if name in row}
    found = db.session.scalars(select(User).where(func.lower(User.email).in_(named)))
    return {user.email.lower(): user for user in found}


def _make(row: Row) -> User:
    own = {name: row[name] for name in OWN if name in row}
    return User(**{"full_name": row["email"].partition("@")[0], **own}, email=row["email"])


def _update(user: User, row: Row) -> bool:
    changed = {name: row[name] for name in OWN if name in row and getattr(user, name) != row[name]}
    for name, value in changed.items():
        setattr(user, name, value)
    return bool(changed)


def _place_of(
    number: int, row: Row, people: dict[str, User], teams: dict[str, int], outcome: Outcome
) -> dict[str, int]:
    """Team and manager of a line, as ids; teams that nobody knew are made."""
    place = {}
    if team := row.get("team"):
        if team.lower() not in teams:
            teams[team.lower()] = create_team(team).id
            outcome.teams_created.append(team)
        place["team_id"] = teams[team.lower()]
    if boss := row.get("manager_email"):
        if boss.lower() in people:
            place["manager_id"] = people[boss.lower()].id
        else:
            outcome.refuse(number, "manager_email", "Nobody has this address, here or in the file.")
    return place


def _place_newcomer(number: int, user: User, place: dict[str, int], by_id: dict[int, User], outcome: Outcome) -> None:
    """Place one whom nobody who was here reports to yet: a circle can only be among newcomers."""
    above = by_id.get(place.get("manager_id", 0))
    while above is not None and above is not user:
        above = by_id.get(above.manager_id or 0)
    if above is user:
        outcome.refuse(number, "manager_email", "That person reports to this one.")
    else:
        place_newcomer(user, **place)


def _move(number: int, user: User, place: dict[str, int], outcome: Outcome) -> bool:
    """Move one who was here; whether that changed anything."""
    changed = {name: value for name, value in place.items() if getattr(user, name) != value}
    try:
        if changed:
            place_user(user, **{name: changed.get(name, KEEP) for name in ("team_id", "manager_id")})
    except Problem as problem:
        outcome.refuse(number, "manager_email", problem.detail)
    return bool(changed)
