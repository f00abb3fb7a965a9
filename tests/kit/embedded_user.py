"""A process of its own that uses an embedded server, for tests that end it in every way there is."""

import subprocess
import sys
from pathlib import Path

USER = """
import os, sys
from pathlib import Path
from smartskill.kit.embedded.postgres import start_postgres
from smartskill.kit.embedded.valkey import start_valkey
instance = Path(sys.argv[1])
{"postgres": start_postgres, "valkey": start_valkey}[sys.argv[2]](instance)
if len(sys.argv) > 3 and os.fork():
    os._exit(0)
print(os.getpid(), flush=True)
sys.stdin.read()
"""


class User:
    """A process of its own that uses a server until it is told to end."""

    def __init__(self, instance: Path, kind: str, *options: str) -> None:
        self.process = subprocess.Popen(
            [sys.executable, "-c", USER, str(instance), kind, *options],
            stdin=subprocess.PIPE, stdout=subprocess.PIPE, text=True, cwd=Path(__file__).parents[2],
        )  # fmt: skip

    def wait_until_ready(self) -> int:
        assert self.process.stdout
        return int(self.process.stdout.readline())

    def end(self) -> None:
        assert self.process.stdin
        assert self.process.stdout
        self.process.stdin.close()
        self.process.wait(10)
        self.process.stdout.close()

    def kill(self) -> None:
        self.process.kill()
        self.end()
