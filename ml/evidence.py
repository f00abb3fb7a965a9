"""What the logged decisions say for and against a policy, as the gate asks for it.

All policies are valued on the same decisions by the same predicted rewards, so that they differ in nothing else.
"""

from dataclasses import replace

import numpy as np

from ml.estimators.value import Logged, estimate_value
from ml.estimators.weighting import estimate_snips
from ml.gate import PolicyFigures


def measure_policy(
    logged: Logged,
    unsubscribed: np.ndarray,
    candidate: np.ndarray,
    incumbent: np.ndarray,
    rule: np.ndarray,
    seed: int = 0,
) -> PolicyFigures:
    """Value a candidate policy beside what serves now and beside the plain rule.

    Parameters
    ----------
    logged : Logged
    unsubscribed : bool array, shape (n,)
        Which decisions ended in an unsubscribe or a complaint.
    candidate, incumbent, rule : float arrays, shape (n, a)
        Each policy's probability of every arm.

    Raises
    ------
    ImpossiblePropensity
    """
    outcome = logged.predict_rewards(seed)
    values = [estimate_value(logged, policy, outcome).doubly_robust for policy in (candidate, incumbent, rule)]
    ends = replace(logged, reward=unsubscribed.astype(np.float64))
    return PolicyFigures(
        decisions=logged.arm.size,
        value=values[0].interval,
        incumbent_value=values[1].value,
        rule_value=values[2].value,
        effective_sample=values[0].effective_sample,
        unsubscribe_rate=_rate(ends, candidate),
        incumbent_unsubscribe_rate=_rate(ends, incumbent),
    )


def _rate(logged: Logged, policy: np.ndarray) -> float:
    """Return a self-normalised share: unsubscribes are too rare for a regression to predict."""
    wanted = policy[np.arange(logged.arm.size), logged.arm]
    return estimate_snips(logged.reward, logged.propensity, wanted, logged.user_ids).value
