"""An organisation's own list as CSV, with any names of columns.

It may have the columns `name`, `category`, `aliases`, `description` and `external_uri`; a mapping says which column of
another name is meant (`{"name": "Skill"}`), and then columns that mean none of these are passed over. Any usual
encoding and separator. A category may be a path, `Data > Databases`; aliases are separated by `|` or line ends, by `;`
too where that does not separate the columns. A row is known again by its URI, or by its name.

For an upload: `plan_list(decode(content)[0], mapping)` says what would happen, `apply_list(plan)` does it.
"""

import csv
import io
from collections.abc import Iterable, Mapping
from dataclasses import replace
from pathlib import Path

from smartskill.exchange.services.files.text import decode, defused, read_csv
from smartskill.exchange.services.files.unreadable import FileUnreadable
from smartskill.exchange.services.taxonomy.copying import Tell
from smartskill.exchange.services.taxonomy.entries import (
    NAME_LENGTH,
    Entry,
    Shelf,
    Taxonomy,
    TaxonomyUnreadable,
    clean,
    clean_aliases,
    clean_text,
)
from smartskill.exchange.services.taxonomy.plan import Plan, plan_import
from smartskill.exchange.services.taxonomy.write import lock_catalogue, write_plan

COLUMNS = ("name", "category", "aliases", "description", "external_uri")
PARTS: tuple[str, ...] = ()


class RowsRefused(TaxonomyUnreadable):
    """Some rows cannot be taken, and so none was: every one is named."""


def read_plain_csv(path: Path, only: Iterable[str] = (), mapping: Mapping[str, str] | None = None) -> Taxonomy:
    """Read the file.

    Raises:
        TaxonomyUnreadable: no text, no column for the name, a column that is meant and not there; without a mapping
            also a column of a name we do not know.
    """
    try:
        text = decode(path.read_bytes())[0]
    except (OSError, FileUnreadable) as error:
        raise TaxonomyUnreadable(f"{path} cannot be read: {error}") from error
    return read_list(text, mapping, name=path.name)


def read_list(text: str, mapping: Mapping[str, str] | None = None, *, name: str = "list") -> Taxonomy:
    """Read a text; `mapping` gives the column for each of `COLUMNS` that has another name. Raises as above."""
    try:
        rows, separator = read_csv(text)
    except FileUnreadable as error:
        raise TaxonomyUnreadable(f"{name}: {error.detail}") from error
    header = [clean(cell) for cell in rows[0][1]] if rows else []
    places = _places(name, header, dict(mapping or {}))
    found = Taxonomy("csv", "Own list", is_whole=False, header=tuple(header))
    for number, cells in rows[1:]:
        _add(found, f"{name}, line {number}", places, cells, separator)
    return found


def plan_list(text: str, mapping: Mapping[str, str] | None = None, *, name: str = "list") -> Plan:
    """What taking in a list would do; other imports wait until the transaction ends. Raises as `read_list`."""
    taxonomy = read_list(text, mapping, name=name)
    lock_catalogue()
    return plan_import(taxonomy)


def apply_list(plan: Plan, *, is_skipping: bool = False, tell: Tell = lambda what, done, total: None) -> None:
    """Do what the plan says: all of it, or with `is_skipping` all but the rows that cannot be taken.

    Raises:
        RowsRefused: there are such rows; `errors` has their reasons by where they stand.
    """
    if plan.skipped and not is_skipping:
        errors = {refusal.where: [refusal.reason] for refusal in plan.skipped}
        raise RowsRefused(f"{len(errors):,} rows cannot be taken; nothing was written.", errors=errors)
    write_plan(plan, tell)


def write_rejects(plan: Plan) -> str:
    """The rows that cannot be taken as CSV, each after its reason; mended, it can be imported as it is."""
    out = io.StringIO()
    writer = csv.writer(out, lineterminator="\n")
    writer.writerow(["where", "reason", *plan.taxonomy.header])
    for refusal in plan.skipped:
        writer.writerow([defused(cell) for cell in (refusal.where, refusal.reason, *refusal.row)])
    return out.getvalue()


def _places(name: str, header: list[str], mapping: dict[str, str]) -> dict[str, int]:
    """Which column is which, by `COLUMNS`."""
    keys = [cell.lower() for cell in header]
    for meaning, column in mapping.items():
        if meaning not in COLUMNS:
            raise TaxonomyUnreadable(f"A list has no {meaning}: map {', '.join(COLUMNS)}.")
        if clean(column).lower() not in keys:
            raise TaxonomyUnreadable(f"{name} has no column {column}; it has {', '.join(header)}.")
    meant = {meaning: clean(column).lower() for meaning, column in mapping.items()}
    for key in keys:
        if key.replace(" ", "_") in COLUMNS and key not in meant.values():
            meant.setdefault(key.replace(" ", "_"), key)
    if "name" not in meant:
        raise TaxonomyUnreadable(f"{name} lacks the column name: say with a mapping which column it is.")
    strange = [cell or "(empty)" for cell, key in zip(header, keys, strict=True) if key not in meant.values()]
    repeated = [key for key in meant.values() if keys.count(key) > 1]
    if repeated or (strange and not mapping and set(strange) - {"where", "reason"}):
        raise TaxonomyUnreadable(
            f"{name}: the columns may be {', '.join(COLUMNS)}, each once; there is {', '.join(repeated or strange)}. "
            "Say with a mapping which others are meant."
        )
    return {meaning: keys.index(key) for meaning, key in meant.items()}


def _add(found: Taxonomy, where: str, places: dict[str, int], row: list[str], separator: str) -> None:
    if len(row) != len(found.header):
        found.refuse(where, f"has {len(row)} columns, not {len(found.header)}", row)
        return
    facts = {meaning: row[place] for meaning, place in places.items()}
    name, address = clean(facts["name"]), clean(facts.get("external_uri"))
    path = [part for part in map(clean, (facts.get("category") or "").split(">")) if part]
    if any(len(part) > NAME_LENGTH for part in path):
        found.refuse(where, f"its category is longer than {NAME_LENGTH} characters", row)
        return
    aliases = facts.get("aliases", "").replace("|", "\n")
    if separator != ";":
        aliases = aliases.replace(";", "\n")
    entry = Entry(
        address or f"csv:{name.lower()}",
        name,
        clean_text(facts.get("description")),
        clean_aliases(name, aliases.splitlines()),
        external_uri=address or None,
        row=tuple(row),
    )
    found.add(where, replace(entry, shelf=_shelve(found, path)) if name else entry)


def _shelve(found: Taxonomy, path: list[str]) -> str | None:
    """The shelf at the end of a path, the shelves on the way made where they are missing."""
    uri = None
    for part in path:
        parent, uri = uri, f"{uri}/{part.lower()}" if uri else f"csv:shelf:{part.lower()}"
        if all(shelf.uri != uri for shelf in found.shelves):
            found.shelves.append(Shelf(uri, part, parent))
    return uri
