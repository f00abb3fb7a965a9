"""Rare costs: how likely somebody unsubscribes after a notice, from counts that begin with the rule's belief.

A few unsubscribes among thousands of mails carry no model. Each arm's rate is a Beta mean whose prior is all notices
together, and theirs begins with the rule's figure; an arm of which little is known therefore costs what mail costs.
"""

from dataclasses import dataclass

import numpy as np

from ml.policy.scoring import none_index
from ml.rules import PRIOR_UNSUBSCRIBES

PRIOR_MAILS = 500.0
ARM_MAILS = 500.0


@dataclass(frozen=True)
class CostRates:
    """Chance of an unsubscribe or complaint by arm, with the counts behind it; arrays of shape (a,)."""

    arms: tuple[str, ...]
    rate: np.ndarray
    mails: np.ndarray
    unsubscribes: np.ndarray


def count_costs(arms: tuple[str, ...], arm: np.ndarray, has_cost: np.ndarray) -> CostRates:
    """Count unsubscribes by arm and smooth them.

    Parameters
    ----------
    arms : tuple of str, length a
    arm : int array, shape (n,)
        What was done at each matured decision, as an index into ``arms``; ``none`` costs nothing.
    has_cost : bool array, shape (n,)
        From ``label_cost``.

    Returns
    -------
    CostRates
        (unsubscribes + 500·rate of all notices) / (mails + 500) per arm, where the rate of all notices begins with
        that of the rule over 500 mails.
    """
    none = none_index(arms)
    mails = np.bincount(arm, minlength=len(arms)).astype(np.float64)
    lost = np.bincount(arm, np.asarray(has_cost, dtype=np.float64), minlength=len(arms))
    mails[none] = lost[none] = 0.0
    common = (lost.sum() + PRIOR_MAILS * PRIOR_UNSUBSCRIBES) / (mails.sum() + PRIOR_MAILS)
    rate = (lost + ARM_MAILS * common) / (mails + ARM_MAILS)
    rate[none] = 0.0
    return CostRates(arms, rate, mails, lost)


def prior_costs(arms: tuple[str, ...]) -> CostRates:
    """Return the rule's belief, for a time without matured decisions."""
    return count_costs(arms, np.zeros(0, dtype=np.int64), np.zeros(0, dtype=bool))
