"""A policy's value by predicted rewards, corrected by what happened: the headline.

It is right if either the propensities or the predictions are, and varies less than weights alone.
"""

import numpy as np

from ml.estimators.estimate import Estimate, estimate_from
from ml.estimators.weighting import weigh


def estimate_doubly_robust(
    reward: np.ndarray,
    arm: np.ndarray,
    logged: np.ndarray,
    target: np.ndarray,
    outcome: np.ndarray,
    user_ids: np.ndarray | None = None,
) -> Estimate:
    """Estimate by Σ_a π(a)·q(a) + w·(r − q(arm)) (Dudík, Langford and Li, 2011).

    Parameters
    ----------
    arm : int array, shape (n,)
        Which arm was taken.
    logged : float array, shape (n,)
        Logged probability of that arm.
    target, outcome : float arrays, shape (n, a)
        The target policy's probabilities and the predicted reward of every arm, each predicted by a model that has
        not seen the person: ``cross_fit_outcomes``.

    Raises
    ------
    ImpossiblePropensity
    """
    rows = np.arange(reward.size)
    weight = weigh(logged, target[rows, arm])
    return estimate_from((target * outcome).sum(axis=1) + weight * (reward - outcome[rows, arm]), weight, user_ids)
