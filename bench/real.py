"""The learning library on public logs: CDNOW and Hillstrom. `--data FOLDER --splits 5 --replicates 200`.

Everything that is fitted, calibrated, judged and valued here is the product's own code, called with other columns. The
files are fetched into a cache that is never committed; where they cannot be had, the benchmark says so and skips.
"""

import argparse
from pathlib import Path
from typing import Any

from bench import cdnow, hillstrom
from bench.behaviour import CACHE, NotFetched, fetch


def run(arguments: list[str]) -> dict[str, Any]:
    """Fetch what is missing and measure both."""
    asked = _read(arguments)
    try:
        folder = fetch(asked.data)
    except NotFetched as reason:
        print(f"Skipped: {reason}")
        return {"bench": "real", "skipped": str(reason)}
    return {
        "bench": "real",
        "cdnow": cdnow.measure(folder, asked.replicates),
        "hillstrom": hillstrom.measure(folder, asked.splits, asked.replicates),
    }


def _read(arguments: list[str]) -> argparse.Namespace:
    reader = argparse.ArgumentParser(prog="bench real")
    reader.add_argument("--data", type=Path, default=CACHE, help="where the files are, or are to be put")
    reader.add_argument("--splits", type=int, default=5)
    reader.add_argument("--replicates", type=int, default=200, help="of the bootstrap by people")
    return reader.parse_args(arguments)
