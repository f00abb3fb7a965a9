"""The decision policy against a known truth: four worlds, plain policies beside it, standard errors paired by seed.

What is done is kept in a file by the code that did it, so that a run that was stopped goes on where it was.
"""

import argparse
import hashlib
import os
import time
from collections.abc import Iterator
from concurrent.futures import ProcessPoolExecutor, as_completed
from dataclasses import fields
from multiprocessing import get_context
from pathlib import Path
from typing import Any

ROOT = Path(__file__).resolve().parents[1]
KEPT = ROOT / "bench" / "out" / "policy"


def run(arguments: list[str]) -> dict[str, Any]:
    """Run all seeds, say how far it is, and print the table; docs/simulator.md defines the figures."""
    for threads in ("OMP_NUM_THREADS", "OPENBLAS_NUM_THREADS"):
        os.environ[threads] = "1"  # before anything brings numpy; each process has a core
    from ml.simulation.comparing import compare
    from ml.simulation.running import plan_tasks
    from ml.simulation.table import lines_of
    from ml.simulation.worlds import WORLDS

    options = _parse(arguments, tuple(WORLDS))
    os.nice(options.nice)
    seeds = range(options.first_seed, options.first_seed + options.seeds)
    tasks = plan_tasks(tuple(options.world or WORLDS), seeds, options.people, options.weeks)
    began, told, spent = time.monotonic(), [], 0.0
    for done, seconds in _results(tasks, options.processes, KEPT / code_version(ROOT)):
        told.append(done)
        spent += seconds
        task, passed = done.task, time.monotonic() - began
        print(f"{len(told):4} of {len(tasks)} after {passed:4.0f} s: {task.world}, {task.policy}, seed {task.seed}, "
              f"{seconds:.1f} s of processor", flush=True)  # fmt: skip
    worlds = compare(told)
    print("\n".join(lines_of(worlds)))
    size = {"people": options.people, "weeks": options.weeks, "seeds": options.seeds, "first_seed": options.first_seed}
    return {"bench": "policy", "worlds": worlds, **size, "processor_seconds": round(spent, 1)}


def code_version(root: Path) -> str:
    """Return a short digest of all code that decides what comes out."""
    digest = hashlib.sha256()
    for path in sorted((root / "ml").rglob("*.py")):
        digest.update(f"{path.relative_to(root)}\x00".encode() + path.read_bytes())
    return digest.hexdigest()[:12]


def run_kept(task: Any, folder: Path) -> tuple[Any, float]:
    """Return what a task tells and its processor seconds, read where this code has run it before."""
    import numpy as np

    from ml.simulation.running import Told, run_task

    name = f"{task.world}-{task.policy}-{task.seed}-{task.people}-{task.weeks}".replace(" ", "_")
    path = folder / f"{name}.npz"
    if path.is_file():
        with np.load(path) as kept:
            seconds = float(kept["seconds"])
            return Told(task, **{column: kept[column] for column in kept.files if column != "seconds"}), seconds
    began = time.process_time()
    told = run_task(task)
    seconds = time.process_time() - began
    folder.mkdir(parents=True, exist_ok=True)
    unfinished = folder / f".{name}.{os.getpid()}.npz"
    columns = {field.name: getattr(told, field.name) for field in fields(told) if field.name != "task"}
    np.savez(unfinished, seconds=seconds, **columns)
    unfinished.replace(path)
    return told, seconds


def _results(tasks: list[Any], processes: int, folder: Path) -> Iterator[tuple[Any, float]]:
    if processes == 1:
        yield from (run_kept(task, folder) for task in tasks)
        return
    with ProcessPoolExecutor(processes, mp_context=get_context("spawn")) as pool:
        for done in as_completed([pool.submit(run_kept, task, folder) for task in tasks]):
            yield done.result()


def _parse(arguments: list[str], worlds: tuple[str, ...]) -> argparse.Namespace:
    parser = argparse.ArgumentParser(prog="python -m bench policy")
    parser.add_argument("--people", type=int, default=4_000)
    parser.add_argument("--weeks", type=int, default=52)
    parser.add_argument("--seeds", type=int, default=10)
    parser.add_argument("--first-seed", type=int, default=0)
    parser.add_argument("--processes", type=int, default=2)
    parser.add_argument("--nice", type=int, default=0, help="let others go first, 0 to 19")
    parser.add_argument("--world", action="append", choices=worlds)
    return parser.parse_args(arguments)
