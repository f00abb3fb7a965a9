"""How a table was understood, for whoever has to say whether that is right."""

from collections.abc import Sequence
from typing import Any

from smartskill.exchange.services.files.columns import Column
from smartskill.exchange.services.files.tables import Table

MAX_SHEETS = 50


def table_facts(table: Table, columns: Sequence[Column]) -> dict[str, Any]:
    """The file's form, and what each column is taken for."""
    return {
        "encoding": table.encoding,
        "separator": table.separator,
        "sheet": table.sheet,
        "sheets": table.sheets[:MAX_SHEETS],
        "header_row": table.header_row,
        "rows": len(table.rows),
        "columns": [column.shown() for column in columns],
        "unmapped_columns": [column.label for column in columns if column.meaning in (None, "ignore")],
    }
