"""Statements of a search that are put together and planned once for all searches of the same shape.

Either takes longer than most of them run. What makes a statement is a shape alone, which holds no value, so none of one
search can show in the next.
"""

from dataclasses import dataclass
from datetime import date
from functools import lru_cache
from typing import Any

from sqlalchemy import ARRAY, Integer, String, bindparam

from smartskill.kit.prepared import Prepared
from smartskill.planning.services.experts.conditions import Conditions, Need
from smartskill.planning.services.experts.finding import search_experts
from smartskill.planning.services.experts.sight import Sight
from smartskill.planning.services.experts.why import search_levels
from smartskill.planning.services.full_text.places import search_places
from smartskill.planning.services.full_text.search import Words
from smartskill.skills.services.projection import today

MOST_KEPT = 64  # about 0.3 MB each
Values = dict[str, Any]


@dataclass(frozen=True)
class _Asker:
    """Somebody of a role, whoever it is."""

    role: str
    id: Any


@dataclass(frozen=True)
class _Shape:
    """All that a statement depends on; of each need, whether it wants an interest."""

    role: str
    day: date
    needs: tuple[bool, ...] = ()
    without: tuple[bool, ...] = ()
    is_any: bool = False
    has_team: bool = False
    has_words: bool = False
    shown: int = 0  # words that are shown where they stand

    def sight(self) -> Sight:
        """A searcher's, without values."""
        return Sight(_Asker(self.role, bindparam("asker_id", type_=Integer)), bindparam("below", type_=String))

    def words(self) -> Words:
        """A text's, without values."""
        shown = tuple(bindparam(f"word_{place}", type_=String) for place in range(self.shown))
        return Words(bindparam("text", type_=String), shown)  # type: ignore[arg-type]

    def conditions(self) -> Conditions:
        """Conditions without values."""
        return Conditions(
            tuple(_need(f"need_{place}", is_keen) for place, is_keen in enumerate(self.needs)),
            tuple(_need(f"not_{place}", is_keen) for place, is_keen in enumerate(self.without)),
            self.is_any,
            bindparam("team_id", type_=Integer) if self.has_team else None,  # type: ignore[arg-type]
            self.words() if self.has_words else None,
        )


def page_statement(conditions: Conditions, sight: Sight, page: int, size: int) -> tuple[Prepared, Values]:
    """A page of `search_experts`, and the values to run it with."""
    needs, without = (
        [need.min_interest is not None for need in some] for some in (conditions.needs, conditions.without)
    )
    has_team, has_words = conditions.team_id is not None, conditions.words is not None
    shape = _Shape(sight.asker.role, today(), tuple(needs), tuple(without), conditions.is_any, has_team, has_words)
    values = {"size": size, "skipped": (page - 1) * size, "first": page * size, **_seen_by(sight)}
    values |= {"team_id": conditions.team_id, "text": conditions.words.text if conditions.words else None}
    for name, some in (("need", conditions.needs), ("not", conditions.without)):
        for place, need in enumerate(some):
            values |= {f"{name}_{place}_{field}": value for field, value in vars(need).items()}
    return _page(shape), values


def levels_statement(user_ids: list[int], skill_ids: list[int], sight: Sight) -> tuple[Prepared, Values]:
    """`search_levels`, and the values to run it with."""
    values = {"user_ids": user_ids, "skill_ids": skill_ids, **_seen_by(sight)}
    return _levels(_Shape(sight.asker.role, today())), values


def places_statement(words: Words, user_ids: list[int], sight: Sight) -> tuple[Prepared, Values]:
    """`search_places`, and the values to run it with."""
    values = {"user_ids": user_ids, "text": words.text, **_seen_by(sight)}
    values |= {f"word_{place}": word for place, word in enumerate(words.wanted)}
    return _places(_Shape(sight.asker.role, today(), shown=len(words.wanted))), values


@lru_cache(MOST_KEPT)
def _page(shape: _Shape) -> Prepared:
    size, skipped, first = (bindparam(name, type_=Integer) for name in ("size", "skipped", "first"))
    return Prepared(search_experts(shape.conditions(), shape.sight(), first).limit(size).offset(skipped))


@lru_cache(MOST_KEPT)
def _levels(shape: _Shape) -> Prepared:
    user_ids, skill_ids = (bindparam(name, type_=ARRAY(Integer)) for name in ("user_ids", "skill_ids"))
    return Prepared(search_levels(user_ids, skill_ids, shape.sight()))


@lru_cache(MOST_KEPT)
def _places(shape: _Shape) -> Prepared:
    return Prepared(search_places(shape.words(), bindparam("user_ids", type_=ARRAY(Integer)), shape.sight()))


def _need(name: str, is_keen: bool) -> Need:
    fields = ("skill_id", "min_level", *(["min_interest"] if is_keen else []))
    parameters: dict[str, Any] = {field: bindparam(f"{name}_{field}", type_=Integer) for field in fields}
    return Need(**parameters)


def _seen_by(sight: Sight) -> Values:
    return {"asker_id": sight.asker.id, "below": sight.below}
