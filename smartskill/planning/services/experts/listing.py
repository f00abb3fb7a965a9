"""A page of experts as it is answered: found, explained, and where there is none, why."""

from collections import defaultdict
from collections.abc import Mapping, Sequence
from typing import Any
from urllib.parse import quote

from sqlalchemy import func, select

from smartskill.activity.services.noting import note
from smartskill.extensions import db
from smartskill.kit.pagination import describe
from smartskill.planning.services.experts.conditions import Conditions, read_conditions
from smartskill.planning.services.experts.finding import search_expert_ids
from smartskill.planning.services.experts.kept import levels_statement, page_statement, places_statement
from smartskill.planning.services.experts.sight import Sight, sight_of
from smartskill.planning.services.experts.unmet import name_unmet
from smartskill.planning.services.experts.why import Hit, Levels, Places, explain
from smartskill.planning.services.full_text.places import gather_places
from smartskill.planning.services.full_text.search import find_spelling


def list_experts(query: Mapping[str, Any], asker: Any) -> tuple[list[Hit], dict[str, str]]:
    """A page of hits and its headers.

    Where a text finds nothing and the nearest spelling does, that is answered and named in `X-Corrected-Text`
    (percent-encoded UTF-8); where nothing is found, `X-No-Match` names the conditions.

    Raises:
        Invalid: a condition names what does not exist.
    """
    conditions, sight = read_conditions(query), sight_of(asker)
    rows, headers, total = _find_page(conditions, sight, query["page"], query["page_size"])
    if not total and conditions.words is not None:
        conditions, rows, headers, total = _spelt(conditions, sight, query) or (conditions, rows, headers, total)
    if not total:
        headers["X-No-Match"] = name_unmet(conditions, sight)
    skill_id = conditions.needs[0].skill_id if conditions.needs else None
    props = {"result_count": total, "view": "experts"}
    note(asker.id, "search", subject_type="skill", subject_id=skill_id, props=props)
    levels, places = _find_levels(rows, conditions, sight), _find_places(rows, conditions, sight)
    return explain(rows, levels, places, conditions), headers


def _find_levels(rows: Sequence[Any], conditions: Conditions, sight: Sight) -> Levels:
    """By person and skill, what is said of those who were found in what was asked for."""
    levels: Levels = defaultdict(dict)
    if rows and conditions.needs:
        user_ids, skill_ids = [row.user_id for row in rows], [need.skill_id for need in conditions.needs]
        statement, values = levels_statement(user_ids, skill_ids, sight)
        for row in statement.execute(values):
            levels[row.user_id][row.skill_id] = row
    return levels


def _find_places(rows: Sequence[Any], conditions: Conditions, sight: Sight) -> Places:
    if not rows or conditions.words is None:
        return {}
    statement, values = places_statement(conditions.words, [row.user_id for row in rows], sight)
    return gather_places(statement.execute(values))


def _find_page(conditions: Conditions, sight: Sight, page: int, size: int) -> tuple[list, dict[str, str], int]:
    """A page of experts with its headers and the total."""
    statement, values = page_statement(conditions, sight, page, size)
    rows = list(statement.execute(values))
    if rows or page == 1:
        total = rows[0].total if rows else 0
    else:
        ids = search_expert_ids(conditions, sight).subquery()
        total = db.session.scalar(select(func.count()).select_from(ids)) or 0
    return rows, {"X-Pagination": describe(total, page, size)}, total


def _spelt(conditions: Conditions, sight: Sight, query: Mapping[str, Any]) -> Any:
    assert conditions.words is not None  # asked by the caller
    words = find_spelling(conditions.words, sight)
    if words is None:
        return None
    better = conditions.spelt(words)
    rows, headers, total = _find_page(better, sight, query["page"], query["page_size"])
    return (better, rows, headers | {"X-Corrected-Text": quote(words.text)}, total) if total else None
