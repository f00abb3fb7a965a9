"""Whether a model still describes the people it scores: by its scores and by what became of them, never by features.

Features age all the time, most without harm. What counts is whether scores are spread as they were (the population
stability index) and whether they still come true on average (calibration in the large). The alarm needs the second: a
shift of scores counts only where they also fail to come true, and scores that fail badly count by themselves.
"""

from dataclasses import dataclass

import numpy as np

from ml.bootstrap import Interval, user_bootstrap
from ml.metrics import mean_ratio_of

GROUPS = 10
LEAST_ROWS, LEAST_HAPPENED = 200, 20
PSI_SHIFTED = 0.25
SHIFTED_RANGE = (0.90, 1.10)  # of predicted over observed, where scores have shifted
FAILED_RANGE = (0.80, 1.25)  # where they have not
_LEAST_SHARE = 1e-4


@dataclass(frozen=True)
class ScoreSpread:
    """How scores were spread when a model was judged: edges between groups, shape (g - 1,), and each group's share."""

    edges: tuple[float, ...]
    shares: tuple[float, ...]


@dataclass(frozen=True)
class Drift:
    """What the latest matured window says.

    Attributes
    ----------
    psi : float
    ratio : Interval
        Mean predicted over observed share, its interval by people.
    verdict : str
        ``steady``, ``shifted`` (scores only), ``alarm`` or ``not yet measurable``.
    """

    rows: int
    happened: int
    psi: float
    ratio: Interval
    verdict: str

    @property
    def is_alarm(self) -> bool:
        """Whether the model must not serve."""
        return self.verdict == "alarm"


def spread_of(scores: np.ndarray, groups: int = GROUPS) -> ScoreSpread:
    """Return the spread of scores over groups of equal size; fewer where many scores are the same."""
    edges = np.unique(np.quantile(scores, np.arange(1, groups) / groups)) if scores.size else np.zeros(0)
    return ScoreSpread(tuple(edges.tolist()), tuple(_shares(edges, scores).tolist()))


def stability_index(spread: ScoreSpread, scores: np.ndarray) -> float:
    """Return Σ (now − then)·ln(now / then) over the groups; 0 where nothing has moved, NaN without scores."""
    if not scores.size:
        return float("nan")
    then = np.maximum(np.array(spread.shares), _LEAST_SHARE)
    present = np.maximum(_shares(np.array(spread.edges), scores), _LEAST_SHARE)
    return float(((present - then) * np.log(present / then)).sum())


def judge_drift(
    spread: ScoreSpread,
    scores: np.ndarray,
    happened: np.ndarray,
    user_ids: np.ndarray,
    seed: int,
    replicates: int = 200,
) -> Drift:
    """Judge scores of a window whose outcomes are final.

    Parameters
    ----------
    scores : float array, shape (n,)
        What the model said before.
    happened : bool array, shape (n,)
    user_ids : int64 array, shape (n,)
    """
    rows, count = int(scores.size), int(np.count_nonzero(happened))
    psi = stability_index(spread, scores)
    if rows < LEAST_ROWS or min(count, rows - count) < LEAST_HAPPENED:
        return Drift(rows, count, psi, Interval(np.nan, np.nan, np.nan), "not yet measurable")
    ratio = user_bootstrap(mean_ratio_of(happened, scores), user_ids, seed, replicates)
    return Drift(rows, count, psi, ratio, _verdict(psi, ratio))


def _verdict(psi: float, ratio: Interval) -> str:
    if _is_outside(ratio, FAILED_RANGE) or (psi >= PSI_SHIFTED and _is_outside(ratio, SHIFTED_RANGE)):
        return "alarm"
    return "shifted" if psi >= PSI_SHIFTED else "steady"


def _is_outside(ratio: Interval, bounds: tuple[float, float]) -> bool:
    """Whether the whole interval lies beyond a bound."""
    return ratio.high < bounds[0] or ratio.low > bounds[1]


def _shares(edges: np.ndarray, scores: np.ndarray) -> np.ndarray:
    counts = np.bincount(np.searchsorted(edges, scores, side="right"), minlength=edges.size + 1)
    return counts / max(scores.size, 1)
