"""A JSON Resume as the parts of a page: headings, lines, lists. Pure; HTML and PDF draw the same.

What came in with an import can be anything, so nothing here trusts a type: what is no text, number or list of such is
left out, addresses are linked only where they lead to the web or a mailbox, and a CV that is too long ends by saying
how much more there is.
"""

import re
import unicodedata
from collections.abc import Iterator
from datetime import date
from typing import Any

from smartskill.exchange.services.cv.wording import TEXTS, say_partial
from smartskill.exchange.services.resume.reading import TALKS
from smartskill.exchange.services.resume.words import level_of
from smartskill.notifications.services.texts import say, say_date

Part = dict[str, Any]
MOST_CHARACTERS = 120_000  # of a whole CV: some forty pages
MOST_ENTRIES = 200  # of a section
WEB = re.compile(r"https?://[^\s<>\"]+", re.IGNORECASE)
PLACES = {  # section: the keys of an entry's heading, place, day or days, text, and list
    "work": (("position",), ("name", "location"), ("startDate", "endDate"), "summary", "highlights"),
    "projects": (("name",), ("entity",), ("startDate", "endDate"), "description", "highlights"),
    "talks": (("name",), ("entity",), ("startDate",), "description", "highlights"),
    "education": (("studyType", "area"), ("institution",), ("startDate", "endDate"), "summary", "courses"),
    "certificates": (("name",), ("issuer",), ("date",), "summary", None),
    "volunteer": (("position",), ("organization",), ("startDate", "endDate"), "summary", "highlights"),
    "awards": (("title",), ("awarder",), ("date",), "summary", None),
    "publications": (("name",), ("publisher",), ("releaseDate",), "summary", None),
    "references": (("name",), (), (), "reference", None),
}
ORDER = ("work", "projects", "talks", "education", "certificates", "skills", "languages", "volunteer", "awards",
         "publications", "interests", "references")  # fmt: skip
PAIRS = {"languages": ("language", "fluency"), "interests": ("name", "keywords")}


def arrange_cv(resume: dict[str, Any], language: str, day: date) -> Part:
    """The page: `title`, `name`, `label`, `contact`, `summary`, `sections`, `more`, `made_on`.

    Args:
        resume: what the reader may see of it; this shows all that it is given.
    """
    basics = resume["basics"] if isinstance(resume.get("basics"), dict) else {}
    name = text_of(basics.get("name"))
    budget = _Budget(MOST_CHARACTERS)
    summary = budget.paragraphs(basics.get("summary"))
    found = (_section(key, _entries(resume, key), language, budget) for key in ORDER)
    sections = [section for section in found if section]
    return {
        "language": language,
        "title": say(TEXTS, language, "title", name=name) if name else say(TEXTS, language, "nameless"),
        "name": name or say(TEXTS, language, "nameless"),
        "label": text_of(basics.get("label")),
        "contact": list(_contact(basics, language)),
        "summary": summary,
        "summary_heading": say(TEXTS, language, "summary"),
        "sections": sections,
        "empty": None if sections or summary else say(TEXTS, language, "empty"),
        "more": say(TEXTS, language, "more", count=budget.dropped) if budget.dropped else None,
        "made_on": say(TEXTS, language, "made_on", date=say_date(language, day)),
        "page": say(TEXTS, language, "page"),
    }


def text_of(value: Any) -> str | None:
    """A text in one line without control characters; None where it says nothing or is no text."""
    if isinstance(value, bool) or not isinstance(value, str | int | float):
        return None
    seen = "".join(char if unicodedata.category(char) not in ("Cc", "Cs", "Cn") else " " for char in str(value))
    return " ".join(seen.split())[:2_000] or None


def web_address(value: Any) -> str | None:
    """An address that leads to the web, or None: nothing else is ever linked."""
    text = text_of(value)
    return text if text and len(text) <= 500 and WEB.fullmatch(text) else None


class _Budget:
    """How many characters are left, and how many entries found no room."""

    def __init__(self, left: int) -> None:
        self.left, self.dropped = left, 0

    def takes(self, entry: Part) -> bool:
        """Whether there is room for one more; nothing comes after what did not fit."""
        size = sum(len(str(value)) for value in entry.values() if value)
        self.left = self.left - size if size <= self.left else 0
        self.dropped += self.left == 0
        return self.left > 0

    def paragraphs(self, value: Any) -> list[str]:
        lines = value.splitlines() if isinstance(value, str) else []
        return [said for line in lines[:200] if (said := text_of(line))]


def _entries(resume: dict[str, Any], key: str) -> list[dict[str, Any]]:
    """A section's entries; what was presented stands apart from what was built."""
    given = resume.get("projects" if key == "talks" else key)
    entries = [entry for entry in given if isinstance(entry, dict)] if isinstance(given, list) else []
    if key in ("projects", "talks"):
        entries = [entry for entry in entries if (str(entry.get("type", "")).lower() in TALKS) == (key == "talks")]
    return entries


def _section(key: str, entries: list[dict[str, Any]], language: str, budget: _Budget) -> Part | None:
    heading = say(TEXTS, language, key)
    if key == "skills":
        groups = _skills(entries, language)
        return {"heading": heading, "entries": [], "groups": groups} if groups else None
    if key in PAIRS:
        groups = [pair for entry in entries[:MOST_ENTRIES] if (pair := _pair(entry, *PAIRS[key]))]
        return {"heading": heading, "entries": [], "groups": groups} if groups else None
    written = [part for entry in entries if (part := _entry(key, entry, language, budget))]
    shown = [part for part in written[:MOST_ENTRIES] if budget.takes(part)]
    budget.dropped += max(len(written) - MOST_ENTRIES, 0)
    return {"heading": heading, "entries": shown, "groups": []} if shown else None


def _entry(key: str, entry: dict[str, Any], language: str, budget: _Budget) -> Part | None:
    headings, places, days, summary, points = PLACES[key]
    title = ", ".join(said for name in headings if (said := text_of(entry.get(name))))
    place = ", ".join(said for name in places if (said := text_of(entry.get(name))))
    keywords = _texts(entry.get("keywords"))
    part = {
        "heading": title or place,
        "place": place if title else None,
        "when": _when(entry, days, language),
        "summary": budget.paragraphs(entry.get(summary)),
        "points": _texts(entry.get(points)) if points else [],
        "keywords": keywords,
        "keywords_label": say(TEXTS, language, "keywords") if keywords else None,
        "url": web_address(entry.get("url")),
    }
    return part if part["heading"] or part["summary"] else None


def _when(entry: dict[str, Any], keys: tuple[str, ...], language: str) -> str | None:
    """`May 2019 – today`, `2012`, `14 March 2025, valid until 13 March 2027`."""
    exact = len(keys) == 1
    said = [text_of(entry.get(key)) for key in keys]
    words = [say_partial(language, one, is_exact=exact) if one else None for one in said]
    if len(words) == 2:
        return _range(words[0], words[1], language)
    expiry = text_of(entry.get("expiryDate"))
    until = say(TEXTS, language, "expires", end=say_partial(language, expiry, is_exact=True)) if expiry else None
    return ", ".join(one for one in (*words, until) if one) or None


def _range(start: str | None, end: str | None, language: str) -> str | None:
    if start is None:
        return say(TEXTS, language, "until", end=end) if end else None
    if start == end:
        return start
    return say(TEXTS, language, "range", start=start, end=end or say(TEXTS, language, "today"))


def _skills(entries: list[dict[str, Any]], language: str) -> list[Part]:
    """Skills by level, the highest first; those whose level is not known at the end, each with its own words."""
    groups: dict[int, list[str]] = {level: [] for level in (5, 4, 3, 2, 1, 0)}
    for entry in entries[: MOST_ENTRIES * 5]:
        name = text_of(entry.get("name"))
        if name is None:
            continue
        level, keywords = level_of(entry.get("level")), _texts(entry.get("keywords"))
        words = [] if level else [word for word in (text_of(entry.get("level")),) if word]
        inside = ", ".join((*words, *keywords))
        groups[level or 0].append(f"{name} ({inside})" if inside else name)
    is_only = not any(names for level, names in groups.items() if level)
    label = {level: say(TEXTS, language, f"level.{level or 'none'}") for level in groups}
    return [
        {"label": None if is_only else label[level], "items": sorted(names, key=str.lower)}
        for level, names in groups.items()
        if names
    ]


def _pair(entry: dict[str, Any], name: str, more: str) -> Part | None:
    label, given = text_of(entry.get(name)), entry.get(more)
    items = _texts(given) if isinstance(given, list) else [said for said in (text_of(given),) if said]
    return {"label": label, "items": items} if label else None


def _texts(value: Any) -> list[str]:
    return [said for one in value[:100] if (said := text_of(one))] if isinstance(value, list) else []


def _contact(basics: dict[str, Any], language: str) -> Iterator[Part]:
    location = basics.get("location")
    place = [text_of(location.get(key)) for key in ("city", "countryCode")] if isinstance(location, dict) else []
    email = text_of(basics.get("email"))
    is_mailbox = email is not None and re.fullmatch(r"[^\s@<>\"?&]+@[^\s@<>\"?&]+", email)
    said: list[tuple[str, str | None, str | None]] = [
        ("email", email, f"mailto:{email}" if is_mailbox else None),
        ("phone", text_of(basics.get("phone")), None),
        ("location", ", ".join(one for one in place if one) or None, None),
        ("url", web_address(basics.get("url")), web_address(basics.get("url"))),
    ]
    for profile in basics["profiles"][:10] if isinstance(basics.get("profiles"), list) else []:
        if isinstance(profile, dict) and (url := web_address(profile.get("url"))):
            said.append((text_of(profile.get("network")) or "url", url, url))
    for key, text, url in said:
        if text:
            known = key in ("email", "phone", "location", "url")
            label = say(TEXTS, language, key) if known else key
            yield {"label": label, "text": re.sub(r"^https?://(www\.)?", "", text).rstrip("/"), "url": url}
