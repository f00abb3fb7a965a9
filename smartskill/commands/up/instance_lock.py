"""One `flask up` per instance folder, and no children of an earlier one that was killed."""

import contextlib
import fcntl
import json
import os
import signal
from collections.abc import Iterator
from pathlib import Path

import psutil

from smartskill.commands.processes import Child

PATIENCE_S = 10


class AlreadyRunning(Exception):
    """Another `flask up` serves this instance folder."""


@contextlib.contextmanager
def hold(instance: Path) -> Iterator[Path]:
    """Hold the folder while this process runs; yields the path of the record of its children."""
    instance.mkdir(parents=True, exist_ok=True)
    lock = os.open(instance / "up.lock", os.O_RDWR | os.O_CREAT, 0o600)
    record = instance / "up.json"
    try:
        try:
            fcntl.flock(lock, fcntl.LOCK_EX | fcntl.LOCK_NB)
        except BlockingIOError:
            raise AlreadyRunning from None
        end_leftovers(record)
        yield record
        record.unlink(missing_ok=True)
    finally:
        os.close(lock)


def write_record(record: Path, children: list[Child]) -> None:
    """Note which processes are ours; the start time tells them from later ones of the same number."""
    known = []
    for child in children:
        if child.pid:
            with contextlib.suppress(psutil.NoSuchProcess):
                known.append(
                    {"name": child.name, "pid": child.pid, "created_at": psutil.Process(child.pid).create_time()}
                )
    draft = record.with_suffix(".new")
    draft.write_text(json.dumps(known))
    draft.replace(record)


def end_leftovers(record: Path) -> None:
    """End what an earlier run left behind: asked when its parent died, asked again, then killed."""
    try:
        known = json.loads(record.read_text())
    except (FileNotFoundError, ValueError):
        return
    alive = [process for entry in known if (process := _find(entry))]
    for process in alive:
        with contextlib.suppress(psutil.NoSuchProcess):
            process.terminate()
    for process in psutil.wait_procs(alive, timeout=PATIENCE_S)[1]:
        with contextlib.suppress(ProcessLookupError):
            os.killpg(process.pid, signal.SIGKILL)
    record.unlink(missing_ok=True)


def _find(entry: dict[str, float]) -> psutil.Process | None:
    try:
        process = psutil.Process(int(entry["pid"]))
        return process if abs(process.create_time() - entry["created_at"]) < 2 else None
    except (psutil.Error, KeyError, TypeError):
        return None
