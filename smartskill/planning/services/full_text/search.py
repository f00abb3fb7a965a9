"""Words looked for in people's experience: in any form, with typos, and shown where they stand.

Every experience is indexed three times over: in the word forms of English, in those of German, and as it is written
(names, and words such as "IT" that a language takes for filling). A search that finds nothing has each of its words
that nowhere occurs replaced by the nearest one that does, among what the asker may see: no word of a hidden experience
ever shows itself.
"""

import re
from dataclasses import dataclass
from functools import reduce
from typing import Any

from sqlalchemy import ColumnElement, Select, func, literal, literal_column, select
from sqlalchemy.dialects.postgresql import TSQUERY

from smartskill.experience.models import TEXT, Experience
from smartskill.extensions import db
from smartskill.planning.services.experts.sight import Sight

LANGUAGES = ("english", "german", "simple")
MOST_WORDS = 8
WORD = re.compile(r"\w+(?:[-.+#']\w+)*[+#]*")
PART = re.compile(r'-?"[^"]*"|\S+')
NEAR_IN_TEXT, NEAR_WORD = 0.4, 0.4  # trigram similarity: of a word within a text, and to one of its words
SHORTEST = 4  # characters from which a word may be a misspelt one
MOST_TEXTS = 200  # texts that are read for the right spelling


@dataclass(frozen=True)
class Words:
    """What was asked, and the words in it that are looked for."""

    text: str
    wanted: tuple[str, ...]


def read_words(text: str) -> Words:
    """Take a text as the search will: without what is asked not to be there."""
    parts = [part for part in PART.findall(text) if not part.startswith("-") and part.lower() != "or"]
    return Words(text, tuple(word for part in parts for word in WORD.findall(part))[:MOST_WORDS])


def asked(text: str) -> ColumnElement:
    """The `tsquery` of a text, in every language at once.

    As a query of its own it is read once, whatever the plan, and not taken apart by the planner: that adds up the same
    word of three languages, thinks it common, and reads every experience where the index would do.
    """
    return select(_in_each_language(func.websearch_to_tsquery, [text], LANGUAGES)).scalar_subquery()


def any_of(words: Words, language: str) -> ColumnElement:
    """The `tsquery` that any of the words meets, to show where they stand; read once."""
    return select(_in_each_language(func.plainto_tsquery, words.wanted, (language,))).scalar_subquery()


def _in_each_language(read: Any, texts: Any, languages: Any) -> ColumnElement:
    configs: list[ColumnElement] = [literal_column(f"'{name}'::regconfig") for name in languages]
    queries = [read(config, text, type_=TSQUERY) for config in configs for text in texts]
    return reduce(lambda one, other: one.op("||", return_type=TSQUERY())(other), queries)


def meets(words: Words, sight: Sight) -> ColumnElement[bool]:
    """The condition that an experience is one that the searcher may see and that holds the words."""
    return Experience.words.op("@@", is_comparison=True)(asked(words.text)) & sight.experience


def rank(words: Words) -> ColumnElement[float]:
    """How well an experience meets the words, 0 to 1: a title counts most, then the organisation, then the summary."""
    return func.ts_rank(Experience.words, asked(words.text), literal_column("32"))


def search_hits(words: Words, sight: Sight, among: Select | None = None) -> Select:
    """Whose experience holds the words, as `user_id` and the `rank` of the best one.

    Args:
        among: the ids of the people who matter; all if None.
    """
    found = select(Experience.user_id, func.max(rank(words)).label("rank")).where(meets(words, sight))
    if among is not None:
        found = found.where(Experience.user_id.in_(among))
    return found.group_by(Experience.user_id)


def find_spelling(words: Words, sight: Sight) -> Words | None:
    """The words with those that nowhere occur replaced by the nearest that do; None where there is none to replace."""
    text = words.text
    for word in dict.fromkeys(words.wanted):
        if len(word) < SHORTEST or _occurs(word, sight):
            continue
        nearest = _nearest(word.lower(), sight)
        if nearest is not None:
            text = re.sub(rf"(?<!\w){re.escape(word)}(?!\w)", nearest, text)
    return read_words(text) if text != words.text else None


def _occurs(word: str, sight: Sight) -> bool:
    found = select(Experience.id).where(meets(Words(word, (word,)), sight)).limit(1)
    return db.session.scalar(found) is not None


def _nearest(word: str, sight: Sight) -> str | None:
    """Every text that holds something like it is found by the trigram index; their words are compared one by one."""
    db.session.execute(select(func.set_config("pg_trgm.word_similarity_threshold", str(NEAR_IN_TEXT), True)))
    text: ColumnElement[str] = literal_column(TEXT)
    like = literal(word).op("<%", is_comparison=True)(text)
    near_texts = select(text.label("text")).select_from(Experience).where(like, sight.experience).limit(MOST_TEXTS)
    texts = near_texts.subquery()
    split = select(func.regexp_split_to_table(texts.c.text, r"[^[:alnum:]]+").label("word")).subquery()
    near = (func.similarity(split.c.word, word) + func.word_similarity(word, split.c.word)) / 2  # forgives a short form
    found = select(split.c.word).where(near >= NEAR_WORD).group_by(split.c.word)
    return db.session.scalar(found.order_by(near.desc(), func.count().desc(), split.c.word).limit(1))
