"""The usual model of repeat purchases as a reference: BG/NBD (Fader, Hardie and Lee, 2005), fitted by its likelihood.

People buy at a rate of their own until, after some purchase, they leave for good. No maintained library offers it
without a Bayesian stack, so the likelihood stands here, for comparison only.
"""

from dataclasses import dataclass

import numpy as np
from scipy.optimize import minimize
from scipy.special import betaln, gammaln

from bench.behaviour import Purchases
from ml.timeline import DAY_S, rows_of

WEEK_S = 7 * DAY_S


@dataclass(frozen=True)
class Repeats:
    """Per person: repeat purchase days, weeks from the first to the last of them, weeks from the first until now."""

    times: np.ndarray
    last: np.ndarray
    until: np.ndarray


def count_repeats(purchases: Purchases, user_ids: np.ndarray, as_of: int) -> Repeats:
    """Return what the model needs of some people, as known at a moment."""
    events = purchases.events.before(as_of)
    rows = rows_of(user_ids, events.user_id)
    days = np.unique(np.column_stack([rows, events.occurred_at])[rows >= 0], axis=0)
    first_at = purchases.first_at[rows_of(purchases.user_ids, user_ids)]
    latest = first_at.copy()
    np.maximum.at(latest, days[:, 0], days[:, 1])
    times = np.bincount(days[:, 0], minlength=user_ids.size) - 1.0
    return Repeats(times, (latest - first_at) / WEEK_S, (as_of - first_at) / WEEK_S)


def fit(seen: Repeats) -> np.ndarray:
    """Return r, α, a, b by maximum likelihood."""
    found = minimize(lambda log: -_likelihood(np.exp(log), seen), np.zeros(4), method="Nelder-Mead",
                     options={"maxiter": 4000, "maxfev": 4000, "xatol": 1e-5, "fatol": 1e-3})  # fmt: skip
    return np.exp(found.x)


def chance_of_activity(shape: np.ndarray, seen: Repeats, weeks: float) -> np.ndarray:
    """Return the chance of at least one purchase in the next weeks: still here, and not silent by chance."""
    r, alpha, a, b = shape
    odds_gone = np.where(seen.times > 0, a / np.maximum(b + seen.times - 1, 1e-9), 0.0)
    odds_gone = odds_gone * ((alpha + seen.until) / (alpha + seen.last)) ** (r + seen.times)
    silent = ((alpha + seen.until) / (alpha + seen.until + weeks)) ** (r + seen.times)
    return (1 - silent) / (1 + odds_gone)


def _likelihood(shape: np.ndarray, seen: Repeats) -> float:
    r, alpha, a, b = shape
    x = seen.times
    common = gammaln(r + x) - gammaln(r) + r * np.log(alpha) - betaln(a, b)
    stays = betaln(a, b + x) - (r + x) * np.log(alpha + seen.until)
    leaves = betaln(a + 1, np.maximum(b + x - 1, 1e-9)) - (r + x) * np.log(alpha + seen.last)
    return float((common + np.logaddexp(stays, np.where(x > 0, leaves, -np.inf))).sum())
