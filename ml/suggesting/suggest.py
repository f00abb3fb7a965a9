"""Suggestions from four voices: what a text names, what it resembles, what goes with what one has, what many have.

The score is a weighted sum of the four, each 0–1. The weights are round numbers set by hand: a name outweighs all the
rest, what goes together a likeness, and what many have decides between likes; where nothing else speaks it is at least
no worse than popularity. `python -m bench suggestions` prints what each voice is worth beside a popularity baseline.
"""

from collections.abc import Collection, Sequence
from dataclasses import dataclass, field

import numpy as np

from ml.suggesting.catalogue import Catalogue
from ml.suggesting.matching import LabelMatcher
from ml.suggesting.similarity import Similarity
from ml.suggesting.together import Together

WEIGHTS = {"named": 0.6, "goes_with": 0.2, "alike": 0.1, "common": 0.1}
LEAST = 0.01  # below it nothing is suggested
LEAST_ALIKE = 0.25  # cosine below which a likeness is none
WHOLE_ALIKE = 0.6  # cosine that counts as full
MOST = 20


@dataclass
class Suggestion:
    """A skill, how sure, and why. `place` is that in the catalogue, `text` the number of the text that says most."""

    place: int
    score: float
    text: int | None = None
    words: str | None = None
    is_alike: bool = False
    goes_with: int | None = None
    both: int | None = None
    holders: int | None = None
    voices: dict[str, float] = field(default_factory=dict)


class Suggester:
    """The four voices over one catalogue.

    Parameters
    ----------
    catalogue : the skills that can be suggested.
    people : for each person the places of their (shown) skills.
    """

    def __init__(self, catalogue: Catalogue, people: Sequence[Sequence[int]]) -> None:
        self.matcher = LabelMatcher(catalogue)
        self.similarity = Similarity(catalogue)
        self.together = Together(people, len(catalogue.ids))

    def suggest(self, texts: Sequence[str], held: Collection[int], most: int = MOST) -> list[Suggestion]:
        """Suggestions from a person's texts, best first, none of which they hold.

        Parameters
        ----------
        texts : their own words; each may be the reason of a suggestion.
        held : places of the skills they have.
        """
        found: dict[int, Suggestion] = {}
        for number, text in enumerate(texts):
            for match in self.matcher.find(text):
                one = found.setdefault(match.skill, Suggestion(match.skill, 0.0, number, match.words))
                one.voices["named"] = max(one.voices.get("named", 0.0), 1.0 if match.is_sure else 0.7)
            self._add_alike(found, number, text)
        known = set(held) | {place for place, one in found.items() if "named" in one.voices}
        for place, (score, other, both) in self.together.of(known).items():
            one = found.setdefault(place, Suggestion(place, 0.0))
            one.voices["goes_with"], one.goes_with, one.both = score, other, both
        self._add_common(found)
        for one in found.values():
            one.score = _score(one.voices)
        kept = [one for one in found.values() if one.place not in held and one.score >= LEAST]
        return sorted(kept, key=lambda one: (-one.score, one.place))[:most]

    def _add_alike(self, found: dict[int, Suggestion], number: int, text: str) -> None:
        cosine = self.similarity.of(text)
        for place in np.flatnonzero(cosine >= LEAST_ALIKE).tolist():
            alike = min(float(cosine[place]) / WHOLE_ALIKE, 1.0)
            one = found.setdefault(place, Suggestion(place, 0.0, number))
            if alike > one.voices.get("alike", 0.0):
                one.voices["alike"], one.is_alike = alike, True
                one.text = number if "named" not in one.voices else one.text

    def _add_common(self, found: dict[int, Suggestion]) -> None:
        """It orders what was found; alone it speaks only of what a tenth of all people show, and more than one."""
        shares, holders = self.together.shares, self.together.holders
        alone = (shares * WEIGHTS["common"] >= LEAST) & (holders > 1)
        for place in {*np.flatnonzero(alone).tolist(), *found}:
            one = found.setdefault(place, Suggestion(place, 0.0))
            one.voices["common"], one.holders = float(shares[place]), int(holders[place])


def suggest_popular(together: Together, held: Collection[int], most: int = MOST) -> list[int]:
    """The baseline: the skills that most people have, whoever is asked."""
    order = np.argsort(-together.holders, kind="stable")
    return [place for place in order.tolist() if place not in held][:most]


def _score(voices: dict[str, float]) -> float:
    return sum(weight * voices.get(name, 0.0) for name, weight in WEIGHTS.items())
