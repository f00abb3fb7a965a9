"""Run one benchmark by name."""

import importlib
import json
import sys

NAMES = ("start", "levels", "domain", "api", "mail", "kill", "search", "suggestions", "letters", "mailbox")


def main() -> None:
    """List the benchmarks, or run one and print its figures as the last line."""
    if len(sys.argv) < 2 or sys.argv[1] not in NAMES:
        for name in NAMES:
            print(f"{name:8} {(importlib.import_module(f'bench.{name}').__doc__ or '').splitlines()[0]}")
        sys.exit(0 if len(sys.argv) < 2 else 2)
    figures = importlib.import_module(f"bench.{sys.argv[1]}").run(sys.argv[2:])
    print(json.dumps(figures))


main()
