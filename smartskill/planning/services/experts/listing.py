"""A page of experts as it is answered: found, explained, and where there is none, why."""

from collections.abc import Mapping
from typing import Any
from urllib.parse import quote

from smartskill.activity.services.noting import note
from smartskill.planning.services.experts.conditions import Conditions, read_conditions
from smartskill.planning.services.experts.finding import find_page
from smartskill.planning.services.experts.sight import Sight, sight_of
from smartskill.planning.services.experts.unmet import name_unmet
from smartskill.planning.services.experts.why import Hit, explain
from smartskill.planning.services.full_text.search import find_spelling


def list_experts(query: Mapping[str, Any], asker: Any) -> tuple[list[Hit], dict[str, str]]:
    """A page of hits and its headers.

    Where a text finds nothing and the nearest spelling does, that is answered and named in `X-Corrected-Text`
    (percent-encoded UTF-8); where nothing is found, `X-No-Match` names the conditions.

    Raises:
        Invalid: a condition names what does not exist.
    """
    conditions, sight = read_conditions(query), sight_of(asker)
    rows, headers, total = find_page(conditions, sight, query["page"], query["page_size"])
    if not total and conditions.words is not None:
        conditions, rows, headers, total = _spelt(conditions, sight, query) or (conditions, rows, headers, total)
    if not total:
        headers["X-No-Match"] = name_unmet(conditions, sight)
    skill_id = conditions.needs[0].skill_id if conditions.needs else None
    props = {"result_count": total, "view": "experts"}
    note(asker.id, "search", subject_type="skill", subject_id=skill_id, props=props)
    return explain(rows, conditions, sight), headers


def _spelt(conditions: Conditions, sight: Sight, query: Mapping[str, Any]) -> Any:
    assert conditions.words is not None  # asked by the caller
    words = find_spelling(conditions.words, sight)
    if words is None:
        return None
    better = conditions.spelt(words)
    rows, headers, total = find_page(better, sight, query["page"], query["page_size"])
    return (better, rows, headers | {"X-Corrected-Text": quote(words.text)}, total) if total else None
