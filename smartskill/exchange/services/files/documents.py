"""Files about oneself: whatever the format, a JSON Resume is made of it, and that is imported as any other.

`places` says for each entry (`work.0`) where it stands in the file, so that what is wrong is named in the file's own
terms, and handed back.
"""

from dataclasses import dataclass, field
from typing import Any

import orjson

from smartskill.exchange.services.files.dates import NotADay, is_open, parse_day
from smartskill.exchange.services.files.faults import Faults
from smartskill.exchange.services.files.plans import SHOWN, Plan
from smartskill.exchange.services.resume.importing import plan_resume
from smartskill.user.models import User

DATES = ("startDate", "endDate", "date", "releaseDate", "expiryDate")
CALLED = (
    "position",
    "studyType",
    "title",
    "language",
    "name",
    "organization",
    "institution",
)  # what entries are known by
HEADER = ["place", "entry"]


@dataclass
class Document:
    """A JSON Resume made of a file, where its entries stand there, and the faults found on the way."""

    sections: dict[str, Any] = field(default_factory=dict)
    places: dict[str, str] = field(default_factory=dict)
    faults: list[tuple[str, str | None, str]] = field(default_factory=list)  # path of the entry, key, message
    left_out: list[tuple[str, Any, str | None, str]] = field(default_factory=list)  # place, entry, key, message

    def add(self, section: str, entry: dict[str, Any], place: str) -> None:
        """Append an entry; its dates are read here, and one that is none is a fault."""
        entries = self.sections.setdefault(section, [])
        path = f"{section}.{len(entries)}"
        self.places[path] = place
        entries.append({key: self._value(path, key, value) for key, value in entry.items() if value not in (None, "")})

    def tell(self, path: str) -> dict[str, str | None]:
        """What a person calls an entry: its `name`, and its `place` in the file."""
        section, _, index = path.partition(".")
        entries = self.sections.get(section)
        is_there = isinstance(entries, list) and index.isdigit() and int(index) < len(entries)
        entry = entries[int(index)] if is_there else {}  # type: ignore[index]
        words = [entry[key] for key in CALLED if isinstance(entry.get(key), str)]
        return {"name": ", ".join(words)[:200] or None, "place": self.places.get(path)}

    def _value(self, path: str, key: str, value: Any) -> Any:
        if key not in DATES or not isinstance(value, str):
            return value
        if key == "endDate" and is_open(value):
            return None
        try:
            day = parse_day(value)
            return day.last.isoformat() if key == "expiryDate" else str(day)
        except NotADay as error:
            self.faults.append((path, key, str(error)))
            return None


def plan_document(document: Document, kind: str, owner: User, *, skips_errors: bool) -> Plan:
    """Compare a document with its owner's profile."""
    plan = Plan(kind, header=HEADER)
    faults = list(document.faults)
    found = plan_resume(owner, document.sections, is_replacing=False, is_strict=False, source="import")
    faults += [_split(path, " ".join(messages)) for path, messages in found.errors.items()]
    _note(plan.faults, document, faults)
    if faults and skips_errors and not any(path.count(".") < 1 for path, _, _ in faults):
        _leave_out(document.sections, {path for path, _, _ in faults})
        found = plan_resume(owner, document.sections, is_replacing=False, is_strict=False, source="import")
    report = found.report(is_dry_run=True)
    plan.counts = {name: report[name] for name in ("added", "changed")}
    plan.counts["unchanged"] = sum(report[name] for name in ("unchanged", "kept", "skipped"))
    plan.preview = {"entries": [one | document.tell(one["entry"]) for one in report["entries"][:SHOWN]]}
    plan.write = lambda tell: found.take()
    return plan


def _split(path: str, message: str) -> tuple[str, str | None, str]:
    parts = path.split(".")
    return ".".join(parts[:2]), ".".join(parts[2:]) or None, message


def _note(faults: Faults, document: Document, found: list[tuple[str, str | None, str]]) -> None:
    numbers: dict[str, int] = {}
    for path, key, message in found:
        section, _, index = path.partition(".")
        entries = document.sections.get(section)
        is_there = isinstance(entries, list) and index.isdigit() and int(index) < len(entries)
        entry = entries[int(index)] if is_there else entries  # type: ignore[index]
        number = numbers.setdefault(path, len(numbers) + 1)
        place = document.places.get(path, path)
        text = orjson.dumps(entry).decode()[:2_000]
        faults.add(number, [place, text], key, message, place=place)
    for place, entry, key, message in document.left_out:
        number = numbers.setdefault(place, len(numbers) + 1)
        faults.add(number, [place, orjson.dumps(entry).decode()[:2_000]], key, message, place=place)


def _leave_out(sections: dict[str, Any], paths: set[str]) -> None:
    """Empty the entries at fault: an entry that says nothing is passed over, and the others keep their places."""
    for path in paths:
        section, _, index = path.partition(".")
        if isinstance(sections.get(section), list) and index.isdigit():
            sections[section][int(index)] = {}
