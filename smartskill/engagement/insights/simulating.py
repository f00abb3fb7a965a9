"""The policy against a known truth: invented companies only, nothing recorded is read and nothing is written."""

from collections.abc import Callable

from ml.simulation.comparing import compare
from ml.simulation.running import plan_tasks, run_task
from ml.simulation.table import lines_of


def simulate(
    worlds: tuple[str, ...], people: int, weeks: int, seeds: int, say: Callable[[int, int], None]
) -> list[str]:
    """The table as lines to read."""
    tasks, told = plan_tasks(worlds, range(seeds), people, weeks), []
    for done, task in enumerate(tasks):
        say(done, len(tasks))
        told.append(run_task(task))
    say(len(tasks), len(tasks))
    return lines_of(compare(told))
