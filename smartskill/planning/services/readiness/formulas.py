"""How far a person is from what is asked of them. Pure, and defined here; `ranking` says the same in SQL.

Readiness = Σ weight · min(level, required) ÷ Σ weight · required: how much of the way is behind one. Surplus in one
skill never makes up for another. Compliance = met ÷ required: partial does not count, weights neither. What one is
exempt from leaves both, above and below the line. Where nothing is asked there is nothing to divide by: None, which is
neither 0 nor 1.
"""

from collections.abc import Collection, Container, Iterable, Mapping, Sequence
from math import fsum
from typing import Literal, NamedTuple

State = Literal["met", "below", "missing", "exempt"]
STATES: tuple[State, ...] = ("met", "below", "missing", "exempt")


class Target(NamedTuple):
    """What is asked for: a skill or a kind of qualification; the other one is None."""

    skill_id: int | None
    qualification_type_id: int | None


class Requirement(NamedTuple):
    """A target, how much of it (1–5; of a qualification 1), how much it counts, and whether nothing makes up for it."""

    target: Target
    level: int
    weight: float
    must: bool


class Judged(NamedTuple):
    """A requirement and what a person has of it; `held` is None where they have none, which is not a level of zero."""

    requirement: Requirement
    held: int | None
    state: State

    @property
    def is_failed_must(self) -> bool:
        """Whether this alone keeps the person from the role."""
        return self.requirement.must and self.state in ("below", "missing")


def judge(requirements: Iterable[Requirement], held: Mapping[Target, int], exempt: Container[Target]) -> list[Judged]:
    """Hold each requirement against what a person has and is exempt from."""
    found = []
    for requirement in requirements:
        level = held.get(requirement.target)
        found.append(Judged(requirement, level, _state(requirement, level, exempt)))
    return found


def _state(requirement: Requirement, level: int | None, exempt: Container[Target]) -> State:
    if requirement.target in exempt:
        return "exempt"
    if level is None:
        return "missing"
    return "met" if level >= requirement.level else "below"


def readiness(judged: Iterable[Judged]) -> float | None:
    """0–1, or None where nothing is asked."""
    counted = [one for one in judged if one.state != "exempt"]
    asked = fsum(weight * level for (_, level, weight, _must), _, _ in counted)
    return (
        fsum(weight * min(held or 0, level) for (_, level, weight, _must), held, _ in counted) / asked
        if asked
        else None
    )


def compliance(judged: Iterable[Judged]) -> float | None:
    """0–1, or None where nothing is asked."""
    states = [one.state for one in judged if one.state != "exempt"]
    return states.count("met") / len(states) if states else None


class Figures(NamedTuple):
    """Readiness, compliance, and of how many musts nothing or too little is there."""

    readiness: float | None
    compliance: float | None
    failed_must_count: int


class Asked:
    """What is asked of many, summed once: to measure somebody costs no more than what they have of it."""

    def __init__(self, requirements: Iterable[Requirement]) -> None:
        self.by_target = {one.target: one for one in requirements}
        self.total = fsum(one.weight * one.level for one in self.by_target.values())
        self.must_count = sum(one.must for one in self.by_target.values())

    def without(self, targets: Collection[Target]) -> "Asked":
        """The rest for somebody who is exempt from these."""
        if self.by_target.keys().isdisjoint(targets):
            return self
        return Asked(one for one in self.by_target.values() if one.target not in targets)

    def measure(self, held: Mapping[Target, int], exempt: Collection[Target]) -> Figures:
        """The figures of somebody, the same as of what `judge` says of them."""
        rest = self.without(exempt)
        if not rest.by_target:
            return Figures(None, None, 0)
        found = [(rest.by_target[target], level) for target, level in held.items() if target in rest.by_target]
        met = [one for one, level in found if level >= one.level]
        return Figures(
            fsum(one.weight * min(level, one.level) for one, level in found) / rest.total,
            len(met) / len(rest.by_target),
            rest.must_count - sum(one.must for one in met),
        )


def strictest(requirements: Iterable[Requirement]) -> list[Requirement]:
    """What several roles ask together: each target once, at its highest level and weight, a must if one calls it so."""
    found: dict[Target, Requirement] = {}
    for one in requirements:
        before = found.get(one.target, one)
        found[one.target] = Requirement(
            one.target, max(one.level, before.level), max(one.weight, before.weight), one.must or before.must
        )
    return list(found.values())


def mean(shares: Sequence[float | None]) -> float | None:
    """Of those that there are; None where there are none."""
    known = [share for share in shares if share is not None]
    return sum(known) / len(known) if known else None
