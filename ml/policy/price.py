"""The price of a mail: what makes the policy keep to its budget without a quota.

A quota would favour whoever is decided on first. A price asks of every mail that it be worth the same.
"""

from dataclasses import dataclass

import numpy as np

from ml.policy.scoring import choose_propensities, none_index

_HIGHEST_PRICE = 64.0
_STEPS = 30


@dataclass(frozen=True)
class Price:
    """λ, the mails per person and week it leads to, and whether that is within the budget.

    Exploration is never priced away: if it alone exceeds the budget, ``is_within_budget`` is False.
    """

    value: float
    expected_sends: float
    is_within_budget: bool


def expected_sends(arms: tuple[str, ...], propensities: np.ndarray) -> float:
    """Return the mean number of mails per decision, from propensities of shape (n, a)."""
    return float(1 - propensities[:, none_index(arms)].mean()) if len(propensities) else 0.0


def budget_price(
    arms: tuple[str, ...], scores: np.ndarray, is_eligible: np.ndarray, stage: int, temperature: float, budget: float
) -> Price:
    """Return the lowest price, found by bisection, at which the expected mails keep to the budget.

    Parameters
    ----------
    scores : float array, shape (n, a)
        Scores at price 0 of everybody who is decided on once a week, those without any eligible notice included.
    is_eligible : bool array, shape (n, a)
    budget : float
        Mails per person and week.

    Returns
    -------
    Price
        0 where the budget is not reached anyway.
    """
    is_notice = np.arange(len(arms)) != none_index(arms)

    def sends(price: float) -> float:
        return expected_sends(
            arms, choose_propensities(arms, scores - price * is_notice, is_eligible, stage, temperature)
        )

    low, high = 0.0, 1.0
    if sends(low) <= budget:
        return Price(low, sends(low), True)
    while sends(high) > budget and high < _HIGHEST_PRICE:
        high *= 2
    if sends(high) > budget:
        return Price(high, sends(high), False)
    for _ in range(_STEPS):
        middle = (low + high) / 2
        low, high = (low, middle) if sends(middle) <= budget else (middle, high)
    return Price(high, sends(high), True)
