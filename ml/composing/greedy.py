"""The greedy team: whoever adds most, until nobody adds anything; then whoever is no longer needed goes.

For multicover with unit sets this picks at most H(Σ heads) times the fewest people possible, H being the harmonic
number (Dobson 1982, Rajagopalan & Vazirani 1998); on companies it is rarely more than one person off.
"""

import numpy as np
from scipy.optimize import linprog

from ml.composing.problem import Composition, Problem, harmonic


def compose_greedily(problem: Problem) -> Composition:
    """A small team that covers as much of the musts as any can, or as the largest allowed size lets it.

    Returns
    -------
    Composition
        With `at_least` from the linear relaxation, and `bound` H(Σ heads of the musts that can be covered). Where
        `Problem.most` stopped it, nothing is promised: both are None.
    """
    picks = _drop_spare(problem, _pick(problem))
    reachable = np.minimum(problem.heads, problem.able.sum(axis=0))
    deciding = problem.deciding
    is_whole = bool((problem.covered(picks)[deciding] >= reachable[deciding]).all())
    if not is_whole:
        return Composition(sorted(picks), "greedy", False, None, None)
    at_least = fewest(problem, reachable)
    bound = harmonic(int(reachable[deciding].sum())) if picks else 1.0
    return Composition(sorted(picks), "greedy", len(picks) <= at_least, at_least, bound)


def _pick(problem: Problem) -> list[int]:
    deciding, trust = problem.deciding, problem.trust
    left = problem.heads.copy()
    is_free = np.ones(len(problem.able), dtype=bool)
    picks: list[int] = []
    while problem.most is None or len(picks) < problem.most:
        wanted = problem.able & (left > 0)
        gain = wanted[:, deciding].sum(axis=1)
        others = wanted[:, ~deciding].sum(axis=1)
        order = np.lexsort((np.arange(len(gain)), -trust, -others, -gain, ~is_free))
        best = int(order[0]) if len(order) else -1
        if best < 0 or not is_free[best] or gain[best] == 0:
            break
        picks.append(best)
        is_free[best] = False
        left = left - problem.able[best]
    return picks


def _drop_spare(problem: Problem, picks: list[int]) -> list[int]:
    """Without those whose absence leaves every must as covered as it was, the least trusted first."""
    deciding, trust = problem.deciding, problem.trust
    kept = list(picks)
    for one in sorted(picks, key=lambda pick: (trust[pick], pick)):
        rest = [pick for pick in kept if pick != one]
        if problem.short(rest)[deciding].sum() == problem.short(kept)[deciding].sum():
            kept = rest
    return kept


def fewest(problem: Problem, reachable: np.ndarray) -> int:
    """A number of people below which no team covers this much: the linear relaxation, rounded up.

    Parameters
    ----------
    reachable : ndarray of int, shape (needs,)
        The heads that can be covered at all.
    """
    deciding = problem.deciding
    if not reachable[deciding].any():
        return 0
    found = linprog(
        np.ones(len(problem.able)),
        A_ub=-problem.able[:, deciding].T.astype(float),
        b_ub=-reachable[deciding].astype(float),
        bounds=(0, 1),
        method="highs",
    )
    return int(np.ceil(found.fun - 1e-6)) if found.success else int(reachable[deciding].max())
