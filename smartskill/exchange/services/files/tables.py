"""A table in a file: its header wherever that stands, the category band above it, and rows with their numbers."""

import re
from collections.abc import Callable, Sequence
from dataclasses import dataclass, field

from smartskill.exchange.services.files.unreadable import FileUnreadable

Rows = list[tuple[int, list[str]]]
HEADER_WITHIN = 15  # rows among which the header is looked for
MAX_ROWS = 50_000  # under the header
MAX_CELLS = 5_000_000
MAX_HEADER = 200  # characters


@dataclass
class Table:
    """Rows of text under a header. `band` names a category for each column, None where it has none."""

    header: list[str]
    rows: Rows
    band: list[str | None] = field(default_factory=list)
    header_row: int = 1
    encoding: str | None = None
    separator: str | None = None
    sheet: str | None = None
    sheets: list[str] = field(default_factory=list)

    def column(self, index: int) -> list[str]:
        """The column's cells."""
        return [cells[index] if index < len(cells) else "" for _, cells in self.rows]


def normal(name: str) -> str:
    """A column's name for comparison: lower case, one underscore between words."""
    return re.sub(r"[\W_]+", "_", name.casefold().replace(":id", " id ")).strip("_")


def build_table(
    raw: Rows, is_header: Callable[[Sequence[str]], int], *, header_row: int | None = None, merged: Sequence = ()
) -> Table:
    """Find the header and take what is above it for a band.

    Args:
        is_header: how many of a row's cells look like names of columns.
        header_row: the number of the header's row, where it is known.
        merged: ranges of merged cells as `(first row, first column, last row, last column)`, all from 1.
    Raises:
        FileUnreadable: it is empty, larger than is read, or has no such header row.
    """
    place = _header_place(raw, is_header, header_row)
    number, header = raw[place]
    rows = raw[place + 1 :]
    if len(rows) > MAX_ROWS:
        raise FileUnreadable.because(f"The table has {len(rows)} rows; at most {MAX_ROWS} are read at once.")
    if sum(len(cells) for _, cells in rows) > MAX_CELLS:
        raise FileUnreadable.because(f"The table has more than {MAX_CELLS} cells.")
    names = [" ".join(name.split())[:MAX_HEADER] for name in header]
    while names and not names[-1] and not any(len(cells) >= len(names) and cells[len(names) - 1] for _, cells in rows):
        names.pop()
    table = Table(names, rows, header_row=number)
    if place:
        table.band = _band(*raw[place - 1], len(names), merged)
    return table


def _header_place(raw: Rows, is_header: Callable[[Sequence[str]], int], header_row: int | None) -> int:
    if not raw:
        raise FileUnreadable.because("The table is empty.")
    if header_row is not None:
        found = next((place for place, (number, _) in enumerate(raw) if number == header_row), None)
        if found is None:
            raise FileUnreadable.because(f"There is nothing in row {header_row} that could be a header.")
        return found
    scores = [is_header(cells) for _, cells in raw[:HEADER_WITHIN]]
    return scores.index(max(scores)) if max(scores) else 0


def _band(number: int, cells: list[str], width: int, merged: Sequence) -> list[str | None]:
    """The band's words; over the columns of a merged cell, or without merged cells up to the next word."""
    names: list[str | None] = [(" ".join(cell.split())[:MAX_HEADER] or None) for cell in cells[:width]]
    names += [None] * (width - len(names))
    spans = [span for span in merged if span[0] <= number <= span[2]]
    if spans:
        for _, first, _, last in spans:
            names[first - 1 : last] = [names[first - 1] if first <= width else None] * (min(last, width) - first + 1)
        return names
    for place in range(1, width):
        names[place] = names[place] or names[place - 1]
    return names
