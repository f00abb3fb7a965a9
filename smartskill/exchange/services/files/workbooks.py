"""XLSX, read as a stream and as text: values as they were last computed, formulas never run, macros never looked at.

openpyxl is loaded when the first workbook comes, which is in a worker or a command.
"""

import io
import re
from collections.abc import Iterator
from datetime import date, datetime, time
from typing import Any

from smartskill.exchange.services.files import tables
from smartskill.exchange.services.files.archives import open_archive
from smartskill.exchange.services.files.tables import MAX_CELLS, Rows
from smartskill.exchange.services.files.text import MAX_COLUMNS, MAX_FIELD
from smartskill.exchange.services.files.unreadable import FileUnreadable

HEADROOM = 20  # rows above the table that may be empty or a title
MERGED = re.compile(rb'mergeCell\s[^>]*?ref="([A-Z]+[0-9]+:[A-Z]+[0-9]+)"\s*/?>')
CHUNK, KEPT = 1_048_576, 200  # bytes
Span = tuple[int, int, int, int]


def read_workbook(content: bytes, *, sheet: str | None = None) -> tuple[Rows, list[Span], str, list[str]]:
    """The rows that say something, the merged cells, the sheet's name and all sheets' names.

    Args:
        sheet: which one; None for the first that is shown and holds something.
    Raises:
        FileUnreadable: no workbook, no such sheet, or more in it than is read.
    """
    open_archive(content).close()  # the limits
    book = _open(content)
    try:
        names = [one.title for one in book.worksheets]
        chosen = _choose(book, sheet)
        rows = list(_rows(chosen))
        merged = _merged(chosen) if rows else []
    except FileUnreadable:
        raise
    except Exception as error:  # openpyxl raises whatever a broken part makes it raise
        raise FileUnreadable.because("The workbook is damaged.") from error
    finally:
        book.close()
    return rows, merged, chosen.title, names


def _open(content: bytes) -> Any:
    from openpyxl import load_workbook

    try:
        return load_workbook(io.BytesIO(content), read_only=True, data_only=True, keep_links=False)
    except Exception as error:
        raise FileUnreadable.because("This is no XLSX workbook, or a damaged one.") from error


def _choose(book: Any, wanted: str | None) -> Any:
    sheets = book.worksheets
    if wanted is not None:
        found = next((one for one in sheets if one.title.casefold() == wanted.casefold()), None)
        if found is None:
            names = ", ".join(one.title for one in sheets[:20])
            raise FileUnreadable.because(f"There is no sheet “{wanted}”; there is {names}.")
        return found
    shown = [one for one in sheets if one.sheet_state == "visible"] or list(sheets)
    if not shown:
        raise FileUnreadable.because("The workbook has no sheet.")
    return next((one for one in shown if _says_something(one)), shown[0])


def _says_something(sheet: Any) -> bool:
    sheet.reset_dimensions()  # what the file says of its size is not to be relied on
    for place, row in enumerate(sheet.iter_rows(values_only=True)):
        if sum(value is not None for value in row) > 1:
            return True
        if place > HEADROOM:
            break
    return False


def _rows(sheet: Any) -> Iterator[tuple[int, list[str]]]:
    most, cells_seen = tables.MAX_ROWS + HEADROOM, 0
    sheet.reset_dimensions()
    kept = 0
    percent: dict[int, bool] = {}
    for number, row in enumerate(sheet.iter_rows(), start=1):
        if number > 1_000_000 or kept > most:
            raise FileUnreadable.because(f"The sheet has more than {most - HEADROOM} rows.")
        texts = [_text(cell, percent) for cell in row]
        while texts and not texts[-1]:
            texts.pop()
        if len(texts) > MAX_COLUMNS:
            raise FileUnreadable.because(f"Row {number} has {len(texts)} columns; at most {MAX_COLUMNS} are read.")
        cells_seen += len(texts)
        if cells_seen > MAX_CELLS:
            raise FileUnreadable.because(f"The sheet has more than {MAX_CELLS} cells.")
        if texts:
            kept += 1
            yield number, texts


def _text(cell: Any, percent: dict[int, bool]) -> str:
    """A cell as its reader sees it: a percentage as one, a date as ISO, a whole number without its `.0`.

    Args:
        percent: which styles show percentages, as far as is known; a style is looked up once.
    """
    value = cell.value
    if value is None:
        return ""
    if isinstance(value, str):
        return value.replace("\x00", "")[:MAX_FIELD].strip()
    if isinstance(value, bool):
        return "yes" if value else ""
    if isinstance(value, int | float):
        style = cell._style_id
        if style not in percent:
            percent[style] = "%" in (cell.number_format or "")
        if percent[style]:
            return f"{round(value * 100, 4):g}%"
        return str(int(value)) if value == int(value) else repr(value)
    if isinstance(value, datetime):
        return value.date().isoformat() if value.time() == time() else value.isoformat(" ")
    return value.isoformat() if isinstance(value, date) else str(value)[:MAX_FIELD]


def _merged(sheet: Any) -> list[Span]:
    """The merged cells, which openpyxl's streaming does not keep; they stand after the rows."""
    from openpyxl.utils import range_boundaries

    found: list[Span] = []
    with sheet._get_source() as source:
        rest = b""
        while len(found) < MAX_COLUMNS and (chunk := source.read(CHUNK)):
            text = rest + chunk
            for match in MERGED.finditer(text):
                left, top, right, bottom = range_boundaries(match[1].decode())
                found.append((top, left, bottom, right))
            rest = text[text.rindex(b"<") :] if b"<" in text[-KEPT:] else b""  # an element may lie across two chunks
    return found
