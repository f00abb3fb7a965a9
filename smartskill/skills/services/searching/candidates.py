"""Labels that may be meant, by the indexes: those that hold the words; where they are poor, those with words one slip
away; where these are poor too, those that resemble the whole.

Each label is scored here roughly, to keep those worth a closer look (`scoring.py`); what is not kept still counts.
The statements are text: an expression for every search took longer to build than to run.
"""

import re
from collections.abc import Iterable, Iterator, Sequence
from contextlib import contextmanager
from typing import Any

from sqlalchemy import ARRAY, Float, Integer, Select, Text, column, func, select, text
from sqlalchemy.sql.expression import Subquery

from smartskill.extensions import db
from smartskill.skills.models.catalogue import Skill
from smartskill.skills.services.searching.misspellings import misspellings
from smartskill.skills.services.searching.readings import Reading, Word

KEPT = 100  # skills looked at more closely
TRIGRAM = re.compile(r"[^\W_]{3}")  # what the index can look for inside a key; of less it only knows beginnings
RESEMBLANCE = 0.45  # word similarity of the second look
FAINT = 0.3  # and of the last, where there is nothing else

# Of each skill its three best labels.
RANKED = """
SELECT skill_id, max(score) AS score, (array_agg(key ORDER BY score DESC, length(key), key))[1:3] AS keys
FROM ({labels}) AS labels GROUP BY skill_id
"""
OF_NAMES_AND_ALIASES = """
SELECT id AS skill_id, search_key AS key, {score} AS score FROM skills WHERE {condition}
UNION ALL
SELECT skill_id, search_key AS key, {score_of_alias} AS score FROM skill_aliases WHERE {condition_of_alias}
"""
JOINED = "replace(search_key, ' ', '')"
WORDS = "search_words @@ CAST(:words AS tsquery)"
# An exact name, an exact alias, all words, the beginning, parts of words: what follows outweighs none before it.
COVERED = "least(:length * 0.9 / length(search_key), 0.9)"
MET = f"""CASE WHEN {JOINED} = ANY(:whole) THEN {{exact}} WHEN {WORDS} THEN 3.0 + {COVERED}
WHEN {{begins}} THEN 2.5 + {COVERED} * 0.5 ELSE 2.0 + {COVERED} * 0.5 END"""
SLIPPED = "1.0 + 1.0 / length(search_key)"


def meeting(readings: Sequence[Reading]) -> Subquery:
    """Skills with a label that holds the words of a reading: `skill_id`, `score`, and the `keys` of its best labels."""
    whole = list(dict.fromkeys(reading.joined for reading in readings))
    given: dict[str, Any] = {"whole": whole, "length": len(readings[0].key), "words": _query(map(_all_words, readings))}
    holds = [_holds(number, reading, given) for number, reading in enumerate(readings[:2])]
    starts = {f"start{number}": start for number, start in enumerate(whole[:2])}
    given |= {name: f"{_escaped(start)}%" for name, start in starts.items()}
    begins = _either_of(f"{JOINED} LIKE :{name}" for name in starts)
    begins_of_alias = _either_of(f"{JOINED} LIKE :{name}" for name, start in starts.items() if len(start) > 1)
    found = f"({JOINED} = ANY(:whole) OR {WORDS} OR {_either_of(holds)} OR {{begins}})"
    labels = OF_NAMES_AND_ALIASES.format(
        score=MET.format(exact=6.0, begins=begins),
        condition=found.format(begins=begins),
        score_of_alias=MET.format(exact=5.0, begins=begins_of_alias),
        condition_of_alias=found.format(begins=begins_of_alias),
    )
    return _ranked(labels, given)


def misspelt(readings: Sequence[Reading]) -> Subquery:
    """As `meeting`, of labels with words that a slip of the fingers turns into those of a reading."""
    return _ranked(_alike(SLIPPED, WORDS), {"words": _query(map(_misspelt, readings))})


def resembling(readings: Sequence[Reading]) -> Subquery:
    """As `meeting`, of labels with a part that has half of a reading's trigrams; to be read inside `wide`."""
    texts = dict.fromkeys(text for reading in readings for text in (reading.key, reading.joined))
    given = {f"text{number}": text for number, text in enumerate(filter(TRIGRAM.search, texts))}
    near = [f"strict_word_similarity(:{name}, search_key) + similarity(:{name}, search_key)" for name in given]
    score = f"0.5 * greatest({', '.join(['0.0', *near])})"
    return _ranked(_alike(score, _either_of(f":{name} <% search_key" for name in given)), given)


@contextmanager
def wide(likeness: float = RESEMBLANCE) -> Iterator[None]:
    """Settings for the wider searches, in this transaction.

    The planner takes hundreds of misspellings for hundreds of hits and would read whole tables, though hardly one of
    them is a word at all.
    """
    db.session.execute(WIDEN, {"likeness": str(likeness)})
    yield
    db.session.execute(NARROW)


WIDEN = text(
    "SELECT set_config('pg_trgm.word_similarity_threshold', :likeness, true), set_config('enable_seqscan', 'off', true)"
)
NARROW = text("SELECT set_config('enable_seqscan', 'on', true)")


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


def _ranked(labels: str, given: dict[str, Any]) -> Subquery:
    columns = column("skill_id", Integer), column("score", Float), column("keys", ARRAY(Text))
    return text(RANKED.format(labels=labels)).bindparams(**given).columns(*columns).subquery("ranked")


def _alike(score: str, condition: str) -> str:
    both = {"score": score, "condition": condition}
    return OF_NAMES_AND_ALIASES.format(**both, **{f"{name}_of_alias": said for name, said in both.items()})


def _either_of(conditions: Iterable[str]) -> str:
    return f"({' OR '.join(conditions) or 'false'})"


def _holds(number: int, reading: Reading, given: dict[str, Any]) -> str:
    """Every word somewhere in the key. Words without a trigram would read whole tables: they only narrow others."""
    if not any(TRIGRAM.search(word.word) for word in reading.words):
        return "false"
    parts = {f"part{number}_{place}": f"%{_escaped(word.word)}%" for place, word in enumerate(reading.words)}
    given |= parts
    return f"({' AND '.join(f'search_key LIKE :{name}' for name in parts)})"


def _escaped(word: str) -> str:
    return re.sub(r"([%_\\])", r"\\\1", word)


def _query(alternatives: Iterable[str]) -> str:
    return " | ".join(alternatives)


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
