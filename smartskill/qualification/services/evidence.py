"""Files that show a qualification: private to those who see it, of three types by their bytes, never rendered."""

import hashlib

from smartskill.database import now
from smartskill.extensions import db
from smartskill.kit.errors import Conflict, Invalid, NotFound, Unavailable
from smartskill.kit.settings import setting
from smartskill.qualification.models import EvidenceFile, Qualification
from smartskill.qualification.services.files import clean_name, discard, place_of, sniff, write_file
from smartskill.qualification.services.held import reopen

MAX_FILES = 10


class TooManyFiles(Conflict):
    """A qualification takes ten files at most: delete one first."""


class EvidenceMissing(Unavailable):
    """The file is not on this machine just now."""


def attach_evidence(row: Qualification, name: str, content: bytes) -> EvidenceFile:
    """Keep a file for a qualification, under a harmless name.

    Raises:
        Invalid: it is empty, larger than `MAX_UPLOAD_BYTES`, or by its bytes no PDF, PNG or JPEG.
        TooManyFiles: there are ten.
    """
    max_bytes = setting("MAX_UPLOAD_BYTES")
    if not content:
        raise Invalid.field("file", "The file is empty.")
    if len(content) > max_bytes:
        raise Invalid.field("file", f"The file is larger than {max_bytes} bytes.")
    kind = sniff(content)
    if kind is None:
        raise Invalid.field("file", "Not a PDF, PNG or JPEG, whatever its name says.")
    if len(row.evidence_files) >= MAX_FILES:
        raise TooManyFiles()
    facts = {"media_type": kind[0], "size_bytes": len(content), "digest": hashlib.sha256(content).hexdigest()}
    file = EvidenceFile(file_name=clean_name(name, *kind), **facts)
    row.evidence_files.append(file)
    row.updated_at = now()
    db.session.flush()
    write_file(file, content)
    return file


def get_evidence(row: Qualification, evidence_id: int) -> EvidenceFile:
    """A file of this qualification. Raises: NotFound."""
    file = next((file for file in row.evidence_files if file.id == evidence_id), None)
    if file is None:
        raise NotFound()
    return file


def read_evidence(file: EvidenceFile) -> bytes:
    """The bytes, if they still are what was uploaded. Raises: EvidenceMissing."""
    try:
        content = place_of(file).read_bytes()
    except FileNotFoundError as error:
        raise EvidenceMissing() from error
    if hashlib.sha256(content).hexdigest() != file.digest:
        raise EvidenceMissing("The file on this machine is damaged.")
    return content


def remove_evidence(row: Qualification, evidence_id: int) -> EvidenceFile:
    """Delete a file. What was reviewed with it becomes a draft again.

    Raises:
        NotFound: there is no such file.
        QualificationRevoked: the qualification was revoked.
    """
    file = get_evidence(row, evidence_id)
    reopen(row)
    row.updated_at = now()
    discard(file)
    row.evidence_files.remove(file)
    db.session.flush()
    return file
