"""The plain rules: what is done without a model, and what every model has to beat.

The figures are beliefs written down before any data, modest on purpose; they are replaced by measurement, never tuned.
"""

import numpy as np

QUIET_DAYS = 14
WRITE_AFTER_DAYS = 7
NONE = "none"
PRIOR_EFFECTS: dict[str, float] = {
    "endorsed": 0.08,
    "skill_stale": 0.06,
    "welcome": 0.06,
    "role_gap": 0.05,
    "team_need": 0.05,
    "skill_recommended": 0.04,
    "digest": 0.03,
}
PRIOR_UNSUBSCRIBES = 0.004
_RECENTLY_ACTIVE_FACTOR = 0.25


def rule_lapse(recency_days: np.ndarray, train_recency_days: np.ndarray, train_lapsed: np.ndarray) -> np.ndarray:
    """Predict lapse by one line: people quiet for 14 days lapse as such people did before.

    Parameters
    ----------
    recency_days : float array, shape (n,)
    train_recency_days : float array, shape (m,)
    train_lapsed : bool array, shape (m,)

    Returns
    -------
    float array, shape (n,)
        The share of each of the two groups, smoothed as (lapsed + 1) / (people + 2).
    """
    was_quiet = train_recency_days > QUIET_DAYS
    share = [
        (np.count_nonzero(train_lapsed[group]) + 1) / (np.count_nonzero(group) + 2) for group in (~was_quiet, was_quiet)
    ]
    return np.where(recency_days > QUIET_DAYS, share[1], share[0])


def rule_effects(arms: tuple[str, ...], recency_days: np.ndarray) -> np.ndarray:
    """Return what the rule believes each notice adds to the chance of a return.

    A kind has one prior effect, and a quarter of it for people who were here within the last 7 days.

    Parameters
    ----------
    arms : tuple of str, length a
        Kinds of notice; ``none`` and unknown kinds have no effect.
    recency_days : float array, shape (n,)

    Returns
    -------
    float array, shape (n, a)
    """
    prior = np.array([PRIOR_EFFECTS.get(arm, 0.0) for arm in arms])
    factor = np.where(np.asarray(recency_days) >= WRITE_AFTER_DAYS, 1.0, _RECENTLY_ACTIVE_FACTOR)
    return factor[:, None] * prior


def rule_choice(arms: tuple[str, ...], recency_days: np.ndarray, is_eligible: np.ndarray) -> np.ndarray:
    """Return the arm the rule would send, as an index of shape (n,): the strongest eligible kind to quiet people.

    ``is_eligible`` is a bool array of shape (n, a); ``none`` is always among ``arms``.
    """
    prior = np.array([PRIOR_EFFECTS.get(arm, 0.0) for arm in arms])
    best = np.argmax(np.where(is_eligible, prior, -np.inf), axis=1)
    return np.where(np.asarray(recency_days) >= WRITE_AFTER_DAYS, best, arms.index(NONE))
