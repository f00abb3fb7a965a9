"""Text and CSV as spreadsheets and other systems write them: any usual encoding, separator, line end and quoting."""

import csv
import io
from collections import Counter

from smartskill.exchange.services.files.unreadable import FileUnreadable

MARKS = (
    (b"\xef\xbb\xbf", "utf-8-sig"),
    (b"\xff\xfe\x00\x00", "utf-32"),
    (b"\xff\xfe", "utf-16"),
    (b"\xfe\xff", "utf-16"),
)
SEPARATORS = ",;\t|"
SAMPLE = 20_000  # characters looked at for the separator
MAX_FIELD = 100_000  # characters of a cell
MAX_COLUMNS = 2_000
FORMULA = ("=", "+", "-", "@", "\t", "\r")


def decode(content: bytes) -> tuple[str, str]:
    """The text and the name of its encoding.

    Raises:
        FileUnreadable: no text in an encoding that is read here.
    """
    marked = next((name for mark, name in MARKS if content.startswith(mark)), None)
    for encoding in (marked,) if marked else (*_unmarked_utf16(content), "utf-8", "cp1252"):
        try:
            text = content.decode(encoding)
        except UnicodeDecodeError:
            continue
        if "\x00" in text:
            line = text.count("\n", 0, text.index("\x00")) + 1
            raise FileUnreadable.because(f"Line {line} holds a NUL character: this is no text.")
        return text, "utf-8" if encoding == "utf-8-sig" else encoding
    raise FileUnreadable.because("The text is in no encoding that is read here: save it as UTF-8.")


def _unmarked_utf16(content: bytes) -> tuple[str, ...]:
    """UTF-16 without a mark shows by NULs in every second byte of what is mostly Latin."""
    sample = content[:2_000]
    if len(sample) < 4 or len(content) % 2:
        return ()
    even, odd = sample[::2].count(0), sample[1::2].count(0)
    if max(even, odd) < len(sample) * 0.3:
        return ()
    return ("utf-16-le",) if odd > even else ("utf-16-be",)


def read_csv(text: str, *, separator: str | None = None) -> tuple[list[tuple[int, list[str]]], str]:
    """The rows that say something, each with the number of its first line, and the separator.

    Raises:
        FileUnreadable: no CSV, or more columns than anybody has.
    """
    skipped = 0
    if text[:4].lower() == "sep=" and len(text) > 5:  # Excel's own first line
        separator, (_, _, text), skipped = text[4], text.partition("\n"), 1
    separator = separator or sniff_separator(text)
    csv.field_size_limit(max(csv.field_size_limit(), MAX_FIELD))
    reader = csv.reader(io.StringIO(text, newline=""), delimiter=separator, strict=False)
    rows, number = [], 1 + skipped
    try:
        for cells in reader:
            if len(cells) > MAX_COLUMNS:
                raise FileUnreadable.because(f"Line {number} has {len(cells)} columns; at most {MAX_COLUMNS} are read.")
            if any(map(str.strip, cells)):
                rows.append((number, [undefused(cell) for cell in cells]))
            number = reader.line_num + 1 + skipped
    except csv.Error as error:
        raise FileUnreadable.because(f"Line {number} is not CSV: {error}.") from error
    return rows, separator


def sniff_separator(text: str) -> str:
    """The separator that most rows have most often, outside quotes."""
    sample = text[:SAMPLE]
    counts: Counter[str] = Counter()
    for candidate in SEPARATORS:
        try:
            reader = csv.reader(io.StringIO(sample, newline=""), delimiter=candidate)
            widths = Counter(len(cells) for _, cells in zip(range(20), reader, strict=False) if any(cells))
        except csv.Error:
            continue
        wide = {width: often for width, often in widths.items() if width > 1}
        if wide:
            width = max(wide, key=lambda width: (wide[width], width))
            counts[candidate] = wide[width] * 1_000 + width
    return counts.most_common(1)[0][0] if counts else ","


def defused(cell: str) -> str:
    """A cell that no spreadsheet takes for a formula; a plain number stays one."""
    if cell.startswith(FORMULA) and not _is_number(cell):
        return f"'{cell}"
    return cell


def undefused(cell: str) -> str:
    """A cell as it was before `defused`, so that rows handed back can be sent again."""
    return cell[1:] if cell[:1] == "'" and cell[1:2] in FORMULA and cell[1:2] else cell


def _is_number(cell: str) -> bool:
    try:
        float(cell.replace(",", "."))
    except ValueError:
        return False
    return True
