"""What is wrong with rows of a file: collected row by row, kept, and given back with the rows."""

from collections.abc import Iterable, Sequence
from dataclasses import dataclass, field
from typing import Any

from sqlalchemy import delete, insert

from smartskill.exchange.models import FileImport, ImportFault
from smartskill.extensions import db

MAX_MESSAGES = 20  # of one row
CHUNK = 1_000


@dataclass
class Fault:
    """A row at fault, as it stood in the file."""

    place: str
    cells: Sequence[str]
    messages: list[dict[str, Any]] = field(default_factory=list)


@dataclass
class Faults:
    """The faults of a file, in the order of its rows; `count` counts statements, of which a row can make many."""

    by_row: dict[int, Fault] = field(default_factory=dict)
    count: int = 0

    def add(self, number: int, cells: Sequence[str], column: str | None, message: str, *, place: str = "") -> None:
        """Note what is wrong with a row."""
        fault = self.by_row.setdefault(number, Fault((place or f"row {number}")[:120], cells))
        self.count += 1
        if len(fault.messages) < MAX_MESSAGES:
            fault.messages.append({"column": column, "message": message})

    def __bool__(self) -> bool:
        return bool(self.by_row)


def keep_faults(row: FileImport, faults: Faults) -> None:
    """Keep these and no others."""
    db.session.execute(delete(ImportFault).where(ImportFault.import_id == row.id))
    rows = [
        {
            "import_id": row.id,
            "number": number,
            "place": fault.place,
            "cells": list(fault.cells),
            "messages": fault.messages,
        }
        for number, (_, fault) in enumerate(sorted(faults.by_row.items()), start=1)
    ]
    for chunk in chunks(rows):
        db.session.execute(insert(ImportFault), chunk)


def chunks(rows: Sequence, size: int = CHUNK) -> Iterable[Sequence]:
    """The rows, some at a time."""
    return (rows[place : place + size] for place in range(0, len(rows), size))
