"""What a policy would have been worth at decisions that were logged: beside the one that serves and the plain rule.

All three are given the same decisions, the same notices to choose from and the same number of mails, and are valued by
the same doubly-robust estimator with outcomes predicted from other people. That estimator is linear in the odds of a
policy, so that the difference of two is estimated with an interval of its own, far narrower than that of either.
"""

from dataclasses import dataclass

import numpy as np

from ml.costs import CostRates
from ml.estimators.estimate import Estimate
from ml.estimators.outcomes import cross_fit_outcomes
from ml.estimators.robust import estimate_doubly_robust
from ml.gate import PolicyFigures
from ml.policy.price import budget_price
from ml.policy.scoring import PolicySettings, choose_propensities, none_index, score_arms
from ml.returns import DecisionRows


@dataclass(frozen=True)
class LoggedDecisions:
    """Matured decisions with what there was to choose from; arrays of shape (n, a) by the arms of ``rows``.

    Attributes
    ----------
    rows : DecisionRows
        ``propensity`` is that of what was drawn, and ``arm`` what was done.
    is_eligible : bool array
    days_since : float array
        Since each kind was last sent; NaN where it never was.
    is_held_out : bool array, shape (n,)
        They teach what happens without mail, and are left out of every valuation: they were not drawn for.
    """

    rows: DecisionRows
    is_eligible: np.ndarray
    days_since: np.ndarray
    is_held_out: np.ndarray

    def take(self, chosen: np.ndarray) -> "LoggedDecisions":
        """Return the decisions picked by a boolean mask or by indices."""
        return LoggedDecisions(
            self.rows.take(chosen), self.is_eligible[chosen], self.days_since[chosen], self.is_held_out[chosen]
        )


@dataclass(frozen=True)
class PolicyValues:
    """Values by policy, the candidate's gains, and the unsubscribes each is expected to cause per decision."""

    candidate: Estimate
    incumbent: Estimate
    rule: Estimate
    over_incumbent: Estimate
    over_rule: Estimate
    unsubscribe_rate: float
    incumbent_unsubscribe_rate: float

    def figures(self) -> PolicyFigures:
        """What the gate looks at."""
        return PolicyFigures(
            decisions=self.candidate.decisions,
            value=self.candidate.interval,
            incumbent_value=self.incumbent.value,
            rule_value=self.rule.value,
            over_incumbent=self.over_incumbent.interval,
            over_rule=self.over_rule.interval,
            effective_sample=self.candidate.effective_sample,
            unsubscribe_rate=self.unsubscribe_rate,
            incumbent_unsubscribe_rate=self.incumbent_unsubscribe_rate,
        )


def policy_odds(
    logged: LoggedDecisions, effects: np.ndarray, costs: CostRates, stage: int, mails: float, settings: PolicySettings
) -> np.ndarray:
    """Return the odds of a policy that believes in these effects and sends so many mails per decision at most."""
    arms = logged.rows.arms
    scores = score_arms(arms, effects, costs.rate, logged.days_since, 0.0, settings)
    price = budget_price(arms, scores, logged.is_eligible, stage, settings.temperature, mails).value
    scores[:, np.arange(len(arms)) != none_index(arms)] -= price
    return choose_propensities(arms, scores, logged.is_eligible, stage, settings.temperature)


def value_policies(
    logged: LoggedDecisions,
    candidate: np.ndarray,
    incumbent: np.ndarray,
    rule: np.ndarray,
    costs: CostRates,
    seed: int,
) -> PolicyValues:
    """Value three policies by their odds, shape (n, a), on the same decisions."""
    drawn = ~logged.is_held_out
    rows = logged.rows.take(drawn)
    reward = rows.reward.astype(np.float64)
    outcome = cross_fit_outcomes(rows.values, rows.arm, reward, len(rows.arms), rows.user_ids, seed)

    def value(odds: np.ndarray) -> Estimate:
        return estimate_doubly_robust(reward, rows.arm, rows.propensity, odds[drawn], outcome, rows.user_ids)

    return PolicyValues(
        value(candidate), value(incumbent), value(rule), value(candidate - incumbent), value(candidate - rule),
        float((candidate @ costs.rate).mean()), float((incumbent @ costs.rate).mean()),
    )  # fmt: skip


def mails_sent(logged: LoggedDecisions) -> float:
    """Return how many mails per decision were sent among those who were not held out."""
    drawn = logged.rows.arm[~logged.is_held_out]
    return float((drawn != none_index(logged.rows.arms)).mean()) if drawn.size else 0.0
