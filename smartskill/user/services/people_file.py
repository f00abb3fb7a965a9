"""People from a CSV file as spreadsheets write it: any separator, with or without a byte-order mark, all or nothing.

People are matched by address, so importing the same file twice changes nothing the second time. An empty cell leaves
what there is. Managers may be in the same file, above or below.
"""

import csv
import io
from contextlib import suppress
from dataclasses import dataclass, field
from typing import Any

import marshmallow as ma
from sqlalchemy import func, select

from smartskill.extensions import db
from smartskill.kit.errors import Invalid, Problem
from smartskill.user.models import Team, User
from smartskill.user.schemas.people_file import PersonRowSchema
from smartskill.user.services.invitations import add_person, ask_in
from smartskill.user.services.organisation import KEEP, place_user
from smartskill.user.services.teams import create_team

COLUMNS = ("email", "full_name", "title", "team", "manager_email", "locale", "timezone")
OWN = ("full_name", "title", "locale", "timezone")
MOST_ROWS = 5_000
ENCODINGS = {b"\xef\xbb\xbf": "utf-8-sig", b"\xff\xfe": "utf-16", b"\xfe\xff": "utf-16"}


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
    rows = _checked(_read(content), outcome)
    people: list[User] = []
    with suppress(_Undone), db.session.begin_nested():
        people = _write(rows, outcome)
        if dry_run or outcome.errors:
            raise _Undone
    if outcome.errors and not dry_run:
        errors: dict[str, list[str]] = {}
        for fault in outcome.errors:
            errors.setdefault(f"{fault['line']}.{fault['field']}", []).append(fault["message"])
        raise Invalid(f"Nothing was imported: {len(outcome.errors)} faults.", errors=errors)
    if invite and not dry_run:
        for user in people:
            ask_in(user, by)
    return outcome


def _read(content: bytes) -> list[tuple[int, dict[str, str]]]:
    """The lines with their numbers, whatever the encoding and the separator.

    Raises:
        Invalid: it is not such a file.
    """
    text = _decode(content)
    sample = text[:8192]
    try:
        dialect: Any = csv.Sniffer().sniff(sample.partition("\n")[0] or ",", delimiters=",;\t|")
    except csv.Error:
        dialect = csv.excel  # one column only
    reader = csv.reader(io.StringIO(text, newline=""), delimiter=dialect.delimiter, strict=True)
    try:
        heading = [name.strip().lower().replace(" ", "_").replace("-", "_") for name in next(reader, [])]
        _check_heading(heading)
        lines = [(reader.line_num, cells) for cells in reader if any(cell.strip() for cell in cells)]
    except csv.Error as error:
        raise Invalid.field("file", f"Line {reader.line_num} is not CSV: {error}.") from error
    if len(lines) > MOST_ROWS:
        raise Invalid.field("file", f"At most {MOST_ROWS} people at once; this file has {len(lines)}.")
    return [(number, dict(zip(heading, cells, strict=False))) for number, cells in lines]


def _decode(content: bytes) -> str:
    marked = next((name for mark, name in ENCODINGS.items() if content.startswith(mark)), None)
    for encoding in (marked,) if marked else ("utf-8", "cp1252"):
        try:
            return content.decode(encoding)
        except UnicodeDecodeError:
            continue
    raise Invalid.field("file", "The text is in no encoding that is read here: save it as UTF-8.")


def _check_heading(heading: list[str]) -> None:
    unknown = [name for name in heading if name not in COLUMNS]
    if unknown or "email" not in heading or len(set(heading)) != len(heading):
        raise Invalid.field(
            "file",
            f"The first line must name columns out of {', '.join(COLUMNS)}, email among them, each once"
            + (f"; not {', '.join(repr(name[:40]) for name in unknown[:5])}." if unknown else "."),
        )


def _checked(lines: list[tuple[int, dict[str, str]]], outcome: Outcome) -> list[tuple[int, dict[str, Any]]]:
    schema, seen, rows = PersonRowSchema(), {}, []
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


def _write(rows: list[tuple[int, dict[str, Any]]], outcome: Outcome) -> list[User]:
    """Make or update the people, then place them, when all of them are there; returns the new ones."""
    people = _known(
        {row["email"].lower() for _, row in rows} | {row.get("manager_email", "").lower() for _, row in rows}
    )
    teams = {team.name.lower(): team.id for team in db.session.scalars(select(Team).where(Team.ended_on.is_(None)))}
    made, touched = [], set()
    for _, row in rows:
        own = {name: row[name] for name in OWN if name in row}
        user = people.get(row["email"].lower())
        if user is None:
            people[row["email"].lower()] = user = add_person({"email": row["email"], **own})
            made.append(user)
        elif any(getattr(user, name) != value for name, value in own.items()):
            touched.add(user.id)
            for name, value in own.items():
                setattr(user, name, value)
    for number, row in rows:
        if _place(number, row, people, teams, outcome):
            touched.add(people[row["email"].lower()].id)
    outcome.created, outcome.updated = len(made), len(touched - {user.id for user in made})
    outcome.unchanged = len(rows) - outcome.created - outcome.updated
    return made


def _known(emails: set[str]) -> dict[str, User]:
    found = db.session.scalars(select(User).where(func.lower(User.email).in_(emails)))
    return {user.email.lower(): user for user in found}


def _place(number: int, row: dict, people: dict[str, User], teams: dict[str, int], outcome: Outcome) -> bool:
    """Place one person; whether that changed anything."""
    user, places = people[row["email"].lower()], {}
    if team := row.get("team"):
        if team.lower() not in teams:
            teams[team.lower()] = create_team(team).id
            outcome.teams_created.append(team)
        places["team_id"] = teams[team.lower()]
    if boss := row.get("manager_email"):
        if boss.lower() not in people:
            outcome.refuse(number, "manager_email", "Nobody has this address, here or in the file.")
            return False
        places["manager_id"] = people[boss.lower()].id
    changed = {name: value for name, value in places.items() if getattr(user, name) != value}
    try:
        if changed:
            place_user(user, **{name: changed.get(name, KEEP) for name in ("team_id", "manager_id")})
    except Problem as problem:
        outcome.refuse(number, "manager_email", problem.detail)
    return bool(changed)
