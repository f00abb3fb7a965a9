"""Labels that may be meant, by the indexes: those that hold the words; where they are poor, those with words one slip
away; where these are poor too, those that resemble the whole.

Each label is scored here roughly, to keep those worth a closer look (`scoring.py`); what is not kept still counts.
"""

import re
from collections.abc import Iterable, Iterator, Sequence
from contextlib import contextmanager
from typing import Any

from sqlalchemy import Select, and_, bindparam, case, cast, false, func, literal, or_, select, union_all
from sqlalchemy.dialects.postgresql import TSQUERY, aggregate_order_by
from sqlalchemy.sql.expression import Subquery

from smartskill.extensions import db
from smartskill.skills.models import Skill, SkillAlias
from smartskill.skills.services.searching.misspellings import misspellings
from smartskill.skills.services.searching.readings import Reading, Word

KEPT = 100  # skills looked at more closely
KEYS = 3  # labels of each
EXACT_NAME, EXACT_ALIAS, ALL_WORDS, BEGINS, HOLDS, RESEMBLES = 6.0, 5.0, 3.0, 2.5, 2.0, 1.0
TRIGRAM = re.compile(r"[^\W_]{3}")  # what the index can look for inside a key; of less it only knows beginnings
RESEMBLANCE = 0.45  # word similarity of the second look
FAINT = 0.3  # and of the last, where there is nothing else


def meeting(readings: Sequence[Reading]) -> Subquery:
    """Skills with a label that holds the words of a reading: `skill_id`, `score`, and the `keys` of its best labels."""
    return _ranked([_met(Skill.id, Skill, readings, is_name=True), _met(SkillAlias.skill_id, SkillAlias, readings)])


def misspelt(readings: Sequence[Reading]) -> Subquery:
    """As `meeting`, of labels with words that a slip of the fingers turns into those of a reading."""
    return _ranked([_slipped(Skill.id, Skill, readings), _slipped(SkillAlias.skill_id, SkillAlias, readings)])


def resembling(readings: Sequence[Reading]) -> Subquery:
    """As `meeting`, of labels with a part that has half of a reading's trigrams; to be read inside `wide`."""
    return _ranked([_like(Skill.id, Skill, readings), _like(SkillAlias.skill_id, SkillAlias, readings)])


@contextmanager
def wide(likeness: float = RESEMBLANCE) -> Iterator[None]:
    """Settings for the wider searches, in this transaction.

    The planner takes hundreds of misspellings for hundreds of hits and would read whole tables, though hardly one of
    them is a word at all.
    """
    resemblance = func.set_config("pg_trgm.word_similarity_threshold", str(likeness), True)
    db.session.execute(select(resemblance, func.set_config("enable_seqscan", "off", True)))
    yield
    db.session.execute(select(func.set_config("enable_seqscan", "on", True)))


def best_of(ranked: Subquery, among: Iterable[Any]) -> Select:
    """The skills to look at closely: `id`, `name_key`, `keys`, `score`, and the `total` of all that meet `among`."""
    return (
        select(
            Skill.id,
            Skill.search_key.label("name_key"),
            ranked.c["keys"],
            ranked.c.score,
            func.count().over().label("total"),
        )
        .join(ranked, ranked.c.skill_id == Skill.id)
        .where(*among)
        .order_by(*rough_order(ranked))
        .limit(KEPT)
    )


def rough_order(ranked: Subquery) -> tuple[Any, ...]:
    """The order of those that nobody looks at closely."""
    return ranked.c.score.desc(), func.length(Skill.name), Skill.name, Skill.id


def _ranked(labels: list[Select]) -> Subquery:
    label = union_all(*labels).subquery("labels")
    keys = func.array_agg(aggregate_order_by(label.c.key, label.c.score.desc(), func.length(label.c.key)))
    return (
        select(label.c.skill_id, func.max(label.c.score).label("score"), keys[1:KEYS].label("keys"))
        .group_by(label.c.skill_id)
        .subquery("ranked")
    )


def _met(owner: Any, table: Any, readings: Sequence[Reading], *, is_name: bool = False) -> Select:
    key = table.search_key
    joined = func.replace(key, " ", "")
    whole = list(dict.fromkeys(reading.joined for reading in readings))
    words = table.search_words.op("@@", is_comparison=True)(_query(filter(None, map(_all_words, readings))))
    holds = or_(false(), *(_holds(key, reading) for reading in readings[:2]))
    begins = or_(
        false(), *(joined.startswith(start, autoescape=True) for start in whole[:2] if is_name or len(start) > 1)
    )
    covered = func.least(literal(len(readings[0].key)) * 0.9 / func.length(key), 0.9)  # outweighs no way of meeting
    score = case(
        (joined.in_(whole), EXACT_NAME if is_name else EXACT_ALIAS),
        (words, ALL_WORDS + covered),
        (begins, BEGINS + covered * 0.5),
        else_=HOLDS + covered * 0.5,
    )
    return select(owner.label("skill_id"), key.label("key"), score.label("score")).where(
        or_(joined.in_(whole), words, begins, holds)
    )


def _slipped(owner: Any, table: Any, readings: Sequence[Reading]) -> Select:
    key = table.search_key
    score = RESEMBLES + literal(1.0) / func.length(key)
    words = table.search_words.op("@@", is_comparison=True)(_query(map(_misspelt, readings)))
    return select(owner.label("skill_id"), key.label("key"), score.label("score")).where(words)


def _like(owner: Any, table: Any, readings: Sequence[Reading]) -> Select:
    key = table.search_key
    texts = list(dict.fromkeys(text for reading in readings for text in (reading.key, reading.joined)))
    texts = [text for text in texts if TRIGRAM.search(text)]
    alike = or_(false(), *(literal(text).op("<%", is_comparison=True)(key) for text in texts))
    near = func.greatest(0.0, *(func.strict_word_similarity(text, key) + func.similarity(text, key) for text in texts))
    return select(owner.label("skill_id"), key.label("key"), (near * 0.5).label("score")).where(alike)


def _holds(key: Any, reading: Reading) -> Any:
    """Every word somewhere in the key. Words without a trigram would read whole tables: they only narrow others."""
    if not any(TRIGRAM.search(word.word) for word in reading.words):
        return false()
    return and_(*(key.contains(word.word, autoescape=True) for word in reading.words))


def _query(alternatives: Iterable[str]) -> Any:
    return cast(bindparam(None, " | ".join(alternatives)), TSQUERY)


def _all_words(reading: Reading) -> str:
    every = " & ".join(_either(word) for word in reading.telling)
    return f"({every})" if len(reading.words) == 1 else f"({every}) | {_quoted(reading.joined)}"


def _misspelt(reading: Reading) -> str:
    """Every word but one, if there are several, each as it is or as it may have been meant."""
    groups = [_either(word, misspellings(word.word)) for word in reading.telling]
    lacking = range(len(groups)) if len(groups) > 1 else (len(groups),)
    chosen = [" & ".join(groups[:place] + groups[place + 1 :]) for place in lacking]
    if len(reading.words) > 1:
        chosen.append(_either(Word(reading.joined, None), misspellings(reading.joined)))
    return " | ".join(f"({every})" for every in chosen)


def _either(word: Word, others: Iterable[str] = ()) -> str:
    forms = dict.fromkeys([word.word, *([word.stem] if word.stem else []), *others])
    return f"({' | '.join(map(_quoted, forms))})"


def _quoted(lexeme: str) -> str:
    escaped = lexeme.replace("\\", "\\\\").replace("'", "''")
    return f"'{escaped}'"
