"""The smallest team, by a solver: mixed-integer programmes, one for each thing that matters, in their order.

Each programme keeps what the former achieved: heads short of the musts, then people, then heads of the other needs,
then confidence. Among people who meet the same needs only the most trusted can matter, as many as a need asks for, so
the programmes grow with the kinds of people and hardly with their number.
"""

from time import monotonic

import numpy as np
from scipy.optimize import Bounds, LinearConstraint, milp

from ml.composing.problem import Composition, Problem

SLACK = 1e-6  # what a solver's whole number may be off
FAILED = 4  # milp's status: neither solved nor shown to be impossible


class _Programme:
    """Variables: who is in (0 or 1), heads short of each must, heads covered of each other need."""

    def __init__(self, problem: Problem, deadline: float) -> None:
        self.deadline, self.problem = deadline, problem
        must = problem.deciding
        self.people, needs = problem.able.shape
        rows = np.hstack([problem.able.T.astype(float), np.diag(np.where(must, 1.0, -1.0))])
        self.limits = [LinearConstraint(rows, np.where(must, problem.heads, 0), np.inf)]
        self.is_short = np.concatenate([np.zeros(self.people), must.astype(float)])
        self.is_pick = np.concatenate([np.ones(self.people), np.zeros(needs)])
        self.is_other = np.concatenate([np.zeros(self.people), (~must).astype(float)])
        self.trust = np.concatenate([problem.trust, np.zeros(needs)])
        self.bounds = Bounds(0, np.concatenate([np.ones(self.people), problem.heads.astype(float)]))
        self.whole = self.is_pick.astype(int)
        if problem.most is not None:
            self.keep(self.is_pick, problem.most)

    def keep(self, weights: np.ndarray, most: float) -> None:
        """From now on, this sum is at most that."""
        self.limits.append(LinearConstraint(weights, -np.inf, most + SLACK))

    def solve(self, weights: np.ndarray) -> tuple[list[int], float, bool] | None:
        """The picks that make this sum least, a bound below it, whether that is proven; None without any in time."""
        seconds = self.deadline - monotonic()
        if seconds <= 0:
            return None
        options = {"time_limit": seconds, "mip_rel_gap": 0.0}
        given = {"integrality": self.whole, "bounds": self.bounds, "constraints": self.limits}
        found = milp(weights, **given, options=options)
        if found.status == FAILED:  # HiGHS trips over its own presolve where a limit is met exactly
            found = milp(weights, **given, options={**options, "presolve": False})
        if found.x is None:
            return None
        picks = np.flatnonzero(found.x[: self.people] > 0.5).tolist()
        return picks, float(found.mip_dual_bound), found.status == 0


def compose_exactly(problem: Problem, seconds: float) -> Composition | None:
    """The best team within a time limit, or None where not even one was found.

    Parameters
    ----------
    seconds : float
        For all programmes together. When it runs out, the best team so far is returned; `is_proven` and `at_least` say
        what is known of it.
    """
    kept = _those_who_matter(problem)
    smaller = Problem(problem.able[kept], problem.heads, problem.must, problem.confidence[kept], problem.most)
    found = _solve(smaller, seconds)
    if found is None:
        return None
    picks, is_proven, at_least = found
    bound = 1.0 if is_proven else None
    return Composition(sorted(kept[picks].tolist()), "exact", is_proven, at_least, bound)


def _those_who_matter(problem: Problem) -> np.ndarray:
    """Of each kind of people as many as the largest need has heads, the most trusted; nobody who meets no need."""
    order = np.lexsort((np.arange(len(problem.able)), -problem.trust))
    most = int(problem.heads.max(initial=1))
    seen: dict[bytes, int] = {}
    kept = []
    for one in order.tolist():
        kind = problem.able[one].tobytes()
        seen[kind] = seen.get(kind, 0) + 1
        if problem.able[one].any() and seen[kind] <= most:
            kept.append(one)
    return np.array(sorted(kept), dtype=np.int64)


def _solve(problem: Problem, seconds: float) -> tuple[list[int], bool, int | None] | None:
    if not len(problem.able):
        return [], True, 0
    programme = _Programme(problem, monotonic() + seconds)
    first = programme.solve(programme.is_short)
    if first is None:
        return None
    picks, _, is_proven = first
    deciding = problem.deciding
    programme.keep(programme.is_short, int(problem.short(picks)[deciding].sum()))
    second = programme.solve(programme.is_pick)
    if second is None:
        return picks, False, None
    at_least = int(np.ceil(second[1] - SLACK)) if is_proven else None
    picks, is_proven = second[0], is_proven and second[2]
    programme.keep(programme.is_pick, len(picks))
    if not deciding.all():
        third = programme.solve(-programme.is_other)
        picks = third[0] if third else picks
        programme.keep(-programme.is_other, -int(np.minimum(problem.covered(picks), problem.heads)[~deciding].sum()))
    fourth = programme.solve(-programme.trust)
    return (fourth[0] if fourth else picks), is_proven, at_least
