"""A matrix as JSON or CSV. PostgreSQL writes its cells: half a million objects are too many to make in Python."""

import csv
from io import BytesIO, StringIO
from typing import Any

import orjson
from sqlalchemy import Float, Select, func, literal_column, select
from sqlalchemy.dialects.postgresql import aggregate_order_by

from smartskill.extensions import db
from smartskill.kit.json import OPTIONS
from smartskill.planning.services.matrix.answer import Matrix, search_cells

TEN_THOUSAND: Any = literal_column("10000::float", Float)
FORMULA = ("=", "+", "-", "@", "\t", "\r")


def as_json(matrix: Matrix) -> bytes:
    """The whole answer."""
    head = {
        "as_of": matrix.day,
        "people_total": matrix.people_total,
        "skills_total": matrix.skills_total,
        "people": [dict(row._mapping) for row in matrix.people],
        "skills": [{"skill_id": row.skill_id, "name": row.name} for row in matrix.skills],
    }
    coverage = orjson.dumps(matrix.coverage, option=OPTIONS)
    return b"".join(
        (orjson.dumps(head, option=OPTIONS)[:-1], b',"cells":[', _cells(matrix), b'],"coverage":', coverage, b"}")
    )


def as_csv(matrix: Matrix) -> str:
    """A line for each person, a column for each skill; empty where nothing is known, and no cell is a formula."""
    levels = {(row.user_id, row.skill_id): row.level for row in db.session.execute(search_cells(matrix))}
    text = StringIO()
    out = csv.writer(text)
    out.writerow(["user_id", "full_name", "team_id", *(defused(row.name) for row in matrix.skills)])
    for person in matrix.people:
        known = [levels.get((person.user_id, skill.skill_id), "") for skill in matrix.skills]
        out.writerow([person.user_id, defused(person.full_name), person.team_id or "", *known])
    return text.getvalue()


def defused(text: str) -> str:
    """A text that no spreadsheet takes for a formula."""
    return f"'{text}" if text.startswith(FORMULA) else text


def _cells(matrix: Matrix) -> bytes:
    """The cells as JSON objects, one after the other.

    PostgreSQL puts together those of each person: numbers, and the pieces of JSON around them. No text of anybody's is
    among them, so COPY has nothing to escape, and its line ends are where the commas between people belong.
    """
    if not matrix.people or not matrix.skills:
        return b""
    cell = search_cells(matrix).order_by(None).subquery("cell").c
    rounded = func.round(cell.confidence * TEN_THOUSAND) / TEN_THOUSAND
    written = func.concat(
        _piece('{"user_id":'), cell.user_id, _piece(',"skill_id":'), cell.skill_id,
        _piece(',"level":'), cell.level, _piece(',"confidence":'), rounded, _piece("}"),
    )  # fmt: skip
    of_person = func.string_agg(written, aggregate_order_by(_piece(","), cell.skill_id))
    found = select(of_person).group_by(cell.user_id).order_by(cell.user_id)
    return _copied(found).replace(b"\n", b",")[:-1]


def _piece(text: str) -> Any:
    return literal_column(f"'{text}'")


def _copied(found: Select) -> bytes:
    """What COPY writes of a select."""
    connection = db.session.connection()
    compiled = found.compile(dialect=connection.dialect)
    cursor: Any = connection.connection.cursor()
    with cursor:
        out = BytesIO()
        cursor.copy_expert(b"COPY (" + cursor.mogrify(str(compiled), compiled.params) + b") TO STDOUT", out)
    return out.getvalue()
