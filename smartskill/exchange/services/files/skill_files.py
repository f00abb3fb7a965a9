"""A list of skills for the catalogue, CSV or XLSX, with any names of columns: read here, taken in as any own list."""

import csv
import io
import re
from collections.abc import Mapping
from typing import Any

from smartskill.exchange.services.files.columns import guess_columns
from smartskill.exchange.services.files.plans import Plan, Tell
from smartskill.exchange.services.files.previews import table_facts
from smartskill.exchange.services.files.tables import Table
from smartskill.exchange.services.files.unreadable import FileUnreadable
from smartskill.exchange.services.taxonomy.plain_csv import COLUMNS, apply_list, plan_list
from smartskill.exchange.services.taxonomy.plan import summary

LINE = re.compile(r"skills, line (\d+)")  # how a list names its lines
OWN_NAMES = {"name": "skill"}  # what a list calls it, and what a column of a file means
Rows = dict[int, tuple[int, list[str]]]  # line of the list → row of the file


def plan_skill_file(
    table: Table, kind: str, mapping: Mapping[str, Any], *, creates_people: bool, tell: Tell = lambda done: None
) -> Plan:
    """Compare a list of skills with the catalogue.

    Raises:
        FileUnreadable: no column names them.
    """
    columns = guess_columns(table, "skills", mapping.get("columns", {}), is_matrix=False)
    at = {str(column.meaning): column.index for column in reversed(columns) if column.meaning}
    if "skill" not in at:
        raise FileUnreadable.because("No column is taken for the skill's name.")
    text, rows = _as_list(table, at)
    found = plan_list(text, name="skills")
    plan = Plan(kind, header=table.header, write=lambda tell: apply_list(found, is_skipping=True))
    for refusal in found.skipped:
        number, cells = rows[int(refusal.where.rpartition(" ")[2])]
        reason = LINE.sub(lambda match: f"row {rows[int(match[1])][0]}", refusal.reason)
        plan.faults.add(number, cells, None, f"{reason[:1].upper()}{reason[1:]}.")
    counts = summary(found)
    plan.counts = {"added": counts["added"], "changed": counts["changed"] + counts["adopted"]}
    plan.counts["unchanged"] = counts["unchanged"]
    plan.preview = table_facts(table, columns)
    return plan


def _as_list(table: Table, at: Mapping[str, int]) -> tuple[str, Rows]:
    """The table as a list of our own columns, a line for each row, and which line is which row."""
    out = io.StringIO()
    writer = csv.writer(out, lineterminator="\n")
    writer.writerow(COLUMNS)
    rows: Rows = {}
    for line, (number, cells) in enumerate(table.rows, start=2):
        facts = {name: _cell(cells, at.get(OWN_NAMES.get(name, name))) for name in COLUMNS}
        writer.writerow([("|" if name == "aliases" else " ").join(fact.split("\n")) for name, fact in facts.items()])
        rows[line] = (number, cells)
    return out.getvalue(), rows


def _cell(cells: list[str], place: int | None) -> str:
    text = cells[place] if place is not None and place < len(cells) else ""
    return "\n".join(text.splitlines())
