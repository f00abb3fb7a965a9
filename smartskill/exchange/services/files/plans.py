"""What an import would do, decided before anything is written, so that a preview and the real thing cannot differ."""

from collections.abc import Callable
from dataclasses import dataclass, field
from typing import Any

from smartskill.exchange.services.files.faults import Faults

Tell = Callable[[float], Any]  # how far it is, 0 to 1
SHOWN = 100  # of each list in a preview


@dataclass
class Plan:
    """How a file was understood, what is wrong in it, and what is to be written.

    `header` and `band` are the file's own, for the rows that are handed back.
    """

    format: str
    preview: dict[str, Any] = field(default_factory=dict)
    faults: Faults = field(default_factory=Faults)
    counts: dict[str, int] = field(default_factory=dict)
    header: list[str] = field(default_factory=list)
    band: list[str] = field(default_factory=list)
    write: Callable[[Tell], Any] = field(default=lambda tell: None, repr=False)

    def tally(self) -> dict[str, int]:
        """The counts, whole."""
        names = ("added", "changed", "unchanged", "people_created")
        found = {name: self.counts.get(name, 0) for name in names}
        return found | {"refused": self.faults.count, "rows_refused": len(self.faults.by_row)}
