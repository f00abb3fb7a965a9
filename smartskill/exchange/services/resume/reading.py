"""From an entry of a JSON Resume to the facts of a row. Pure: no row is read or written here.

An entry that says nothing is skipped. One that lacks what an item cannot be without (whose, what, since when) is kept
as it is, in the remainder. One that is wrong is an error by its path (`work.0.endDate`) and refuses the whole document.
"""

import re
from collections.abc import Callable
from dataclasses import dataclass, field
from datetime import date
from typing import Any

from smartskill.exchange.services.resume.standard import is_blank, renamed
from smartskill.kit.partial_date import PartialDate

CURRENT = ("present", "current", "now", "today", "ongoing")
TALKS = ("talk", "presentation", "conference")
MAX_TEXT, MAX_SUMMARY, MAX_URL = 200, 10_000, 500  # characters
FIRST_YEAR, LAST_YEAR = 1900, 2199
WEB_ADDRESS = re.compile(r"https?://\S+", re.IGNORECASE)
QUALIFICATION_KINDS = ("certification", "licence", "degree", "training", "language")


@dataclass(frozen=True)
class Home:
    """Where the entries of a section live: the kind of experience, and which key is which fact.

    `assumed` is the words for a fact that an entry may leave out.
    """

    kind: str
    organisation: str
    title: str
    summary: str
    assumed: dict[str, str]

    @property
    def needed(self) -> tuple[str, ...]:
        """The keys without which an entry is kept and not imported."""
        return (*(key for key in (self.organisation, self.title) if key not in self.assumed), "startDate")


HOMES = {
    "work": Home("employment", "name", "position", "summary", {"position": "Employee"}),
    "volunteer": Home("volunteering", "organization", "position", "summary", {"position": "Volunteer"}),
    "education": Home("education", "institution", "studyType", "summary", {"studyType": "Studies"}),
    "projects": Home("project", "entity", "name", "description", {"entity": "Independent"}),
}
SECTION_OF = {home.kind: section for section, home in HOMES.items()} | {"talk": "projects"}


@dataclass
class Reading:
    """What an entry came to: `facts` and `rest` for a row, or why it is kept, or nothing said."""

    path: str
    entry: dict[str, Any]
    facts: dict[str, Any] = field(default_factory=dict)
    extra: dict[str, Any] = field(default_factory=dict)
    assumed: list[str] = field(default_factory=list)
    keywords: list[str] | None = None
    kept_because: str | None = None
    is_blank: bool = False


def read_section(
    document: dict, section: str, read: Callable[..., None], errors: dict[str, list[str]]
) -> list[Reading]:
    """Read each entry of a section; errors are added by their path."""
    found = []
    for place, entry in enumerate(document.get(section) or []):
        reading = Reading(f"{section}.{place}", renamed(section, entry), is_blank=is_blank(entry))
        if not reading.is_blank:
            read(reading, section, errors)
        found.append(reading)
    return found


def read_experience(reading: Reading, section: str, errors: dict[str, list[str]]) -> None:
    """A job, project, study or volunteering."""
    home, entry = HOMES[section], dict(reading.entry)
    take = _Taker(reading, entry, errors)
    if section == "education":
        _join_title(entry, reading)
    organisation = take.text(home.organisation, MAX_TEXT, home.assumed)
    title = take.text(home.title, MAX_TEXT, home.assumed)
    summary = take.text(home.summary, MAX_SUMMARY)
    start, end = take.day("startDate"), take.day("endDate", is_open=True)
    if start and end and end.last < start.first:
        take.refuse("endDate", f"{end} lies before the start, {start}.")
    lacking = [key for key in home.needed if is_blank(reading.entry.get(key))]
    if lacking:
        reading.kept_because = f"It has no {' and no '.join(lacking)}."
    is_talk = section == "projects" and str(entry.get("type", "")).lower() in TALKS
    if is_talk and entry["type"] == "talk":
        del entry["type"]  # the kind says it
    reading.facts["kind"] = "talk" if is_talk else home.kind
    reading.facts |= {"organisation": organisation, "title": title, "start": start, "end": end, "summary": summary}
    reading.keywords = take.keywords()
    reading.extra |= said(entry)


def read_certificate(reading: Reading, section: str, errors: dict[str, list[str]]) -> None:
    """A certificate: a qualification. `kind` and `expiryDate` are ours, beside the standard's keys.

    `licenseNumber` (LinkedIn's) is read and stays in the entry: what the standard has no key for comes back as it came.
    """
    entry = dict(reading.entry)
    take = _Taker(reading, entry, errors)
    reading.facts = {"title": take.text("name", MAX_TEXT), "issuer": take.text("issuer", MAX_TEXT)}
    reading.facts |= {"issued_on": take.day("date"), "url": None, "expires_on": None, "kind": "certification"}
    number = entry.get("licenseNumber")
    reading.facts["credential_no"] = (
        number.strip() or None if isinstance(number, str) and len(number) <= MAX_TEXT else None
    )
    if reading.facts["title"] is None:
        reading.kept_because = "It has no name."
    url, kind, expiry = entry.get("url"), entry.get("kind"), _day_or_none(entry.get("expiryDate"))
    if isinstance(url, str) and len(url) <= MAX_URL and WEB_ADDRESS.fullmatch(url):
        reading.facts["url"] = entry.pop("url")
    if kind in QUALIFICATION_KINDS:
        reading.facts["kind"] = entry.pop("kind")
    if expiry is not None:
        reading.facts["expires_on"] = expiry
        entry.pop("expiryDate")
        issued_on = reading.facts["issued_on"]
        if issued_on and expiry < issued_on.first:
            take.refuse("expiryDate", f"{expiry} lies before it was issued, {issued_on}.")
    reading.extra = said(entry)


def said(entry: dict[str, Any]) -> dict[str, Any]:
    """The entry without the keys that say nothing."""
    return {key: value for key, value in entry.items() if not is_blank(value)}


def _join_title(entry: dict[str, Any], reading: Reading) -> None:
    """Study type and area make one title; the area is kept beside it, so that both come back."""
    study, area = entry.get("studyType"), entry.get("area")
    if isinstance(area, str) and area.strip() and (study is None or isinstance(study, str)):
        reading.extra["area"] = entry.pop("area").strip()
        entry["studyType"] = ", ".join(part for part in ((study or "").strip(), reading.extra["area"]) if part)


def _day_or_none(value: Any) -> date | None:
    try:
        day = PartialDate.parse(value.strip()) if isinstance(value, str) else None
    except ValueError:
        return None
    return day.first if day and day.precision == "day" and FIRST_YEAR <= day.first.year <= LAST_YEAR else None


@dataclass
class _Taker:
    """Takes keys out of an entry, and notes what is wrong with them."""

    reading: Reading
    entry: dict[str, Any]
    errors: dict[str, list[str]]

    def refuse(self, key: str, message: str) -> None:
        self.errors.setdefault(f"{self.reading.path}.{key}", []).append(message)

    def text(self, key: str, length: int, assumed: dict[str, str] | None = None) -> str | None:
        value = self.entry.pop(key, None)
        if not isinstance(value, str | None):
            self.refuse(key, "Not a text.")
        elif value and len(value.strip()) > length:
            self.refuse(key, f"Longer than {length} characters.")
        elif value and value.strip():
            return value.strip()
        elif assumed and key in assumed:
            self.reading.assumed.append(key)
            return assumed[key]
        return None

    def day(self, key: str, *, is_open: bool = False) -> PartialDate | None:
        value = self.entry.pop(key, None)
        if is_blank(value) and not isinstance(value, list | dict):
            return None
        if is_open and isinstance(value, str) and value.strip().lower() in CURRENT:
            return None
        try:
            found = PartialDate.parse(value.strip()) if isinstance(value, str) else None
        except ValueError as error:
            self.refuse(key, str(error))
            return None
        if found is None:
            self.refuse(key, "Not a date: give YYYY, YYYY-MM or YYYY-MM-DD.")
        elif not FIRST_YEAR <= found.first.year <= LAST_YEAR:
            self.refuse(key, f"Must be between {FIRST_YEAR} and {LAST_YEAR}.")
        return found

    def keywords(self) -> list[str] | None:
        given = self.entry.get("keywords")
        if not isinstance(given, list) or not all(isinstance(word, str) for word in given):
            return None
        return self.entry.pop("keywords")
