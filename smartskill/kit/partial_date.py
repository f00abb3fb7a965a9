"""Dates known to the year, the month or the day, as CVs have them: `2019`, `2019-05`, `2019-05-20`.

Stored as the first day meant and a precision, so that rows sort and compare, and answered exactly as given.
"""

import re
from calendar import monthrange
from dataclasses import dataclass
from datetime import date

FORM = re.compile(r"([0-9]{4})(?:-([0-9]{2})(?:-([0-9]{2}))?)?")
PRECISIONS = ("year", "month", "day")


@dataclass(frozen=True, order=True)
class PartialDate:
    """A date of some precision; `first` is the earliest day it can mean."""

    first: date
    precision: str = "day"

    @classmethod
    def parse(cls, text: str) -> "PartialDate":
        """Read `YYYY`, `YYYY-MM` or `YYYY-MM-DD`.

        Raises:
            ValueError: another form, or no such day.
        """
        match = FORM.fullmatch(text)
        if not match:
            raise ValueError("Not a date: give YYYY, YYYY-MM or YYYY-MM-DD.")
        parts = [int(part) for part in match.groups() if part]
        try:
            first = date(*[*parts, 1, 1][:3])
        except ValueError as error:
            raise ValueError("There is no such day.") from error
        return cls(first, PRECISIONS[len(parts) - 1])

    @property
    def last(self) -> date:
        """The latest day it can mean."""
        if self.precision == "year":
            return self.first.replace(month=12, day=31)
        if self.precision == "month":
            return self.first.replace(day=monthrange(self.first.year, self.first.month)[1])
        return self.first

    def __composite_values__(self) -> tuple[date, str]:
        """The two columns of a SQLAlchemy composite; needed where a function, not this class, makes the value."""
        return self.first, self.precision

    def __str__(self) -> str:
        return self.first.isoformat()[: {"year": 4, "month": 7, "day": 10}[self.precision]]
