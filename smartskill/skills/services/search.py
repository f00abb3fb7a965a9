"""Finding skills by words: typos are forgiven, aliases and short forms known, the best come first.

Candidates come from indexes (`searching/candidates.py`), the likeliest of them are scored one by one
(`searching/scoring.py`), and those that most people have win between equals.
"""

from collections.abc import Sequence
from dataclasses import dataclass
from math import log1p
from typing import Any

from sqlalchemy import ColumnElement, Select, and_, false, func, lateral, select, true
from sqlalchemy.sql.expression import Subquery

from smartskill.extensions import db
from smartskill.skills.models.catalogue import Skill
from smartskill.skills.models.levels import UserSkill
from smartskill.skills.services.searching.candidates import (
    FAINT,
    best_of,
    meeting,
    misspelt,
    resembling,
    rough_order,
    wide,
)
from smartskill.skills.services.searching.readings import AS_TYPED, WITHOUT_PADDING, Reading, read_words
from smartskill.skills.services.searching.scoring import MET, NEAR, score_skill

MOST_WORDS = 8
POPULAR = 100  # holders; more make nobody surer
POPULARITY = 0.015  # what they add at most: it decides between likes
SURE = 0.9  # a score from which no further look is taken
COUNTED = 20  # the best, whose holders are counted


def contains(column: Any, words: str) -> ColumnElement[bool]:
    """The condition that a text holds every word, in any case and order."""
    text = func.lower(column)
    return and_(*(text.contains(word, autoescape=True) for word in words.lower().split()[:MOST_WORDS]))


@dataclass(frozen=True, slots=True)
class Hits:
    """What was found: the best, in order, how many there are in all, and the rest in a rough order."""

    best: list[int]
    total: int
    ranked: Subquery | None
    among: Sequence[Any]

    def page(self, page: int, size: int) -> list[int]:
        """The ids of one page."""
        start = (page - 1) * size
        found = self.best[start : start + size]
        if self.ranked is not None and start + size > len(self.best) < self.total:
            beyond = select(Skill.id).join(self.ranked, self.ranked.c.skill_id == Skill.id).where(*self.among)
            beyond = beyond.order_by(*rough_order(self.ranked)).offset(max(start, len(self.best)))
            found += db.session.scalars(beyond.limit(size - len(found)))
        return found

    def condition(self) -> ColumnElement[bool]:
        """That a skill is among them."""
        if self.ranked is None:
            return Skill.id.in_(self.best) if self.best else false()
        return Skill.id.in_(select(self.ranked.c.skill_id)) & and_(true(), *self.among)


def find_hits(words: str, among: Sequence[Any] = ()) -> Hits:
    """Search the names and aliases of the skills that meet the conditions `among`.

    Where nothing holds the words well, those with words like them are found instead, if they are like enough.
    """
    readings = read_words(words)
    if not readings:
        return Hits([], 0, None, among)
    ranked = meeting(readings)
    scores, total = _scored(best_of(ranked, among), readings)
    if max(scores.values(), default=0.0) >= MET:
        return Hits(_in_order(scores), total, ranked, among)
    best = scores
    with wide():
        for look in (misspelt, resembling):
            near, _ = _scored(best_of(look(_surest(readings)), among), readings)
            best = {skill_id: max(near.get(skill_id, 0.0), best.get(skill_id, 0.0)) for skill_id in {**near, **best}}
            if max(best.values(), default=0.0) >= SURE:
                break
    if not best:
        with wide(FAINT):
            best, _ = _scored(best_of(resembling(_surest(readings)), among), readings)
    if max(best.values(), default=0.0) == max(scores.values(), default=0.0):
        return Hits(_in_order(scores), total, ranked, among)
    least = max(best.values()) * NEAR
    found = _in_order({skill_id: score for skill_id, score in best.items() if score >= least})
    return Hits(found, len(found), None, among)


def _surest(readings: Sequence[Reading]) -> list[Reading]:
    """What was typed, and less its padding."""
    return [reading for reading in readings if reading.weight in (AS_TYPED, WITHOUT_PADDING)][:2]


def _scored(found: Select, readings: Sequence[Reading]) -> tuple[dict[int, float], int]:
    rows = db.session.execute(found).all()
    scores = {row.id: score_skill(readings, row.name_key, row.keys) for row in rows}
    return scores, rows[0].total if rows else 0


def _in_order(scores: dict[int, float]) -> list[int]:
    """The best first; the rows came in the rough order, which is left as it is between equals."""
    order = sorted(scores, key=lambda skill_id: -scores[skill_id])
    holders = _holders(order[:COUNTED])
    known = {skill_id: scores[skill_id] + POPULARITY * share for skill_id, share in holders.items()}
    return sorted(order[:COUNTED], key=lambda skill_id: -known.get(skill_id, scores[skill_id])) + order[COUNTED:]


def _holders(skill_ids: Sequence[int]) -> dict[int, float]:
    """How popular each is, from 0 to 1, counting no more holders than matter."""
    one = select(UserSkill.id).where(UserSkill.skill_id == Skill.id).limit(POPULAR).correlate(Skill).subquery()
    each = lateral(select(func.count().label("holders")).select_from(one))
    rows = db.session.execute(select(Skill.id, each.c.holders).join(each, true()).where(Skill.id.in_(skill_ids)))
    return {row.id: log1p(row.holders) / log1p(POPULAR) for row in rows}
