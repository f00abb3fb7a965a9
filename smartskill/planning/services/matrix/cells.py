"""The cells of a matrix: the known levels of its people in its skills, as rows or packed by person."""

from typing import Any

from sqlalchemy import Float, Integer, Select, Text, cast, func, literal_column, select, true
from sqlalchemy.dialects.postgresql import aggregate_order_by

from smartskill.kit.arrays import array_of, is_hashed_in
from smartskill.planning.services.matrix.answer import Matrix
from smartskill.skills.models.levels import UserSkill
from smartskill.skills.services.standing import only_sure, review_months_of, search_past, search_standing, trust_sql
from smartskill.user.services.dated import today

LEVEL, SURE = 1 << 14, 10_000  # a level and its confidence as one number: level · 2^14 + confidence in ten thousandths


def search_cells(matrix: Matrix) -> Select:
    """The known levels of the shown people in the shown skills, by person and skill."""
    people, skills = _ids(matrix)
    found = only_sure(search_standing(matrix.day, people, skills), matrix.min_confidence)
    return found.order_by(found.selected_columns.user_id, found.selected_columns.skill_id)


def search_rows(matrix: Matrix) -> Select:
    """The same packed by person: `user_id`, and as texts of arrays the skills' ids, and level and confidence of each.

    Both arrays are null of somebody who has no level today.
    """
    return _rows_of_today(matrix) if matrix.day == today() else _rows_of_past(matrix)


def _rows_of_today(matrix: Matrix) -> Select:
    """Person by person, whose levels stand together in an index; the planner would take too few for that."""
    people, skills = _ids(matrix)
    person = func.unnest(array_of(people)).table_valued("user_id").render_derived(name="person")
    trust = trust_sql(matrix.day, review_months_of(skills))
    found = _packed(UserSkill, trust).where(
        UserSkill.user_id == person.c.user_id, UserSkill.level.is_not(None), is_hashed_in(UserSkill.skill_id, skills)
    )
    if matrix.min_confidence is not None:
        found = found.where(trust >= matrix.min_confidence)
    row = found.correlate(person).lateral("line")
    return select(person.c.user_id, *row.c).join(row, true()).order_by(person.c.user_id)


def _rows_of_past(matrix: Matrix) -> Select:
    people, skills = _ids(matrix)
    cell = only_sure(search_past(matrix.day, people, skills), matrix.min_confidence).subquery("cell").c
    packed = _packed(cell, cell.confidence)
    return (
        packed.with_only_columns(cell.user_id, *packed.selected_columns).group_by(cell.user_id).order_by(cell.user_id)
    )


def _packed(cell: Any, confidence: Any) -> Select:
    sure = cast(func.round(confidence * literal_column(f"{SURE}::float", Float)), Integer)
    arrays = [
        func.array_agg(aggregate_order_by(value, cell.skill_id)) for value in (cell.skill_id, cell.level * LEVEL + sure)
    ]
    return select(cast(arrays[0], Text).label("skill_ids"), cast(arrays[1], Text).label("codes"))


def _ids(matrix: Matrix) -> tuple[list[int], list[int]]:
    return [row.user_id for row in matrix.people], [row.skill_id for row in matrix.skills]
