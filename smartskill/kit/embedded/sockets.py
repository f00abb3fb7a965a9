"""Where the servers' Unix sockets lie: in the instance folder, or in a short one of /tmp where its path is too long."""

import hashlib
import os
import tempfile
from pathlib import Path

SOCKET_PATH_LIMIT_BYTES = 103  # macOS; Linux allows 107
LONGEST_NAME = "/.s.PGSQL.5432"


def socket_folder(instance: Path, kind: str) -> Path:
    """The folder for one server's socket, the same for everyone who names the instance; creates nothing."""
    inside = instance.resolve() / kind / "socket"
    if len(os.fsencode(inside)) + len(LONGEST_NAME) <= SOCKET_PATH_LIMIT_BYTES:
        return inside
    key = hashlib.sha256(os.fsencode(instance.resolve())).hexdigest()[:16]
    return Path(tempfile.gettempdir()).resolve() / f"smartskill-{kind}-{key}"


def make_socket_folder(folder: Path, uid: int) -> None:
    """Make the folder, open to that user alone. Raises PermissionError where somebody else put one there before."""
    folder.mkdir(mode=0o700, parents=True, exist_ok=True)
    status = folder.lstat()
    if folder.is_symlink() or status.st_uid not in (uid, os.geteuid()):
        raise PermissionError(f"{folder} belongs to somebody else.")
    os.chown(folder, uid, -1)
    folder.chmod(0o700)
