"""Which skills a text names, by exact names and aliases of any number of words, the longest first.

A label of one short word, or one that is also an ordinary word ("Go", "R", "Word"), counts only where it is written as
the label is and the text names another skill beside it.
"""

from collections.abc import Iterable
from typing import NamedTuple

from ml.suggesting.catalogue import Catalogue
from ml.suggesting.words import forms, split_tokens

SHORT = 2  # letters
WORDS_OF_EVERY_DAY = (
    "access action assembly basic chef clean crystal dart design dream eagle edge elm excel express factor "
    "flow flux forth frame go hack helm hive ink io ion logo make mail max mercury navigator notes oracle "
    "outlook pages pig play project projects puppet rails reason red ring rust safe salt scheme script shell "
    "slate slim spark spring stata stylus swift teams unity vault visual vue word work workday writing "
)  # that are names of skills too
ORDINARY = frozenset(WORDS_OF_EVERY_DAY.split())


class Match(NamedTuple):
    """A skill that a text names; `words` as the text writes them."""

    skill: int  # place in the catalogue
    words: str
    is_sure: bool


class LabelMatcher:
    """Finds names and aliases in texts in one pass over their tokens.

    Parameters
    ----------
    catalogue : its labels; a label of two skills names both.
    """

    def __init__(self, catalogue: Catalogue) -> None:
        self.labels: dict[tuple[str, ...], list[tuple[int, str]]] = {}
        self.longest = 1
        for place, labels in enumerate(catalogue.labels):
            for label in labels:
                key = tuple(token.lower() for token in split_tokens(label))
                if key and (place, label) not in self.labels.setdefault(key, []):
                    self.labels[key].append((place, label))
                    self.longest = max(self.longest, len(key))

    def find(self, text: str) -> list[Match]:
        """The skills named in a text, each once, in the order they are named."""
        found = list(self._found(split_tokens(text)))
        sure = {match.skill for match in found if match.is_sure}
        kept = [match for match in found if match.is_sure or sure - {match.skill}]
        return list({match.skill: match for match in reversed(kept)}.values())[::-1]

    def _found(self, words: list[str]) -> Iterable[Match]:
        start = 0
        while start < len(words):
            size = next((size for size in range(self.longest, 0, -1) if self._at(words, start, size)), 0)
            for place, label in self._at(words, start, size) if size else ():
                written = " ".join(words[start : start + size])
                if not _is_doubtful(label) or written == label:
                    yield Match(place, written, not _is_doubtful(label))
            start += size or 1

    def _at(self, words: list[str], start: int, size: int) -> list[tuple[int, str]]:
        if start + size > len(words):
            return []
        *first, last = words[start : start + size]
        head = tuple(word.lower() for word in first)
        for form in forms(last):
            if (*head, form) in self.labels:
                return self.labels[(*head, form)]
        return []


def _is_doubtful(label: str) -> bool:
    bare = label.lower()
    return len(bare) <= SHORT or bare in ORDINARY
