"""A team by whichever solver suits the size of the pool, who could stand in for whom, and another team altogether."""

from collections.abc import Sequence

import numpy as np

from ml.composing.exact import compose_exactly
from ml.composing.greedy import compose_greedily
from ml.composing.problem import Composition, Problem

EXACT_PEOPLE = 2_000  # the largest pool that is solved exactly: with 10 needs a third of a second
EXACT_SECONDS = 10.0


def compose(problem: Problem, *, exact_people: int = EXACT_PEOPLE, seconds: float = EXACT_SECONDS) -> Composition:
    """The best team of a pool of at most `exact_people`; of a larger one, or where time ran out, a good one.

    Examples
    --------
    >>> able = np.array([[True, False], [True, True], [False, True]])
    >>> compose(Problem(able, np.array([1, 1]), np.array([True, True]), able * 0.8)).picks
    [1]
    """
    exact = compose_exactly(problem, seconds) if len(problem.able) <= exact_people else None
    if exact is not None and exact.is_proven:
        return exact
    greedy = compose_greedily(problem)
    if exact is not None and problem.score(exact.picks) <= problem.score(greedy.picks):
        return exact
    return greedy


def find_stand_ins(problem: Problem, picks: Sequence[int], most: int = 3) -> dict[int, list[int]]:
    """For each pick, others who could take the place with every need as covered as before, the most trusted first."""
    trust, others = problem.trust, np.setdiff1d(np.arange(len(problem.able)), picks)
    order = others[np.lexsort((others, -trust[others]))]
    found = {}
    for one in picks:
        rest = [pick for pick in picks if pick != one]
        missing = problem.short(rest) > problem.short(picks)
        suits = problem.able[order][:, missing].all(axis=1) & problem.able[order].any(axis=1)
        found[one] = order[suits][:most].tolist()
    return found


def compose_another(
    problem: Problem, picks: Sequence[int], *, exact_people: int = EXACT_PEOPLE, seconds: float = EXACT_SECONDS
) -> Composition | None:
    """The best team without any of those, or None where nobody else meets any need."""
    left = np.setdiff1d(np.arange(len(problem.able)), picks)
    rest = Problem(problem.able[left], problem.heads, problem.must, problem.confidence[left], problem.most)
    found = compose(rest, exact_people=exact_people, seconds=seconds)
    if not found.picks:
        return None
    moved = left[found.picks].tolist()
    return Composition(moved, found.solver, found.is_proven, found.at_least, found.bound)
