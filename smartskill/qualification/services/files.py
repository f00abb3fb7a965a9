"""Where the bytes of evidence lie: below the instance folder, named by digest and row, readable by us alone.

A file is written before its row is committed and deleted after its row is gone, so a crash leaves at most a stray,
which `sweep_strays` removes.
"""

import os
import re
import time
import unicodedata
from pathlib import Path

from sqlalchemy import select

from smartskill.extensions import db
from smartskill.kit.settings import instance_folder
from smartskill.kit.transaction import after_commit
from smartskill.qualification.models import EvidenceFile

SIGNATURES = {  # the first bytes of what is taken: media type, ending
    b"%PDF-": ("application/pdf", ".pdf"),
    b"\x89PNG\r\n\x1a\n": ("image/png", ".png"),
    b"\xff\xd8\xff": ("image/jpeg", ".jpg"),
}
ENDINGS = {".pdf": "application/pdf", ".png": "image/png", ".jpg": "image/jpeg", ".jpeg": "image/jpeg"}
MAX_NAME = 120  # characters
STRAY_SECONDS = 86_400


def sniff(content: bytes) -> tuple[str, str] | None:
    """Media type and ending by what the bytes are, whatever they are called; None for what is not taken."""
    return next((kind for start, kind in SIGNATURES.items() if content.startswith(start)), None)


def clean_name(given: str, media_type: str, ending: str) -> str:
    """A file name without folders, control characters or what Windows reads otherwise, ending as its type does."""
    name = re.split(r"[/\\]", unicodedata.normalize("NFC", given))[-1]
    name = "".join(char for char in name if unicodedata.category(char)[0] != "C" and char not in '<>:"|?*')
    stem, given_ending = os.path.splitext(" ".join(name.split()).strip(". "))
    if ENDINGS.get(given_ending.lower()) != media_type:
        stem, given_ending = stem + given_ending, ending
    return (stem.strip(". ")[: MAX_NAME - len(given_ending)] or "evidence") + given_ending


def place_of(file: EvidenceFile) -> Path:
    """Where a file lies on this machine."""
    return _folder() / file.path


def write_file(file: EvidenceFile, content: bytes) -> None:
    """Put the bytes in their place, whole or not at all."""
    place = place_of(file)
    place.parent.mkdir(parents=True, exist_ok=True, mode=0o700)
    draft = place.with_name(f"{place.name}.part")
    with open(draft, "wb", opener=lambda path, flags: os.open(path, flags, 0o600)) as out:
        out.write(content)
        out.flush()
        os.fsync(out.fileno())
    os.replace(draft, place)


def discard(file: EvidenceFile) -> None:
    """Delete the file once the surrounding transaction, which deletes its row, is committed."""
    place = place_of(file)
    after_commit(lambda: place.unlink(missing_ok=True))


def sweep_strays() -> int:
    """Delete the files that belong to no row and are older than a day; answers how many."""
    folder = _folder()
    known = set(map(_path_of, db.session.execute(select(EvidenceFile.digest, EvidenceFile.id))))
    strays = [
        place
        for place in folder.glob("*/*")
        if str(place.relative_to(folder)) not in known and time.time() - place.stat().st_mtime > STRAY_SECONDS
    ]
    for place in strays:
        place.unlink(missing_ok=True)
    return len(strays)


def _folder() -> Path:
    return instance_folder() / "evidence"


def _path_of(row) -> str:
    return EvidenceFile(id=row.id, digest=row.digest).path
