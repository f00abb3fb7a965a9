"""What somebody may have meant by the words typed: the words themselves, what a short form stands for, less padding.

The database cuts words into keys and stems, since it made those of the labels: one statement for all readings.
"""

import re
from collections.abc import Iterator
from dataclasses import dataclass
from functools import cached_property

from sqlalchemy import text

from smartskill.extensions import db
from smartskill.skills.services.searching.vocabulary import FILLERS, STOPS, synonyms

MOST_WORDS = 8
MOST_READINGS = 6
LONGEST_WORD = 60  # characters; no label's word is longer than a few dozens
AS_TYPED, STANDS_FOR, IN_PART, WITHOUT_PADDING = 1.0, 0.985, 0.97, 0.95

PARTED = re.compile(r"(?<=\w)[-_/](?=\w)")  # where a word is joined from words, some of them may be short forms
OFTEN = 100  # labels; in how many more a word stands makes no difference
CUT = text(
    """
    SELECT n, w.word, (ts_lexize('pg_catalog.english_stem', w.word))[1] AS stem, labels.number
    FROM unnest(CAST(:texts AS text[])) WITH ORDINALITY AS t (words, n)
    CROSS JOIN LATERAL unnest(string_to_array(label_key(t.words), ' ')) WITH ORDINALITY AS w (word, place)
    CROSS JOIN LATERAL (
        SELECT count(*) AS number FROM (
            SELECT FROM skill_aliases WHERE search_words @@ CAST('''' || w.word || '''' AS tsquery) LIMIT :often
        ) AS counted
    ) AS labels
    ORDER BY n, w.place
    """
)


@dataclass(frozen=True, slots=True)
class Word:
    """A word of a key; `stem` is None for one that says nothing alone; `labels` counts the aliases that have it."""

    word: str
    stem: str | None
    labels: int = 0


@dataclass(frozen=True)
class Reading:
    """One meaning of what was typed, as words of keys, and how sure it is."""

    words: tuple[Word, ...]
    weight: float

    @cached_property
    def key(self) -> str:
        return " ".join(word.word for word in self.words)

    @cached_property
    def joined(self) -> str:
        """The key without its spaces."""
        return "".join(word.word for word in self.words)

    @cached_property
    def telling(self) -> tuple[Word, ...]:
        """The words that say something; all of them where none does."""
        return tuple(word for word in self.words if word.stem) or self.words


def read_words(typed: str) -> list[Reading]:
    """The readings of what was typed, the surest first; none where it holds nothing but signs."""
    found: dict[str, Reading] = {}
    for reading in _readings(" ".join(typed.lower().split())):
        known = found.get(reading.key)
        if reading.words and (known is None or known.weight < reading.weight):
            found[reading.key] = reading
    return sorted(found.values(), key=lambda reading: -reading.weight)[:MOST_READINGS]


def _readings(typed: str) -> Iterator[Reading]:
    known = synonyms()
    variants = [(typed, AS_TYPED), *((meaning, STANDS_FOR) for meaning in known.get(typed, ()))]
    words = PARTED.sub(" ", typed).split()[:MOST_WORDS]
    bare = [word for word in words if word not in FILLERS and word not in STOPS]
    variants.append((" ".join(bare), WITHOUT_PADDING))
    if len(words) > 1:
        variants += [(" ".join(known[word][0] if word in known else word for word in words), IN_PART)]
        variants += [(" ".join(known[word][0] if word in known else word for word in bare), WITHOUT_PADDING - 0.01)]
        variants += [(meaning, WITHOUT_PADDING) for meaning in known.get(" ".join(bare), ())]
    cut = db.session.execute(CUT, {"texts": [words for words, _ in variants], "often": OFTEN}).all()
    for number, (_, weight) in enumerate(variants, 1):
        own = [Word(row.word[:LONGEST_WORD], row.stem, row.number) for row in cut if row.n == number and row.word]
        yield Reading(tuple(own[:MOST_WORDS]), weight)
