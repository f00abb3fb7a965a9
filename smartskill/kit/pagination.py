"""Lists by page: a select in, the page's items and the `X-Pagination` header out.

The total is exact to 100,000 and an estimate beyond, which says so: counting further costs more than the list.
"""

from typing import Any

import orjson
from sqlalchemy import Select, func, select

from smartskill.extensions import db

EXACT = 100_000
HEADER = {
    "X-Pagination": {
        "description": "JSON: total, total_pages, page, first_page, last_page, next_page, previous_page; total_is_estimate beyond 100,000.",
        "schema": {"type": "string"},
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
    """How many rows the select has; asked of the database only where the page itself does not tell."""
    if held and held < size:
        return (page - 1) * size + held
    bounded = found.order_by(None).limit(EXACT + 1).subquery()
    return db.session.execute(select(func.count()).select_from(bounded)).scalar_one()


def describe(total: int, page: int, size: int) -> str:
    """The header's JSON."""
    pages = -(-total // size)
    facts: dict[str, Any] = {"total": min(total, EXACT), "total_pages": pages, "page": page}
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
