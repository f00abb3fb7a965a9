"""An organisation's own list: a CSV with the column `name`.

It may also have `category`, `aliases`, `description` and `external_uri`. Headers in any case; comma, semicolon or tab;
quoted fields may hold line ends. A category may be a path, `Data > Databases`; aliases are separated by `|` or line
ends, by `;` too where that does not separate the columns. A row is known again by its URI, or by its name.
"""

import csv
import io
from collections.abc import Iterable
from pathlib import Path

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

COLUMNS = ("name", "category", "aliases", "description", "external_uri")
PARTS: tuple[str, ...] = ()


def read_plain_csv(path: Path, only: Iterable[str] = ()) -> Taxonomy:
    """Read the file.

    Raises:
        TaxonomyUnreadable: not UTF-8, no column `name`, or a column of a name we do not know.
    """
    try:
        text = path.read_bytes().decode("utf-8-sig")
    except (OSError, UnicodeDecodeError) as error:
        raise TaxonomyUnreadable(f"{path} cannot be read: {error}. Save it as CSV in UTF-8.") from error
    first = text.partition("\n")[0]
    separator = max(",;\t", key=first.count)
    reader = csv.reader(io.StringIO(text, newline=""), delimiter=separator)
    header = [clean(name).lower().replace(" ", "_") for name in next(reader, [])]
    _check_header(path, header)
    found = Taxonomy("csv", "Own list", is_whole=False)
    try:
        for row in reader:
            if any(map(clean, row)):
                _add(found, f"{path.name}, line {reader.line_num}", header, row, separator)
    except csv.Error as error:
        raise TaxonomyUnreadable(f"{path}, line {reader.line_num}: {error}.") from error
    return found


def _check_header(path: Path, header: list[str]) -> None:
    if "name" not in header:
        raise TaxonomyUnreadable(f"{path} lacks the column name.")
    strange = [name or "(empty)" for name in header if name not in COLUMNS]
    if strange or len(set(header)) < len(header):
        raise TaxonomyUnreadable(
            f"{path}: the columns may be {', '.join(COLUMNS)}, each once; there is {', '.join(strange or header)}."
        )


def _add(found: Taxonomy, where: str, header: list[str], row: list[str], separator: str) -> None:
    if len(row) != len(header):
        found.refuse(where, f"has {len(row)} columns, not {len(header)}")
        return
    facts = dict(zip(header, row, strict=True))
    name, address = clean(facts["name"]), clean(facts.get("external_uri"))
    path = [part for part in map(clean, (facts.get("category") or "").split(">")) if part]
    if any(len(part) > NAME_LENGTH for part in path):
        found.refuse(where, f"its category is longer than {NAME_LENGTH} characters")
        return
    aliases = facts.get("aliases", "").replace("|", "\n")
    if separator != ";":
        aliases = aliases.replace(";", "\n")
    found.add(
        where,
        Entry(
            address or f"csv:{name.lower()}",
            name,
            clean_text(facts.get("description")),
            clean_aliases(name, aliases.splitlines()),
            _shelve(found, path),
            address or None,
        ),
    )


def _shelve(found: Taxonomy, path: list[str]) -> str | None:
    """The shelf at the end of a path, the shelves on the way made where they are missing."""
    uri = None
    for part in path:
        parent, uri = uri, f"{uri}/{part.lower()}" if uri else f"csv:shelf:{part.lower()}"
        if all(shelf.uri != uri for shelf in found.shelves):
            found.shelves.append(Shelf(uri, part, parent))
    return uri
