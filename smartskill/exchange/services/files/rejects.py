"""The rows that were refused, as a CSV file in their own columns, to be corrected and handed in again."""

import csv
import io
from collections.abc import Iterator

from sqlalchemy import select

from smartskill.exchange.models import FileImport, ImportFault
from smartskill.exchange.services.files.text import defused
from smartskill.extensions import db

REASON = "refused_because"
MARK = "\ufeff"  # or Excel takes UTF-8 for something else


def make_rejects(row: FileImport) -> Iterator[str]:
    """The file, line by line: the header, each refused row, and beside it why. No cell is taken for a formula."""
    preview = row.preview or {}
    header, band = list(preview.get("header") or []), list(preview.get("band") or [])
    yield MARK
    if any(band):
        yield _line(_once(band))
    yield _line([*header, REASON])
    faults = select(ImportFault).where(ImportFault.import_id == row.id).order_by(ImportFault.number)
    for fault in db.session.scalars(faults):
        cells = [*fault.cells[: len(header)], *[""] * (len(header) - len(fault.cells))]
        yield _line([*cells, _reason(fault.messages)])


def _once(band: list[str]) -> list[str]:
    """A band's words where each begins."""
    return [word if place == 0 or word != band[place - 1] else "" for place, word in enumerate(band)]


def _reason(messages: list[dict]) -> str:
    return " ".join(f"{said['column']}: {said['message']}" if said["column"] else said["message"] for said in messages)


def _line(cells: list[str]) -> str:
    out = io.StringIO()
    csv.writer(out).writerow([defused(cell) for cell in cells])
    return out.getvalue()
