"""Counting what happened to whom between two moments, for many questions at once.

Features and labels both reduce to "how many events of this person lie in [start, end)". Sorting once and answering
each question by binary search keeps both at O((n + q) log n) without a loop over people.
"""

from dataclasses import dataclass

import numpy as np

DAY_S = 86_400


class RepeatedUser(ValueError):
    """A population lists the same person twice."""


def rows_of(wanted: np.ndarray, user_ids: np.ndarray) -> np.ndarray:
    """Return where each id of ``user_ids`` stands in ``wanted``, -1 for those who are not in it.

    Parameters
    ----------
    wanted : int64 array, shape (m,)
        Distinct ids, in any order.
    user_ids : int64 array, shape (n,)

    Raises
    ------
    RepeatedUser
        ``wanted`` holds an id twice.
    """
    order = np.argsort(wanted, kind="stable")
    ranked = wanted[order]
    if (ranked[1:] == ranked[:-1]).any():
        raise RepeatedUser("a population lists the same person twice")
    if not ranked.size:
        return np.full(user_ids.shape, -1)
    place = np.minimum(np.searchsorted(ranked, user_ids), ranked.size - 1)
    return np.where(ranked[place] == user_ids, order[place], -1)


@dataclass(frozen=True)
class Timeline:
    """Events of numbered people, sorted by person and time."""

    keys: np.ndarray
    start: int
    span: int

    @classmethod
    def of(cls, rows: np.ndarray, occurred_at: np.ndarray) -> "Timeline":
        """Sort events; ``rows`` are non-negative person numbers, ``occurred_at`` epoch seconds, both of shape (n,)."""
        if not rows.size:
            return cls(np.zeros(0, dtype=np.int64), 0, 1)
        start = int(occurred_at.min())
        span = int(occurred_at.max()) - start + 2
        return cls(np.sort(rows.astype(np.int64) * span + (occurred_at - start)), start, span)

    def count_between(self, rows: np.ndarray, start: np.ndarray | int, end: np.ndarray | int) -> np.ndarray:
        """Return how many events each asked person has in [start, end).

        Parameters
        ----------
        rows : int array, shape (q,)
            Person numbers; a negative number is nobody and has no events.
        start, end : int or int64 array, shape (q,)
            Epoch seconds.

        Returns
        -------
        int64 array, shape (q,)
        """
        low, high = self._rank(rows, start), self._rank(rows, end)
        return np.where(np.asarray(rows) < 0, 0, np.maximum(high - low, 0))

    def _rank(self, rows: np.ndarray, moment: np.ndarray | int) -> np.ndarray:
        within = np.clip(np.asarray(moment, dtype=np.int64) - self.start, 0, self.span - 1)
        return np.searchsorted(self.keys, np.asarray(rows, dtype=np.int64) * self.span + within)
