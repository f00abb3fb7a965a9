"""The three numbers that speak for learning a skill next, and how they order. Pure.

*Readiness gained*: what the next level adds to Σ weight · min(level, required) ÷ Σ weight · required, of all that the
person's roles ask together; of a role within reach where theirs gain nothing.

*Team coverage gained*: over the targets of their teams that are short, (1 if the next level reaches the target's, else
1 ÷ the levels still to go) ÷ the heads short. So 1 is one target closed alone.

*Interest*: their own, 0–5.

They are ordered by 0.5 · readiness gained ÷ the largest gained by any candidate (half of it in a role that is not
theirs), 0.3 · coverage gained, at most 1, and 0.2 · interest ÷ 5. For who has no role, the share of the team that is
ahead of them stands in for the first where it is the larger.
"""

from collections.abc import Container, Iterable, Mapping, Sequence
from dataclasses import dataclass, field
from typing import NamedTuple

from smartskill.planning.services.readiness.formulas import Requirement, Target, judge, readiness

SHARES = {"readiness": 0.5, "coverage": 0.3, "interest": 0.2}
WITHIN_REACH = 0.5  # what a gain in a role that is not theirs counts, and the readiness from which one is within reach
HIGHEST = 5


class Gain(NamedTuple):
    """Readiness before and after."""

    before: float
    after: float

    @property
    def by(self) -> float:
        """How much."""
        return self.after - self.before


class TeamGain(NamedTuple):
    """What the next level does for one target."""

    target_id: int
    gained: float
    is_closed: bool


@dataclass
class Candidate:
    """A skill that could be next."""

    skill_id: int
    level: int | None
    interest: int | None = None
    own: Gain | None = None  # in their roles together
    reachable: Mapping[int, Gain] = field(default_factory=dict)  # by role
    targets: Sequence[TeamGain] = ()
    ahead_share: float = 0.0  # of the team, for who has no role

    @property
    def next_level(self) -> int:
        """One more; 1 where there is none, for learning has to begin somewhere."""
        return (self.level or 0) + 1

    @property
    def readiness_gained(self) -> float | None:
        """In their roles, else in the role within reach that gains most; None where there is no role."""
        if self.own is not None and self.own.by > 0:
            return self.own.by
        gains = [gain.by for gain in self.reachable.values()]
        return max(gains, default=0.0 if self.own is not None else None)

    @property
    def coverage_gained(self) -> float:
        """Over all targets."""
        return sum(one.gained for one in self.targets)

    @property
    def counted(self) -> float:
        """Readiness gained as it counts in the order."""
        is_own = self.own is not None and self.own.by > 0
        return (self.readiness_gained or 0.0) * (1.0 if is_own else WITHIN_REACH)


def find_gain(
    requirements: Iterable[Requirement],
    held: Mapping[Target, int],
    exempt: Container[Target],
    skill_id: int,
    level: int,
) -> Gain | None:
    """What a level of a skill does for readiness; None where nothing is asked."""
    asked = list(requirements)
    before = readiness(judge(asked, held, exempt))
    after = readiness(judge(asked, {**held, Target(skill_id, None): level}, exempt))
    return None if before is None or after is None else Gain(before, after)


def find_team_gain(target_id: int, level: int, short: int, own: int | None) -> TeamGain | None:
    """What the next level does for a target; None where it does nothing."""
    to_go = level - (own or 0)
    if short < 1 or to_go < 1:
        return None
    return TeamGain(target_id, 1 / to_go / short, to_go == 1 and short == 1)


def score(candidates: Sequence[Candidate]) -> list[float]:
    """Each candidate's place in the order, 0–1."""
    largest = max((one.counted for one in candidates), default=0.0)
    return [
        SHARES["readiness"] * max(one.counted / largest if largest else 0.0, one.ahead_share)
        + SHARES["coverage"] * min(one.coverage_gained, 1.0)
        + SHARES["interest"] * (one.interest or 0) / HIGHEST
        for one in candidates
    ]
