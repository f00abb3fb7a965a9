"""The supervisor, with real processes: restarted when they die, ended in order, never orphaned."""

import os
import signal
import subprocess
import sys
import time
from collections.abc import Callable, Iterator
from pathlib import Path

import psutil
import pytest

ROOT = Path(__file__).parents[2]
PROGRAM = """
import os, signal, subprocess, sys, time
from pathlib import Path
from smartskill.commands.processes import Child, Supervisor

folder = Path(sys.argv[1])

def note(name):
    with (folder / name).open("a") as file:
        file.write(f"{os.getpid()}\\n")

def steady():
    note("steady")
    time.sleep(60)

def stubborn():
    signal.signal(signal.SIGTERM, signal.SIG_IGN)
    subprocess.Popen(["sleep", "60"])
    note("stubborn")
    while True:
        time.sleep(60)

def short():
    note("short")
    sys.exit(3)

names = sys.argv[2:]
children = [Child(name, globals()[name], folder / f"{name}.log") for name in names]
with Supervisor(children, grace_s=1.0) as supervisor:
    supervisor.run()
print("ended", flush=True)
"""


class Run:
    """A supervisor in a process of its own, with what its children noted."""

    def __init__(self, folder: Path, *names: str) -> None:
        self.folder = folder
        command = [sys.executable, "-c", PROGRAM, str(folder), *names]
        self.process = subprocess.Popen(command, cwd=ROOT, stdout=subprocess.PIPE, text=True)

    def pids(self, name: str) -> list[int]:
        path = self.folder / name
        return [int(line) for line in path.read_text().split()] if path.exists() else []

    def end(self, number: signal.Signals = signal.SIGTERM) -> str:
        self.process.send_signal(number)
        return self.process.communicate(timeout=15)[0]


def wait_until(condition: Callable[[], bool], seconds: float = 10) -> bool:
    deadline = time.monotonic() + seconds
    while not condition() and time.monotonic() < deadline:
        time.sleep(0.02)
    return condition()


def is_gone(pid: int) -> bool:
    try:
        return psutil.Process(pid).status() == psutil.STATUS_ZOMBIE
    except psutil.NoSuchProcess:
        return True


@pytest.fixture
def start(tmp_path: Path) -> Iterator[Callable[..., Run]]:
    runs: list[Run] = []

    def start_one(*names: str) -> Run:
        runs.append(Run(tmp_path, *names))
        return runs[-1]

    yield start_one
    for run in runs:
        if run.process.poll() is None:
            run.process.kill()
            run.process.communicate()


@pytest.mark.parametrize("number", [signal.SIGTERM, signal.SIGINT, signal.SIGHUP])
def test_every_child_ends_with_its_supervisor(start: Callable[..., Run], number: signal.Signals) -> None:
    run = start("steady")
    assert wait_until(lambda: len(run.pids("steady")) == 1)
    assert run.end(number) == "ended\n"
    assert run.process.returncode == 0
    assert is_gone(run.pids("steady")[0])


def test_a_killed_child_is_started_again(start: Callable[..., Run]) -> None:
    run = start("steady")
    assert wait_until(lambda: len(run.pids("steady")) == 1)
    os.kill(run.pids("steady")[0], signal.SIGKILL)
    assert wait_until(lambda: len(run.pids("steady")) == 2)
    run.end()
    assert all(is_gone(pid) for pid in run.pids("steady"))


def test_a_child_that_keeps_dying_is_tried_less_and_less_often(start: Callable[..., Run]) -> None:
    run = start("short", "steady")
    assert wait_until(lambda: len(run.pids("short")) == 3)  # at once, at once again, after 2 s
    time.sleep(1)
    assert len(run.pids("short")) == 3
    assert len(run.pids("steady")) == 1
    run.end()


def test_a_child_that_does_not_end_is_killed_with_all_that_it_started(start: Callable[..., Run]) -> None:
    run = start("stubborn")
    assert wait_until(lambda: len(run.pids("stubborn")) == 1)
    (pid,) = run.pids("stubborn")
    grandchildren = psutil.Process(pid).children()
    assert len(grandchildren) == 1
    assert run.end() == "ended\n"
    assert is_gone(pid)
    assert wait_until(lambda: is_gone(grandchildren[0].pid))


@pytest.mark.skipif(sys.platform != "linux", reason="the kernel tells children of their parent's death on Linux only")
def test_the_children_of_a_killed_supervisor_end_by_themselves(start: Callable[..., Run]) -> None:
    run = start("steady")
    assert wait_until(lambda: len(run.pids("steady")) == 1)
    run.end(signal.SIGKILL)
    assert wait_until(lambda: is_gone(run.pids("steady")[0]))


def test_two_deaths_at_once_are_both_noticed(start: Callable[..., Run]) -> None:
    run = start("steady", "steady")
    assert wait_until(lambda: len(run.pids("steady")) == 2)
    for pid in run.pids("steady"):
        os.kill(pid, signal.SIGKILL)
    assert wait_until(lambda: len(run.pids("steady")) == 4)
    run.end()
