"""From a file's bytes to a plan: which format it is, which reader reads it, and what that would do."""

from collections.abc import Callable, Mapping
from typing import Any

from smartskill.exchange.models import FileImport
from smartskill.exchange.services.files.columns import count_names, detect_format
from smartskill.exchange.services.files.documents import Document, plan_document
from smartskill.exchange.services.files.experience_files import plan_experience_file
from smartskill.exchange.services.files.json_kinds import strange_kind
from smartskill.exchange.services.files.keeping import read_file
from smartskill.exchange.services.files.level_files import plan_levels
from smartskill.exchange.services.files.linkedin import read_linkedin
from smartskill.exchange.services.files.people_files import plan_people_file
from smartskill.exchange.services.files.plans import Plan, Tell
from smartskill.exchange.services.files.skill_files import plan_skill_file
from smartskill.exchange.services.files.sniffing import sniff
from smartskill.exchange.services.files.tables import Table, build_table
from smartskill.exchange.services.files.text import decode, read_csv
from smartskill.exchange.services.files.unreadable import FileUnreadable
from smartskill.exchange.services.files.workbooks import read_workbook
from smartskill.exchange.services.files.yaml_resume import read_yaml_resume
from smartskill.extensions import db
from smartskill.kit.errors import Invalid
from smartskill.kit.parser import read_json
from smartskill.user.models import User

TABLES: dict[str, Callable[..., Plan]] = {
    "matrix": plan_levels,
    "list": plan_levels,
    "orangehrm": plan_levels,
    "odoo_skills": plan_levels,
    "experience": plan_experience_file,
    "odoo_experience": plan_experience_file,
    "orangehrm_people": plan_people_file,
    "skills": plan_skill_file,
}
DOCUMENTS = {"linkedin": "linkedin", "yaml": "yamlresume", "json": "jsonresume"}  # media → format
FOR_ONESELF = tuple(DOCUMENTS.values())


def format_of(content: bytes, asked: str) -> tuple[str, str | None]:
    """What the file is (one of `sniffing.MEDIA_TYPES`), and its format; None where only its columns will tell.

    Raises:
        FileUnreadable: nothing that is read here, or not what was asked for.
    """
    kind = sniff(content)
    if asked == "yamlresume" and kind == "csv":  # text that is no table may still be meant as YAML: its reader says why
        kind = "yaml"
    found = DOCUMENTS.get(kind)
    if asked not in ("auto", found) and (found is not None or asked in FOR_ONESELF):
        raise FileUnreadable.because(f"The file is {found or 'a table'}, not {asked}.")
    return kind, found or (None if asked == "auto" else asked)


def plan_file(row: FileImport, tell: Tell = lambda done: None) -> Plan:
    """Read a kept file and say what importing it does; accounts that were asked for are made on the way.

    Raises:
        FileUnreadable: it cannot be read; says why.
    """
    content = read_file(row)
    kind, format_ = format_of(content, row.asked_format)
    if kind in DOCUMENTS.values() or kind in DOCUMENTS:
        owner = db.session.get_one(User, row.owner_id)
        return plan_document(read_document(content, kind), str(format_), owner, skips_errors=row.skips_errors)
    tell(0.05)
    table = read_table(content, kind, row.mapping)
    tell(0.2)
    chosen = format_ or detect_format(table)
    return TABLES[chosen](table, chosen, row.mapping, creates_people=row.creates_people, tell=tell)


def read_document(content: bytes, kind: str) -> Document:
    """A file about one person as a JSON Resume."""
    if kind == "linkedin":
        return read_linkedin(content)
    if kind == "yaml":
        return read_yaml_resume(content)
    try:
        sections = read_json(decode(content)[0].encode())
    except Invalid as error:
        raise FileUnreadable.because(error.detail.replace("The body", "The file")) from error
    if strange := strange_kind(sections):
        raise FileUnreadable.because(f"This is no résumé but {strange}.")
    return Document(sections)


def read_table(content: bytes, kind: str, mapping: Mapping[str, Any]) -> Table:
    """A file of rows and columns."""
    header_row = mapping.get("header_row")
    if kind == "xlsx":
        rows, merged, sheet, sheets = read_workbook(content, sheet=mapping.get("sheet"))
        table = build_table(rows, count_names, header_row=header_row, merged=merged)
        table.sheet, table.sheets = sheet, sheets
        return table
    text, encoding = decode(content)
    lines, separator = read_csv(text)
    table = build_table(lines, count_names, header_row=header_row)
    table.encoding, table.separator = encoding, separator
    return table
