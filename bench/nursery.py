"""Workers for mail that are replaced at once: `python -m bench.nursery COUNT FILE`.

The application is loaded once and each worker forked from it, as `flask rq worker` does; but without that one's growing
pauses, which are for workers that nobody kills on purpose. Each leads a process group; the file holds their numbers.
"""

import os
import sys
from functools import partial
from pathlib import Path


def main(count: int, file: Path) -> None:
    """Keep that many workers, until ended."""
    from smartskill import create_app
    from smartskill.commands import worker
    from smartskill.commands.processes import fork

    run = partial(worker.work, create_app(), "mail")
    alive = {fork(run) for _ in range(count)}
    while True:
        draft = file.with_suffix(".part")
        draft.write_text(" ".join(map(str, alive)))
        draft.rename(file)
        pid, _ = os.wait()
        alive = (alive - {pid}) | {fork(run)}


if __name__ == "__main__":
    main(int(sys.argv[1]), Path(sys.argv[2]))
