"""The words that one slip of the fingers turns into a given one: two letters swapped, one more, less, or wrong."""

import string
from functools import lru_cache

SHORTEST, LONGEST = 3, 25  # letters; nearer to the ends every word is a misspelling of another, or none is
FULL = 8  # up to here any slip; in longer words a wrong or missing letter leaves enough for trigrams


@lru_cache(maxsize=1024)
def misspellings(word: str) -> tuple[str, ...]:
    """Those words, without the word itself."""
    if not SHORTEST <= len(word) <= LONGEST:
        return ()
    parts = [(word[:place], word[place:]) for place in range(len(word) + 1)]
    found = [start + end[1] + end[0] + end[2:] for start, end in parts if len(end) > 1]
    if len(word) > SHORTEST:
        found += [start + end[1:] for start, end in parts if end]
    if SHORTEST < len(word) <= FULL:
        found += [start + letter + end[1:] for start, end in parts if end for letter in string.ascii_lowercase]
        found += [start + letter + end for start, end in parts for letter in string.ascii_lowercase]
    return tuple(dict.fromkeys(other for other in found if other != word))
