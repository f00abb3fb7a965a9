"""Zip archives from strangers: looked at before anything is unpacked, read in memory, never written to the disk."""

import io
import zipfile

from smartskill.exchange.services.files.unreadable import FileUnreadable

MAX_MEMBERS = 2_000
MAX_UNPACKED = 209_715_200  # bytes
ENCRYPTED = 0x1


def open_archive(content: bytes) -> zipfile.ZipFile:
    """The archive, once its directory promises nothing unreasonable.

    The promised sizes bind: `zipfile` reads no more of a member than its entry says, and checks its sum.

    Raises:
        FileUnreadable: damaged, encrypted, too much in it, or names that lead out of it.
    """
    try:
        archive = zipfile.ZipFile(io.BytesIO(content))
    except (zipfile.BadZipFile, ValueError, NotImplementedError) as error:
        raise FileUnreadable.because("The archive is damaged.") from error
    members = archive.infolist()
    if len(members) > MAX_MEMBERS:
        raise FileUnreadable.because(f"The archive holds {len(members)} files; at most {MAX_MEMBERS} are read.")
    if sum(member.file_size for member in members) > MAX_UNPACKED:
        raise FileUnreadable.because(f"Unpacked, the archive is larger than {MAX_UNPACKED} bytes.")
    if any(member.flag_bits & ENCRYPTED for member in members):
        raise FileUnreadable.because("The archive is encrypted.")
    if any(_leads_out(member.filename) for member in members):
        raise FileUnreadable.because("The archive holds names that lead out of it.")
    return archive


def read_member(archive: zipfile.ZipFile, member: zipfile.ZipInfo) -> bytes:
    """A member's bytes.

    Raises:
        FileUnreadable: it is damaged, or packed in a way that is not read.
    """
    try:
        with archive.open(member) as packed:
            return packed.read(member.file_size + 1)
    except (zipfile.BadZipFile, NotImplementedError, EOFError, OSError, RuntimeError, ValueError) as error:
        raise FileUnreadable.because(f"{member.filename[-80:]} in the archive is damaged.") from error


def _leads_out(name: str) -> bool:
    parts = name.replace("\\", "/").split("/")
    return name.startswith(("/", "\\")) or ".." in parts or ":" in parts[0]
