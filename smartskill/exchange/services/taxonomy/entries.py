"""What every taxonomy is turned into before it meets the catalogue: shelves, entries, and the rows that were refused.

Labels are cleaned here, once: white space of any kind (no-break spaces, line ends) becomes single blanks, an alias that
repeats the name or another alias is dropped, whatever its case.
"""

import hashlib
from collections.abc import Iterable
from dataclasses import dataclass, field, replace

from smartskill.kit.errors import Invalid

NAME_LENGTH = 200
URI_LENGTH = 300
TEXT_LENGTH = 5000


class TaxonomyUnreadable(Invalid):
    """The taxonomy's files cannot be read."""


@dataclass(frozen=True, slots=True)
class Shelf:
    """A category; `parent` is another shelf's URI, and comes before it in the list."""

    uri: str
    name: str
    parent: str | None = None


@dataclass(frozen=True, slots=True)
class Entry:
    """A skill as a taxonomy has it; `shelf` is a shelf's URI. `where` and `row` say where it was read."""

    uri: str
    name: str
    description: str | None = None
    aliases: tuple[str, ...] = ()
    shelf: str | None = None
    external_uri: str | None = None  # None: `uri` is only our own key for it
    wordings: tuple[tuple[int, str], ...] = ()  # what some of its levels mean
    where: str = field(default="", compare=False)
    row: tuple[str, ...] = field(default=(), compare=False)

    @property
    def digest(self) -> str:
        """A fingerprint of all that an import would write; the order of aliases does not count."""
        parts = [self.name, self.description or "", self.shelf or "", *sorted(self.aliases)]
        parts += [f"{level}\x1e{wording}" for level, wording in self.wordings]
        return hashlib.sha256("\x1f".join(parts).encode()).hexdigest()


@dataclass(frozen=True, slots=True)
class Refusal:
    """A row that was left out, and why; `row` is what stood there, where it can be handed back."""

    where: str
    reason: str
    row: tuple[str, ...] = ()


@dataclass(slots=True)
class Taxonomy:
    """One source, read and cleaned, in the order of its files."""

    key: str
    name: str
    attribution: str | None = None
    url: str | None = None
    is_whole: bool = True  # whether entries that the catalogue has and this lacks are gone from the source
    shelves: list[Shelf] = field(default_factory=list)
    entries: list[Entry] = field(default_factory=list)
    refused: list[Refusal] = field(default_factory=list)
    language: str | None = None  # an edition in another language than the catalogue's: only names of known skills
    beside: list[str] = field(default_factory=list)  # files that were there and hold no skills, and what they hold
    header: tuple[str, ...] = ()  # of the rows that refusals hand back

    def refuse(self, where: str, reason: str, row: Iterable[str] = ()) -> None:
        """Leave a row out."""
        self.refused.append(Refusal(where, reason, tuple(row)))

    def add(self, where: str, entry: Entry) -> None:
        """Take an entry in, or refuse it."""
        if not entry.name:
            self.refuse(where, "has no name", entry.row)
        elif len(entry.name) > NAME_LENGTH:
            self.refuse(where, f"its name is longer than {NAME_LENGTH} characters", entry.row)
        elif not entry.uri or len(entry.uri) > URI_LENGTH:
            self.refuse(where, f"its URI is missing or longer than {URI_LENGTH} characters", entry.row)
        else:
            self.entries.append(replace(entry, where=where))


def clean(text: str | None) -> str:
    """A label on one line, without white space at its ends, double blanks or NUL."""
    return " ".join((text or "").replace("\x00", "").split())


def clean_text(text: str | None) -> str | None:
    """A description; None where there is nothing."""
    return (text or "").replace("\x00", "").replace("\xa0", " ").strip()[:TEXT_LENGTH] or None


def clean_aliases(name: str, labels: Iterable[str]) -> tuple[str, ...]:
    """The other names, each once, in their order; those too long for a name are of no use as one."""
    kept: dict[str, str] = {}
    for label in map(clean, labels):
        if label and len(label) <= NAME_LENGTH and label.lower() != name.lower():
            kept.setdefault(label.lower(), label)
    return tuple(kept.values())
