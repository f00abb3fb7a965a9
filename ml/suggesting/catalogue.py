"""The skills that can be suggested, as plain data."""

from collections.abc import Sequence
from dataclasses import dataclass


@dataclass(frozen=True)
class Catalogue:
    """Parallel sequences, one entry a skill.

    Parameters
    ----------
    ids : the skills' ids.
    labels : name first, then aliases.
    descriptions : what each means; may be empty.
    """

    ids: Sequence[int]
    labels: Sequence[Sequence[str]]
    descriptions: Sequence[str]

    def __post_init__(self) -> None:
        if not len(self.ids) == len(self.labels) == len(self.descriptions):
            raise ValueError("ids, labels and descriptions differ in length")
