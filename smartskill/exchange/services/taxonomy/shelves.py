"""The categories of a taxonomy: found by their URI, else by name and place, and then left as they are; else made."""

from collections.abc import Sequence

from sqlalchemy import select

from smartskill.exchange.services.taxonomy.entries import Shelf
from smartskill.extensions import db
from smartskill.skills.models.catalogue import SkillCategory


def put_shelves(shelves: Sequence[Shelf]) -> dict[str, int]:
    """The id of the category of each shelf's URI. Parents must come before their children."""
    rows = db.session.execute(
        select(SkillCategory.id, SkillCategory.external_uri, SkillCategory.parent_id, SkillCategory.name)
    ).all()
    by_uri = {row.external_uri: row.id for row in rows if row.external_uri}
    by_place = {(row.parent_id, row.name.lower()): row.id for row in rows}
    ids: dict[str, int] = {}
    for level in _levels(shelves):
        places = {shelf.uri: (ids.get(shelf.parent or ""), shelf.name.lower()) for shelf in level}
        made: dict[tuple[int | None, str], SkillCategory] = {}
        for shelf in level:
            if shelf.uri not in by_uri and places[shelf.uri] not in by_place:
                made.setdefault(
                    places[shelf.uri],
                    SkillCategory(name=shelf.name, parent_id=places[shelf.uri][0], external_uri=_address(shelf)),
                )
        db.session.add_all(made.values())
        db.session.flush()
        by_place |= {place: category.id for place, category in made.items()}
        ids |= {uri: by_uri.get(uri) or by_place[place] for uri, place in places.items()}
    return ids


def _address(shelf: Shelf) -> str | None:
    return shelf.uri if "://" in shelf.uri else None  # else it is only our own key


def _levels(shelves: Sequence[Shelf]) -> list[list[Shelf]]:
    """Shelves by depth, so that each depth is written at once."""
    depths: dict[str, int] = {}
    levels: list[list[Shelf]] = []
    for shelf in shelves:
        depth = depths[shelf.uri] = depths[shelf.parent] + 1 if shelf.parent else 0
        if depth == len(levels):
            levels.append([])
        levels[depth].append(shelf)
    return levels
