"""What a team has to cover, out of whom, and what a team comes to: shared by both solvers.

The order of what matters, each only where the former leave a choice: as few heads short of the musts as can be, as few
people as can be, as many heads of the other needs, as much confidence. So an optional need never adds anybody.
"""

from collections.abc import Sequence
from dataclasses import dataclass
from math import fsum
from typing import Literal, NamedTuple

import numpy as np

Solver = Literal["exact", "greedy"]


@dataclass(frozen=True)
class Problem:
    """Needs and candidates.

    Parameters
    ----------
    able : ndarray of bool, shape (people, needs)
        Whether a person meets a need. One person may meet several needs, and counts a head for each.
    heads : ndarray of int, shape (needs,)
        How many people each need asks for, at least 1.
    must : ndarray of bool, shape (needs,)
        Which needs decide how many people are picked. Where none does, all do.
    confidence : ndarray of float, shape (people, needs)
        How far each level can be trusted, 0–1; read only where `able`.
    most : int, optional
        The largest team allowed.
    """

    able: np.ndarray
    heads: np.ndarray
    must: np.ndarray
    confidence: np.ndarray
    most: int | None = None

    @property
    def deciding(self) -> np.ndarray:
        """The needs that are treated as musts."""
        return self.must if self.must.any() else np.ones_like(self.must)

    @property
    def trust(self) -> np.ndarray:
        """Each person's confidence, summed over the needs they meet."""
        return np.where(self.able, self.confidence, 0.0).sum(axis=1)

    def covered(self, picks: Sequence[int]) -> np.ndarray:
        """How many of the picked meet each need, shape (needs,)."""
        return self.able[list(picks)].sum(axis=0)

    def short(self, picks: Sequence[int]) -> np.ndarray:
        """How many heads each need is short, shape (needs,)."""
        return np.maximum(self.heads - self.covered(picks), 0)

    def score(self, picks: Sequence[int]) -> "Score":
        """What a team comes to; a lower one is better, in the order of the fields."""
        short, deciding = self.short(picks), self.deciding
        trust = fsum(self.trust[list(picks)])
        return Score(int(short[deciding].sum()), len(picks), int(short[~deciding].sum()), -round(trust, 6))


class Score(NamedTuple):
    """The figures a team is judged by."""

    must_short: int
    people: int
    other_short: int
    distrust: float


@dataclass(frozen=True)
class Composition:
    """A team.

    Attributes
    ----------
    picks : list of int
        The rows of `Problem.able` that are in, ascending.
    solver : {"exact", "greedy"}
    is_proven : bool
        Whether no team is better by musts and number of people.
    at_least : int or None
        No team that covers as much of the musts has fewer people; None where that is not known.
    bound : float or None
        The team has at most this many times the fewest people possible; None where nothing is promised.
    """

    picks: list[int]
    solver: Solver
    is_proven: bool
    at_least: int | None
    bound: float | None

    @property
    def gap(self) -> float | None:
        """By how much, at most, the team is larger than needed: (people − `at_least`) ÷ people."""
        if self.at_least is None or not self.picks:
            return None if self.picks else 0.0
        return (len(self.picks) - self.at_least) / len(self.picks)


def harmonic(number: int) -> float:
    """1 + 1/2 + … + 1/number."""
    return fsum(1 / one for one in range(1, number + 1))
