"""What a file is, by what is in it: its name and the media type it was sent with are not asked."""

import re

from smartskill.exchange.services.files.archives import open_archive
from smartskill.exchange.services.files.text import decode
from smartskill.exchange.services.files.unreadable import FileUnreadable

ZIP, OLD_OFFICE = b"PK\x03\x04", b"\xd0\xcf\x11\xe0"
MEDIA_TYPES = {
    "xlsx": "application/vnd.openxmlformats-officedocument.spreadsheetml.sheet",
    "linkedin": "application/zip",
    "json": "application/json",
    "yaml": "application/yaml",
    "csv": "text/csv",
}
LINKEDIN = re.compile(r"(profile|positions|education|skills|certifications|languages|projects|volunteering)\.csv")
YAML_KEY = re.compile(r"(content|locale|layouts|basics)\s*:(\s|$)")
PREAMBLE = ("#", "---", "%YAML")
LOOKED_AT = 200  # lines


def sniff(content: bytes) -> str:
    """One of `MEDIA_TYPES`.

    Raises:
        FileUnreadable: none of what is read here.
    """
    if not content.strip():
        raise FileUnreadable.because("The file is empty.")
    if content.startswith(OLD_OFFICE):
        raise FileUnreadable.because("This is an old Excel file (.xls): save it as .xlsx or CSV.")
    if content.startswith((ZIP, b"PK\x05\x06")):
        return _sniff_archive(content)
    if content.startswith(b"%PDF-"):
        raise FileUnreadable.because("A PDF cannot be read as data.")
    text = decode(content)[0]
    start = text.lstrip()[:1]
    if start in ("{", "["):
        return "json"
    first = next((line for line in text.splitlines()[:LOOKED_AT] if line.strip() and not line.startswith(PREAMBLE)), "")
    return "yaml" if YAML_KEY.match(first) else "csv"


def _sniff_archive(content: bytes) -> str:
    with open_archive(content) as archive:
        names = [name.replace("\\", "/").lower() for name in archive.namelist()]
    if "xl/workbook.xml" in names:
        return "xlsx"
    if any(LINKEDIN.fullmatch(name.rsplit("/", 1)[-1]) for name in names):
        return "linkedin"
    raise FileUnreadable.because("The archive is neither a workbook nor a LinkedIn export.")
