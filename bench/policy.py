"""The decision policy against a known truth: four worlds, plain policies beside it, standard errors paired by seed."""

import argparse
import os
import time
from concurrent.futures import ProcessPoolExecutor, as_completed
from multiprocessing import get_context
from typing import Any

PROCESSES = 2


def run(arguments: list[str]) -> dict[str, Any]:
    """Run all seeds in two processes, say how far it is, and print the table; docs/simulator.md defines the figures."""
    for threads in ("OMP_NUM_THREADS", "OPENBLAS_NUM_THREADS"):
        os.environ[threads] = "1"  # before anything brings numpy; two processes share two cores
    from ml.simulation.comparing import compare
    from ml.simulation.running import plan_tasks, run_task
    from ml.simulation.table import lines_of
    from ml.simulation.worlds import WORLDS

    options = _parse(arguments, tuple(WORLDS))
    tasks = plan_tasks(tuple(options.world or WORLDS), options.seeds, options.people, options.weeks)
    began, told = time.monotonic(), []
    with ProcessPoolExecutor(PROCESSES, mp_context=get_context("spawn")) as pool:
        for done in as_completed([pool.submit(run_task, task) for task in tasks]):
            told.append(done.result())
            task, seconds = told[-1].task, time.monotonic() - began
            print(f"{len(told):4} of {len(tasks)} after {seconds:4.0f} s: {task.world}, {task.policy}, seed {task.seed}",
                  flush=True)  # fmt: skip
    worlds = compare(told)
    print("\n".join(lines_of(worlds)))
    size = {"people": options.people, "weeks": options.weeks, "seeds": options.seeds}
    return {"bench": "policy", "worlds": worlds, **size, "seconds": round(time.monotonic() - began, 1)}


def _parse(arguments: list[str], worlds: tuple[str, ...]) -> argparse.Namespace:
    parser = argparse.ArgumentParser(prog="python -m bench policy")
    parser.add_argument("--people", type=int, default=4_000)
    parser.add_argument("--weeks", type=int, default=52)
    parser.add_argument("--seeds", type=int, default=10)
    parser.add_argument("--world", action="append", choices=worlds)
    return parser.parse_args(arguments)
