"""Tables in files: UTF-8 with or without a mark, plain or `.xz`, quoted line ends intact, each row with its line."""

import csv
import lzma
from collections.abc import Iterator, Sequence
from pathlib import Path
from typing import Any, TextIO

from smartskill.exchange.services.taxonomy.entries import Taxonomy, TaxonomyUnreadable

LONGEST_FIELD = 1_000_000  # characters; the csv module's own limit is 131,072


def find_table(folder: Path, name: str) -> Path | None:
    """The file of that name in a folder, or its `.xz`."""
    return next((path for path in (folder / name, folder / f"{name}.xz") if path.is_file()), None)


def get_table(folder: Path, name: str) -> Path:
    """As `find_table`.

    Raises:
        TaxonomyUnreadable: there is neither.
    """
    found = find_table(folder, name)
    if found is None:
        raise TaxonomyUnreadable(f"{folder} holds neither {name} nor {name}.xz.")
    return found


def read_rows(
    path: Path, needed: Sequence[str], taxonomy: Taxonomy, *, is_tsv: bool = False
) -> Iterator[tuple[str, dict[str, str]]]:
    """The rows of a table as `(where, row)`; a row with too few or too many columns is refused and passed over.

    Raises:
        TaxonomyUnreadable: not such a table; the text names the file and what is wrong.
    """
    shape: dict[str, Any] = {"delimiter": "\t", "quoting": csv.QUOTE_NONE} if is_tsv else {}
    csv.field_size_limit(LONGEST_FIELD)
    try:
        with _open(path) as lines:
            reader = csv.reader(lines, **shape)
            header, place = next(reader, []), f"{path.name}, line "
            missing = [name for name in needed if name not in header]
            if missing:
                raise TaxonomyUnreadable(f"{path} lacks the column {', '.join(missing)}.")
            for cells in reader:
                if len(cells) == len(header):
                    yield f"{place}{reader.line_num}", dict(zip(header, cells, strict=True))
                elif cells:  # else it is an empty line
                    taxonomy.refuse(f"{place}{reader.line_num}", f"does not have {len(header)} columns")
    except (UnicodeDecodeError, csv.Error, lzma.LZMAError, EOFError, OSError) as error:
        raise TaxonomyUnreadable(f"{path} cannot be read: {error}.") from error


def _open(path: Path) -> TextIO:
    # newline="": the csv module must see line ends as they are, or CRLF and LF inside quoted fields are mixed up
    opener = lzma.open if path.suffix == ".xz" else open
    return opener(path, "rt", encoding="utf-8-sig", newline="")
