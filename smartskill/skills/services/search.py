"""Finding skills by words: case, partial words and typos are forgiven, aliases are known, the best come first.

How a label meets the words decides first, how much of it they cover second. Every way of meeting them is served by the
trigram indexes of names and aliases. Where at best a typo meets them, a second look takes wider typos.
"""

import re
from typing import Any

from sqlalchemy import ColumnElement, Select, and_, case, false, func, literal, or_, select, union_all
from sqlalchemy.sql.expression import Subquery

from smartskill.extensions import db
from smartskill.skills.models import Skill, SkillAlias

EXACT_NAME, EXACT_ALIAS, FIRST_WORDS, WHOLE_WORDS, PREFIX, ALL_WORDS, TYPO = 6.0, 5.0, 4.0, 3.5, 3.0, 2.0, 1.0
MOST_WORDS = 8
TRIGRAM = re.compile(r"[^\W_]{3}")  # what an index can look for inside a label; of less it only knows beginnings
WIDER = 0.3  # word similarity of the second look; PostgreSQL's default, 0.6, serves the first


def rank_skills(words: str) -> Subquery:
    """Skills that meet the words, as `skill_id` and `score` (higher is better)."""
    text = " ".join(words.lower().split())
    labels = union_all(
        _labels(Skill.id, Skill.name, text, is_name=True), _labels(SkillAlias.skill_id, SkillAlias.name, text)
    ).subquery("labels")
    score = func.max(labels.c.score).label("score")
    return select(labels.c.skill_id, score).group_by(labels.c.skill_id).subquery("ranked")


def look_wider() -> None:
    """Take wider typos in the searches of this transaction."""
    db.session.execute(select(func.set_config("pg_trgm.word_similarity_threshold", str(WIDER), True)))


def contains(column: Any, words: str) -> ColumnElement[bool]:
    """The condition that a text holds every word, in any case and order."""
    text = func.lower(column)
    return and_(*(text.contains(word, autoescape=True) for word in words.lower().split()[:MOST_WORDS]))


def _labels(owner: Any, column: Any, text: str, *, is_name: bool = False) -> Select:
    label = func.lower(column)
    covered = func.least(literal(len(text)) * 0.4 / func.length(label), 0.4)  # never outweighs a way of meeting
    starts = _starts(label, text, is_name)
    words = _all_words(label, text)
    typo = literal(text).op("<%", is_comparison=True)(label) if _has_trigram(text) else false()
    score = case(
        (label == text, EXACT_NAME if is_name else EXACT_ALIAS),
        (label.startswith(f"{text} ", autoescape=True), (FIRST_WORDS if is_name else ALL_WORDS) + covered),
        ((" " + label + " ").contains(f" {text} ", autoescape=True), (WHOLE_WORDS if is_name else ALL_WORDS) + covered),
        (starts, (PREFIX if is_name else ALL_WORDS) + covered),
        (words, ALL_WORDS + covered),
        else_=TYPO * func.strict_word_similarity(text, label) + 0.5 * func.similarity(text, label),
    )
    return select(owner.label("skill_id"), score.label("score")).where(or_(starts, words, typo))


def _starts(label: Any, text: str, is_name: bool) -> ColumnElement[bool]:
    """Beginnings; of a single letter only among names, since every twentieth alias begins with it."""
    return label == text if len(text) == 1 and not is_name else label.startswith(text, autoescape=True)


def _all_words(label: Any, text: str) -> ColumnElement[bool]:
    """Every word somewhere in the label. Words without a trigram would read whole tables: they only narrow others."""
    words = text.split()[:MOST_WORDS]
    if not any(map(_has_trigram, words)):
        return false()
    return and_(*(label.contains(word, autoescape=True) for word in words))


def _has_trigram(text: str) -> bool:
    return TRIGRAM.search(text) is not None
