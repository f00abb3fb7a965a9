"""Run one benchmark by name."""

import importlib
import json
import sys

NAMES = (
    "start", "api", "domain", "levels", "search", "imports", "suggestions",
    "policy", "estimators", "real", "scoring",
    "mail", "kill", "smtp", "letters", "mailbox",
)  # fmt: skip


def main() -> None:
    """List the benchmarks, or run one and print its figures as the last line."""
    if len(sys.argv) < 2 or sys.argv[1] not in NAMES:
        for name in NAMES:
            print(f"{name:11} {(importlib.import_module(f'bench.{name}').__doc__ or '').splitlines()[0]}")
        sys.exit(0 if len(sys.argv) < 2 else 2)
    figures = importlib.import_module(f"bench.{sys.argv[1]}").run(sys.argv[2:])
    print(json.dumps(figures))
    sys.exit(0 if figures.get("verdict", True) else 1)


main()
