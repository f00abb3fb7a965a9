"""What a policy would have been worth on the decisions that are logged: three estimates, one of them the headline."""

from dataclasses import dataclass

import numpy as np

from ml.estimators.estimate import Estimate
from ml.estimators.outcomes import cross_fit_outcomes
from ml.estimators.robust import estimate_doubly_robust
from ml.estimators.weighting import estimate_ips, estimate_snips


@dataclass(frozen=True)
class Logged:
    """Matured decisions and how they were drawn.

    Attributes
    ----------
    features : float array, shape (n, p)
        Known before each decision.
    arm : int array, shape (n,)
        What was done, of ``arms`` things.
    propensity : float array, shape (n,)
        The probability with which that was done.
    reward : float array, shape (n,)
    user_ids : int array, shape (n,)
    arms : int
    """

    features: np.ndarray
    arm: np.ndarray
    propensity: np.ndarray
    reward: np.ndarray
    user_ids: np.ndarray
    arms: int

    def predict_rewards(self, seed: int = 0) -> np.ndarray:
        """Return the cross-fitted reward of every arm, shape (n, a); the same for every policy that is asked about."""
        return cross_fit_outcomes(self.features, self.arm, self.reward, self.arms, self.user_ids, seed)


@dataclass(frozen=True)
class PolicyValue:
    """Mean reward per decision under a policy; the doubly-robust estimate is the headline."""

    doubly_robust: Estimate
    snips: Estimate
    ips: Estimate


def estimate_value(logged: Logged, target: np.ndarray, outcome: np.ndarray) -> PolicyValue:
    """Estimate what a policy is worth.

    Parameters
    ----------
    logged : Logged
    target : float array, shape (n, a)
        The policy's probability of every arm.
    outcome : float array, shape (n, a)
        ``logged.predict_rewards(seed)``.

    Raises
    ------
    ImpossiblePropensity
    """
    wanted = target[np.arange(logged.arm.size), logged.arm]
    weighed = (logged.reward, logged.propensity, wanted, logged.user_ids)
    return PolicyValue(
        estimate_doubly_robust(logged.reward, logged.arm, logged.propensity, target, outcome, logged.user_ids),
        estimate_snips(*weighed),
        estimate_ips(*weighed),
    )
