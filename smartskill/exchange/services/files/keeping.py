"""Where the bytes of files lie: below the instance folder, named by digest and row, readable by us alone.

A file is written before its row is committed and deleted after its row is gone, so a crash leaves at most a stray,
which `sweep_strays` removes.
"""

import hashlib
import os
import re
import time
import unicodedata
from pathlib import Path

from sqlalchemy import select

from smartskill.exchange.models import FileImport
from smartskill.exchange.services.files.unreadable import FileUnreadable
from smartskill.extensions import db
from smartskill.kit.settings import instance_folder
from smartskill.kit.transaction import after_commit

MAX_NAME = 120  # characters
STRAY_SECONDS = 86_400


def clean_name(given: str) -> str:
    """A file name without folders and control characters."""
    name = re.split(r"[/\\]", unicodedata.normalize("NFC", given))[-1]
    name = "".join(char for char in name if unicodedata.category(char)[0] != "C" and char not in '<>:"|?*')
    stem, ending = os.path.splitext(" ".join(name.split()).strip(". "))
    return (stem[: MAX_NAME - len(ending[:12])] or "file") + ending[:12]


def write_file(row: FileImport, content: bytes) -> None:
    """Put the bytes in their place, whole or not at all."""
    place = place_of(row)
    place.parent.mkdir(parents=True, exist_ok=True, mode=0o700)
    draft = place.with_name(f"{place.name}.part")
    with open(draft, "wb", opener=lambda path, flags: os.open(path, flags, 0o600)) as out:
        out.write(content)
        out.flush()
        os.fsync(out.fileno())
    os.replace(draft, place)


def read_file(row: FileImport) -> bytes:
    """The bytes, if they still are what was handed in.

    Raises:
        FileUnreadable: they are gone or damaged.
    """
    try:
        content = place_of(row).read_bytes()
    except FileNotFoundError as error:
        raise FileUnreadable.because("The file is no longer kept on this machine: hand it in again.") from error
    if hashlib.sha256(content).hexdigest() != row.digest:
        raise FileUnreadable.because("The file on this machine is damaged: hand it in again.")
    return content


def place_of(row: FileImport) -> Path:
    """Where a file lies on this machine."""
    return _folder() / row.path


def discard(row: FileImport) -> None:
    """Delete the file once the surrounding transaction, which lets it go, is committed."""
    place = place_of(row)
    after_commit(lambda: place.unlink(missing_ok=True))


def sweep_strays() -> int:
    """Delete the files that belong to no row and are older than a day; answers how many."""
    kept = select(FileImport.digest, FileImport.id).where(FileImport.forgotten_at.is_(None))
    known = {FileImport(id=row.id, digest=row.digest).path for row in db.session.execute(kept)}
    strays = [
        place
        for place in _folder().glob("*/*")
        if str(place.relative_to(_folder())) not in known and time.time() - place.stat().st_mtime > STRAY_SECONDS
    ]
    for place in strays:
        place.unlink(missing_ok=True)
    return len(strays)


def _folder() -> Path:
    return instance_folder() / "imports"
