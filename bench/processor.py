"""Processor time, which says what something costs on a machine that others use too."""

import os
import subprocess
import tempfile
import time
from pathlib import Path
from typing import NamedTuple

import psutil


class Cost(NamedTuple):
    """What a command took: seconds on the clock, of its own processor time and of PostgreSQL's, and its peak memory."""

    seconds: float
    own_cpu: float
    database_cpu: float
    peak_mb: float


def cpu_seconds(process: psutil.Process) -> float:
    """Of a process and all it started, also of what has ended meanwhile."""
    total = 0.0
    for one in (process, *process.children(recursive=True)):
        try:
            times = one.cpu_times()
        except psutil.NoSuchProcess:
            continue  # its parent has counted it
        total += times.user + times.system + times.children_user + times.children_system
    return total


def database_process(instance: Path) -> psutil.Process:
    """The embedded PostgreSQL of an instance, which must run."""
    pid = next(instance.glob("postgres/**/postmaster.pid")).read_text().splitlines()[0]
    return psutil.Process(int(pid))


def run_measured(
    command: list[str], database: psutil.Process, **how: object
) -> tuple[subprocess.CompletedProcess, Cost]:
    """Run a command to its end."""
    before, started = cpu_seconds(database), time.perf_counter()
    with tempfile.TemporaryFile("w+") as said, tempfile.TemporaryFile("w+") as complained:
        process = subprocess.Popen(command, stdout=said, stderr=complained, **how)  # type: ignore[call-overload]
        _, status, used = os.wait4(process.pid, 0)
        seconds = time.perf_counter() - started
        process.returncode = os.waitstatus_to_exitcode(status)
        texts = [file.seek(0) or file.read() for file in (said, complained)]
    time.sleep(0.3)  # until PostgreSQL has taken leave of the connection
    cost = Cost(seconds, used.ru_utime + used.ru_stime, cpu_seconds(database) - before, used.ru_maxrss / 1024)
    return subprocess.CompletedProcess(command, process.returncode, *texts), cost
