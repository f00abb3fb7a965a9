"""A matrix as JSON or CSV. Its cells are written from ready pieces: half a million objects are too many to make."""

import csv
from io import StringIO

import orjson

from smartskill.extensions import db
from smartskill.kit.json import OPTIONS
from smartskill.planning.services.matrix.answer import Matrix
from smartskill.planning.services.matrix.cells import LEVEL, SURE, search_cells, search_rows

FORMULA = ("=", "+", "-", "@", "\t", "\r")


def as_json(matrix: Matrix) -> bytes:
    """The whole answer."""
    head = {
        "as_of": matrix.day,
        "people_total": matrix.people_total,
        "skills_total": matrix.skills_total,
        "people": [
            {"user_id": user_id, "full_name": name, "team_id": team_id} for user_id, name, team_id in matrix.people
        ],
        "skills": [{"skill_id": row.skill_id, "name": row.name} for row in matrix.skills],
    }
    coverage = orjson.dumps(matrix.coverage, option=OPTIONS)
    return b"".join(
        (orjson.dumps(head, option=OPTIONS)[:-1], b',"cells":[', *_cells(matrix), b'],"coverage":', coverage, b"}")
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


def _cells(matrix: Matrix) -> list[bytes]:
    """The cells as JSON objects with commas between them, a text for each person.

    They are put together from pieces that many cells share. People who follow each other mostly have the same skills.
    """
    if not matrix.people or not matrix.skills:
        return []
    of_skill = {skill.skill_id: b'%d,"level":' % skill.skill_id for skill in matrix.skills}
    lines, former, pieces = [], None, [b""]
    for user_id, skills, codes in db.session.execute(search_rows(matrix)):
        if skills is None:
            continue
        if skills != former:
            former, ids = skills, _ids(skills)
            pieces = [b""] * (3 * len(ids))
            pieces[1::3] = [of_skill[skill_id] for skill_id in ids]
        pieces[0::3] = [b',{"user_id":%d,"skill_id":' % user_id] * (len(pieces) // 3)
        pieces[2::3] = map(OF_LEVEL.__getitem__, _ids(codes))
        lines.append(b"".join(pieces))
    return [lines[0][1:], *lines[1:]] if lines else []


def _ids(array: str) -> list[int]:
    return orjson.loads(f"[{array[1:-1]}]")


class _Levels(dict[int, bytes]):
    """By a code of `search_rows` what follows the skill in a cell: level and confidence."""

    def __missing__(self, code: int) -> bytes:
        level, trust = divmod(code, LEVEL)
        sure = trust / SURE if 0 < trust < SURE else trust // SURE  # a whole number is written without a point
        self[code] = text = orjson.dumps(level) + b',"confidence":' + orjson.dumps(sure) + b"}"
        return text


OF_LEVEL = _Levels()  # of all matrices: there are no more than 50,005
