"""What an import would do, entry by entry: each step says it, and can be taken. A dry run takes none."""

from collections import Counter
from collections.abc import Callable
from dataclasses import dataclass, field
from typing import Any

ACTIONS = ("added", "changed", "unchanged", "removed", "kept", "skipped")


@dataclass
class Step:
    """One entry's lot.

    `kept`: it stays in the CV as it was written, and is no item; `skipped`: it says nothing.
    """

    entry: str  # work.0, or experience/12 for a row that goes
    action: str
    detail: str | None = None
    take: Callable[[], Any] = field(default=lambda: None, repr=False)


@dataclass
class Plan:
    """All steps, and what is wrong with the document, by dotted path; with errors, no step is taken.

    `finish` is taken last, whatever the steps are.
    """

    steps: list[Step] = field(default_factory=list)
    errors: dict[str, list[str]] = field(default_factory=dict)
    finish: Callable[[], Any] = field(default=lambda: None, repr=False)

    def take(self) -> None:
        """Take every step."""
        for step in self.steps:
            step.take()
        self.finish()

    def report(self, *, is_dry_run: bool) -> dict[str, Any]:
        """How many entries met each lot, and each entry's."""
        counts = Counter(step.action for step in self.steps)
        entries = [{"entry": step.entry, "action": step.action, "detail": step.detail} for step in self.steps]
        return {"dry_run": is_dry_run} | {a: counts[a] for a in ACTIONS} | {"entries": entries, "errors": self.errors}
