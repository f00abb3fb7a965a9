"""Searches that people keep. A watched one remembers whom it found when it was saved: only others are news.

A search that most of the organisation matches is not watched: it would tell of somebody every day.
"""

from collections.abc import Mapping
from typing import Any

from sqlalchemy import Select, delete, func, literal, null, select
from sqlalchemy.dialects.postgresql import insert

from smartskill.extensions import db
from smartskill.kit.errors import Conflict, Invalid, NotFound
from smartskill.planning.models.searches import SavedSearch, SearchMatch
from smartskill.planning.services.experts.conditions import Conditions, read_conditions
from smartskill.planning.services.experts.finding import search_expert_ids
from smartskill.planning.services.experts.sight import sight_of
from smartskill.user.services.dated import today

MOST_SAVED = 100
MOST_MATCHES = 500


class TooManySearches(Conflict):
    """You keep 100 searches: delete one first."""


class NoSuchSearch(NotFound):
    """You keep no such search."""


def search_saved(owner: Any, query: Mapping[str, Any]) -> Select:
    """A person's own searches, by name."""
    found = select(SavedSearch).where(SavedSearch.user_id == owner.id)
    if "is_watched" in query:
        found = found.where(SavedSearch.is_watched == query["is_watched"])
    return found.order_by(func.lower(SavedSearch.name), SavedSearch.id)


def get_saved(search_id: int, owner: Any, *, is_locked: bool = False) -> SavedSearch:
    """One of a person's own searches.

    Raises:
        NoSuchSearch: there is none, or it is another's.
    """
    row = db.session.get(SavedSearch, search_id, with_for_update=is_locked or None, populate_existing=is_locked)
    if row is None or row.user_id != owner.id:
        raise NoSuchSearch()
    return row


def save_search(data: Mapping[str, Any], owner: Any) -> SavedSearch:
    """Keep a search.

    Raises:
        TooManySearches, Invalid: as `change_search`.
    """
    kept = db.session.scalar(select(func.count()).where(SavedSearch.user_id == owner.id)) or 0
    if kept >= MOST_SAVED:
        raise TooManySearches()
    return change_search(SavedSearch(user_id=owner.id), data, owner)


def change_search(row: SavedSearch, data: Mapping[str, Any], owner: Any) -> SavedSearch:
    """Change what is given; another query, or being watched from now on, begins with whoever matches now.

    Raises:
        Invalid: the query names what does not exist (`query.need.0`), or is too broad to be watched (`is_watched`).
    """
    before = (row.query, row.is_watched) if row.id else None
    for name, value in data.items():
        setattr(row, name, value)
    conditions = _read(row.query)
    db.session.add(row)
    db.session.flush()
    if before != (row.query, row.is_watched):
        _begin(row, conditions, owner)
    return row


def remove_search(row: SavedSearch) -> SavedSearch:
    """Keep it no longer; it is answered as it was."""
    db.session.delete(row)
    db.session.flush()
    return row


def _read(query: Mapping[str, Any]) -> Conditions:
    try:
        return read_conditions(query)
    except Invalid as error:
        raise Invalid(errors={f"query.{name}": said for name, said in (error.errors or {}).items()}) from error


def _begin(row: SavedSearch, conditions: Conditions, owner: Any) -> None:
    """Remember whom a watched search finds now."""
    db.session.execute(delete(SearchMatch).where(SearchMatch.search_id == row.id))
    row.checked_on = None
    if row.is_watched:
        matching = search_expert_ids(conditions, sight_of(owner))
        many = db.session.scalar(select(func.count()).select_from(matching.limit(MOST_MATCHES + 1).subquery())) or 0
        if many > MOST_MATCHES:
            raise Invalid.field(
                "is_watched", f"More than {MOST_MATCHES} people match: ask for more to have it watched."
            )
        remember(row.id, matching, None)
        row.checked_on = today()
    db.session.flush()


def remember(search_id: int, matching: Select, found_on: Any) -> list[int]:
    """Note whom a search found; returns those that it had not found before."""
    people = matching.subquery("matching")
    on = null() if found_on is None else literal(found_on)
    rows = select(literal(search_id), people.c.id, on)
    statement = insert(SearchMatch).from_select(["search_id", "user_id", "found_on"], rows)
    return list(db.session.scalars(statement.on_conflict_do_nothing().returning(SearchMatch.user_id)))
