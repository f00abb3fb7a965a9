"""Small logs and facts that tests state in days before a moment."""

import numpy as np

from ml.events import EventLog, empty_log, kind_code
from ml.facts import Facts
from ml.returns import DecisionRows
from ml.windows import LabelledRows

DAY = 86_400
AS_OF = 1_767_571_200  # Monday 2026-01-05 00:00 UTC


def log(*rows: tuple[int, float, str], automated: bool = False) -> EventLog:
    """Return a log from (user, days before AS_OF, kind)."""
    if not rows:
        return empty_log()
    users, days, kinds = zip(*rows, strict=True)
    at = [AS_OF - round(day * DAY) for day in days]
    return EventLog(np.array(users), np.array(at), np.array([kind_code(k) for k in kinds]), np.full(len(at), automated))


def facts(*users: int, joined_days: float = 100, **columns: list[float]) -> Facts:
    """Return facts known at AS_OF about people who joined some days before."""
    joined = np.full(len(users), AS_OF - round(joined_days * DAY))
    return Facts(np.array(users, dtype=np.int64), joined, AS_OF, {k: np.array(v) for k, v in columns.items()})


def rows_of_chance(seed: int, size: int = 1500, users: int = 300) -> LabelledRows:
    """Return rows of which the first feature drives the lapse and the last was never recorded."""
    rng = np.random.default_rng(seed)
    values = np.column_stack(
        [rng.gamma(2, 8, size), rng.normal(size=size), rng.normal(size=size), np.full(size, np.nan)]
    )
    values[rng.random(size) < 0.05, 1] = np.nan
    chance = 1 / (1 + np.exp(-(np.log1p(values[:, 0]) - 2.6 + np.nan_to_num(values[:, 1]))))
    names = ("recency_days", "helpful", "noise", "unrecorded")
    return LabelledRows(names, values, rng.random(size) < chance, rng.integers(users, size=size), np.full(size, AS_OF))


def decisions_of_chance(seed: int, size: int = 1500) -> DecisionRows:
    """Return decisions of a randomised experiment in which mail helps those whose first feature is high."""
    rng = np.random.default_rng(seed)
    values = rng.normal(size=(size, 3))
    arm = rng.integers(3, size=size)
    chance = 1 / (1 + np.exp(1 - 0.5 * values[:, 1] - (arm > 0) * values[:, 0]))
    return DecisionRows(
        ("recency_days", "helpful", "noise"), values, ("none", "digest", "role_gap"), arm, rng.random(size) < chance,
        np.full(size, 1 / 3), rng.integers(size // 5, size=size), np.full(size, AS_OF),
    )  # fmt: skip
