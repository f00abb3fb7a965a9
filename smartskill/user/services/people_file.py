"""A CSV file of people as spreadsheets write it: any separator and the usual encodings, with or without a mark."""

import csv
import io
from typing import Any

from smartskill.kit.errors import Invalid

COLUMNS = ("email", "full_name", "title", "team", "manager_email", "locale", "timezone")
MOST_ROWS = 5_000
ENCODINGS = {b"\xef\xbb\xbf": "utf-8-sig", b"\xff\xfe": "utf-16", b"\xfe\xff": "utf-16"}


def read_lines(content: bytes) -> list[tuple[int, dict[str, str]]]:
    """The lines with their numbers, whatever the encoding and the separator.

    Raises:
        Invalid: it is not such a file.
    """
    text = _decode(content)
    sample = text[:8192]
    try:
        dialect: Any = csv.Sniffer().sniff(sample.partition("\n")[0] or ",", delimiters=",;\t|")
    except csv.Error:
        dialect = csv.excel  # one column only
    reader = csv.reader(io.StringIO(text, newline=""), delimiter=dialect.delimiter, strict=True)
    try:
        heading = [name.strip().lower().replace(" ", "_").replace("-", "_") for name in next(reader, [])]
        _check_heading(heading)
        lines = [(reader.line_num, cells) for cells in reader if any(cell.strip() for cell in cells)]
    except csv.Error as error:
        raise Invalid.field("file", f"Line {reader.line_num} is not CSV: {error}.") from error
    if len(lines) > MOST_ROWS:
        raise Invalid.field("file", f"At most {MOST_ROWS} people at once; this file has {len(lines)}.")
    return [(number, dict(zip(heading, cells, strict=False))) for number, cells in lines]


def _decode(content: bytes) -> str:
    marked = next((name for mark, name in ENCODINGS.items() if content.startswith(mark)), None)
    for encoding in (marked,) if marked else ("utf-8", "cp1252"):
        try:
            return content.decode(encoding)
        except UnicodeDecodeError:
            continue
    raise Invalid.field("file", "The text is in no encoding that is read here: save it as UTF-8.")


def _check_heading(heading: list[str]) -> None:
    unknown = [name for name in heading if name not in COLUMNS]
    if unknown or "email" not in heading or len(set(heading)) != len(heading):
        raise Invalid.field(
            "file",
            f"The first line must name columns out of {', '.join(COLUMNS)}, email among them, each once"
            + (f"; not {', '.join(repr(name[:40]) for name in unknown[:5])}." if unknown else "."),
        )
