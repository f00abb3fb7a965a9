"""What a mail of each kind costs in people who then want no more: counts, smoothed as if all kinds were alike.

Counted where returns are learned and kept in the card, so that planning reads one row.
"""

from dataclasses import replace

import numpy as np

from ml.costs import CostRates, prior_costs
from ml.policy.scoring import none_index
from smartskill.engagement.services.registry import RETURN, find_newest


def find_costs(arms: tuple[str, ...]) -> CostRates:
    """The rates of the newest count, whatever became of the model beside it; the rule's belief before the first.

    A kind that was never counted costs what mails cost on average.
    """
    prior, newest = prior_costs(arms), find_newest(RETURN)
    if newest is None:
        return prior
    counted = newest.card["costs"]
    mails = {arm: one["mails"] for arm, one in counted.items() if arm != arms[none_index(arms)]}
    usual = float(np.average([counted[arm]["rate"] for arm in mails], weights=[1 + count for count in mails.values()]))
    rate = np.array([counted[arm]["rate"] if arm in counted else usual for arm in arms])
    rate[none_index(arms)] = 0.0
    return replace(prior, rate=rate)
