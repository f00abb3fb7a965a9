"""Which skills go together among people: those whose holders are much the same people.

Support protects the few: a pair that fewer than `SUPPORT` people share says nothing, so nobody can be read out of it.

Source: item-based neighbourhoods by cosine (Sarwar et al., WWW 2001); of what was tried on job postings (means of
conditional shares, log odds) the plain sum of cosines did best.
"""

from collections.abc import Iterable, Sequence

import numpy as np
from scipy.sparse import csr_matrix

SUPPORT = 5  # people


class Together:
    """How many people have each skill, and each pair.

    Parameters
    ----------
    people : for each person the places of their skills in the catalogue.
    size : how many skills there are.
    """

    def __init__(self, people: Iterable[Sequence[int]], size: int) -> None:
        rows, columns = [], []
        count = 0
        for count, held in enumerate(people, 1):
            rows += [count - 1] * len(set(held))
            columns += list(set(held))
        ones = np.ones(len(rows), dtype=np.int32)
        table = csr_matrix((ones, (rows, columns)), shape=(max(count, 1), size))
        self.holders = np.asarray(table.sum(axis=0)).ravel()
        self.shares = self.holders / max(count, 1)
        self.pairs = (table.T @ table).tocsr()

    def cosines(self, held: int) -> tuple[np.ndarray, np.ndarray, np.ndarray]:
        """The places of other skills, how many people have both, and the cosine of the two columns, 0–1."""
        row = self.pairs[held]
        is_told = (row.data >= SUPPORT) & (row.indices != held)
        places, both = row.indices[is_told], row.data[is_told]
        return places, both, both / np.sqrt(self.holders[held] * self.holders[places])

    def of(self, held: Iterable[int]) -> dict[int, tuple[float, int, int]]:
        """For each skill that goes with held ones how much it does, and the pair that says most.

        Returns
        -------
        place → (1 − exp(−Σ cosines), place of the held skill that says most, how many people have both)
        """
        said: dict[int, list[tuple[float, int, int]]] = {}
        for one in set(held):
            for place, both, cosine in zip(*self.cosines(one), strict=True):
                said.setdefault(int(place), []).append((float(cosine), one, int(both)))
        return {
            place: (1 - float(np.exp(-sum(cosine for cosine, _, _ in pairs))), *max(pairs)[1:])
            for place, pairs in said.items()
        }
