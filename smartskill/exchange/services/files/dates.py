"""Days as files write them: ISO, `Jan 2020`, `Sep 1, 2016`, `31.12.2020`, `2020`; each kept as precise as it was given.

`03/04/2024` is a day in March or in April: it is refused until the mapping says which.
"""

import re
from functools import cache

from smartskill.kit.partial_date import PartialDate
from smartskill.kit.schemas import FIRST_YEAR, LAST_YEAR

LOCALES = ("en", "de", "fr", "es", "it", "pt", "nl")  # the month names that are known
OPEN = {"present", "current", "now", "today", "ongoing", "heute", "aktuell", "actuel", "presente", "-"}
ISO = re.compile(r"(\d{4})(?:[-/.](\d{1,2})(?:[-/.](\d{1,2}))?)?(?:[T ]\d{1,2}:\d{2}.*)?")
GERMAN = re.compile(r"(\d{1,2})\.\s?(\d{1,2})\.(\d{4})")
SLASHED = re.compile(r"(\d{1,2})[/-](\d{1,2})[/-](\d{4})")
MONTH_AND_YEAR = re.compile(r"(\d{1,2})[/.](\d{4})")
WORDS = re.compile(r"[^\W\d_]+\.?|\d+")
FILLERS = {"de", "of", "the", "le", "th", "st", "nd", "rd"}


class NotADay(ValueError):
    """The text is no date that can be relied on; what to do about it is its message."""


def is_open(text: str) -> bool:
    """Whether an end is none: nothing, or a word for the present."""
    return not text.strip() or text.strip().casefold() in OPEN


def parse_day(text: str, *, is_day_first: bool | None = None) -> PartialDate:
    """The date that a text means.

    Args:
        is_day_first: how to read `03/04/2024`; None: not known.
    Raises:
        NotADay: it means none, or more than one.
    """
    words = " ".join(text.split())
    parts = _numbers(words, is_day_first) or _named(words)
    if parts is None:
        raise NotADay(f"“{words[:40]}” is no date: give YYYY, YYYY-MM or YYYY-MM-DD.")
    year, month, day = parts
    if not FIRST_YEAR <= year <= LAST_YEAR:
        raise NotADay(f"“{words[:40]}” is not between {FIRST_YEAR} and {LAST_YEAR}.")
    iso = f"{year:04}" + (f"-{month:02}" if month else "") + (f"-{day:02}" if month and day else "")
    try:
        return PartialDate.parse(iso)
    except ValueError as error:
        raise NotADay(f"“{words[:40]}”: there is no such day.") from error


def _numbers(words: str, is_day_first: bool | None) -> tuple[int, int, int] | None:
    if found := ISO.fullmatch(words):
        return int(found[1]), int(found[2] or 0), int(found[3] or 0)
    if found := GERMAN.fullmatch(words):
        return int(found[3]), int(found[2]), int(found[1])
    if found := MONTH_AND_YEAR.fullmatch(words):
        return int(found[2]), int(found[1]), 0
    if found := SLASHED.fullmatch(words):
        first, second, year = int(found[1]), int(found[2]), int(found[3])
        if is_day_first is None and first <= 12 and second <= 12 and first != second:
            raise NotADay(f"“{words}” can be two days: set day_first in the mapping to true or false.")
        is_day = first > 12 if is_day_first is None else is_day_first
        return (year, second, first) if is_day else (year, first, second)
    return None


def _named(words: str) -> tuple[int, int, int] | None:
    """A month by its name, a year of four digits, perhaps a day; in any order."""
    month = year = day = 0
    for part in WORDS.findall(words.casefold()):
        name = part.rstrip(".")
        if name in _months():
            month, is_new = _months()[name], not month
        elif len(part) == 4 and part.isdigit():
            year, is_new = int(part), not year
        elif part.isdigit() and len(part) <= 2:
            day, is_new = int(part), not day
        else:
            is_new = name in FILLERS
        if not is_new:
            return None
    return (year, month, day) if year and month else None


@cache
def _months() -> dict[str, int]:
    from babel.dates import get_month_names  # slow to import, and few files name months

    found = {}
    for locale in LOCALES:
        for width in ("wide", "abbreviated"):
            for context in ("format", "stand-alone"):
                for number, name in get_month_names(width, context, locale=locale).items():
                    found[name.casefold().rstrip(".")] = number
    return found | {"sept": 9, "mrz": 3, "jän": 1, "jänner": 1}
