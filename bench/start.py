"""What a web process costs before it answers anything: processor time and memory of `import wsgi`."""

import subprocess
import sys
import tempfile
from typing import Any

GOAL_SECONDS = 0.8  # of processor time
GOAL_MEGABYTES = 120
ROUNDS = 5
CODE = "import time, resource, wsgi; print(time.process_time(), resource.getrusage(resource.RUSAGE_SELF).ru_maxrss)"


def run(arguments: list[str]) -> dict[str, Any]:
    """Import the WSGI entry in fresh processes; the best round, since other work only adds to it."""
    with tempfile.TemporaryDirectory() as instance:
        environment = {"PATH": "/usr/bin:/bin", "SMARTSKILL_INSTANCE": instance, "SMARTSKILL_DOTENV": ""}
        rounds = [_look(environment) for _ in range(ROUNDS)]
    seconds, megabytes = min(rounds)[0], max(size for _, size in rounds)
    print(
        f"import wsgi: {seconds:.2f} s of processor time (goal {GOAL_SECONDS}), {megabytes:.0f} MB (goal {GOAL_MEGABYTES})"
    )
    return {"bench": "start", "seconds": round(seconds, 3), "megabytes": round(megabytes, 1)}


def _look(environment: dict[str, str]) -> tuple[float, float]:
    command = [sys.executable, "-c", CODE]
    out = subprocess.run(command, env=environment, capture_output=True, text=True, check=True).stdout
    seconds, kilobytes = out.split()
    return float(seconds), int(kilobytes) / 1024
