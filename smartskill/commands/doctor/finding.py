"""What a check found: one line for people, and for the exit code."""

from collections.abc import Callable, Iterator
from dataclasses import dataclass
from typing import Literal

State = Literal["ok", "warn", "fail"]


@dataclass(frozen=True)
class Finding:
    """One line: what was looked at, how it is, and, where it isn't well, the remedy."""

    topic: str
    state: State
    fact: str
    remedy: str = ""


Check = Callable[[], Iterator[Finding]]


def ok(topic: str, fact: str) -> Finding:
    """It is well."""
    return Finding(topic, "ok", fact)


def warn(topic: str, fact: str, remedy: str) -> Finding:
    """It works, but not as it should, or not for ever."""
    return Finding(topic, "warn", fact, remedy)


def fail(topic: str, fact: str, remedy: str) -> Finding:
    """It doesn't work."""
    return Finding(topic, "fail", fact, remedy)
