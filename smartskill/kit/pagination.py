"""Lists by page: a select in, the page's items and the `X-Pagination` header out.

The total is exact to 100,000; beyond, it is the planner's estimate and says so: counting on costs more than the list.
"""

from typing import Any

import orjson
from sqlalchemy import ClauseElement, Executable, Select, func, select
from sqlalchemy.ext.compiler import compiles

from smartskill.extensions import db

EXACT = 100_000  # rows
HEADER = {
    "X-Pagination": {
        "description": (
            "JSON: total, total_pages, page, first_page, last_page, next_page, previous_page, as far as there are any; "
            "beyond 100,000 items also total_is_estimate."
        ),
        "schema": {"type": "string", "contentMediaType": "application/json"},
    }
}


def page_of(found: Select, query: dict[str, Any], *, scalars: bool = True) -> tuple[list, dict[str, str]]:
    """Run a select for one page.

    Args:
        found: the whole list, ordered; its last sort key must be unique.
        query: what a `ListQuery` loaded.
        scalars: whether each row is one entity (else: rows).
    Returns:
        the items and the headers that describe the page.
    """
    page, size = query["page"], query["page_size"]
    limited = found.limit(size).offset((page - 1) * size)
    result = db.session.execute(limited)
    items = list(result.scalars().unique() if scalars else result)
    return items, {"X-Pagination": describe(count(found, len(items), page, size), page, size)}


def count(found: Select, held: int, page: int, size: int) -> int:
    """How many rows the select has, more than `EXACT` being an estimate; asked only where the page does not tell."""
    if held < size and (held or page == 1):
        return (page - 1) * size + held
    unordered = found.order_by(None)
    total = db.session.execute(select(func.count()).select_from(unordered.limit(EXACT + 1).subquery())).scalar_one()
    return total if total <= EXACT else max(total, _planned(unordered))


class _Explain(Executable, ClauseElement):
    """A select's plan instead of its rows."""

    inherit_cache = False

    def __init__(self, found: Select) -> None:
        self.found = found


@compiles(_Explain)
def _compile_explain(element: _Explain, compiler: Any, **more: Any) -> str:
    return f"EXPLAIN (FORMAT JSON) {compiler.process(element.found, **more)}"


def _planned(found: Select) -> int:
    """How many rows PostgreSQL's planner expects of a select."""
    return int(db.session.execute(_Explain(found)).scalar_one()[0]["Plan"]["Plan Rows"])


def describe(total: int, page: int, size: int) -> str:
    """The header's JSON."""
    pages = -(-total // size)
    facts: dict[str, Any] = {"total": total, "total_pages": pages, "page": page}
    if total:
        facts |= {"first_page": 1, "last_page": pages}
    if page < pages:
        facts["next_page"] = page + 1
    if 1 < page <= pages + 1:
        facts["previous_page"] = page - 1
    if total > EXACT:
        facts["total_is_estimate"] = True
    return orjson.dumps(facts).decode()


def ordered(found: Select, sort: tuple[str, bool], columns: dict[str, Any], last: Any) -> Select:
    """Order a select by `sort`, made unique by the column `last`."""
    key, is_descending = sort
    column = columns[key]
    return found.order_by(
        column.desc().nulls_last() if is_descending else column.asc().nulls_last(),
        last.desc() if is_descending else last.asc(),
    )
