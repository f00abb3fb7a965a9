"""What the demo is made of: the tables in `data/`, and chance that a seed repeats."""

import tomllib
from functools import cache
from pathlib import Path
from random import Random
from typing import Any

DATA = Path(__file__).parent / "data"
SEED = 2026
MONTH_DAYS = 30.4375


@cache
def read_table(name: str) -> dict[str, Any]:
    """One of the files in `data/`; not to be changed by its readers."""
    return tomllib.loads((DATA / f"{name}.toml").read_text(encoding="utf-8"))


def chance(*topic: object) -> Random:
    """Chance for one topic, so that a change of one part of the company leaves the others as they were."""
    return Random(f"{SEED}:{':'.join(map(str, topic))}")  # noqa: S311 - an invented company, nothing secret


def draw_some(rng: Random, of: list[Any], least: int, most: int) -> list[Any]:
    """Some of a list, without repetition, at least and at most that many (fewer where the list is short)."""
    return rng.sample(of, min(len(of), rng.randint(least, most)))
