"""What is to be predicted: lapse and return, and when each is known.

All windows are half-open, [start, start + days): an act in the very second of ``as_of`` belongs to the label, exactly
as the features refuse it. A label that has not matured is never guessed.
"""

import numpy as np

from ml.events import EventLog, kind_codes
from ml.timeline import DAY_S, Timeline, rows_of

LAPSE_DAYS = 14
RETURN_DAYS = 7
ACT_DAYS = 14
COST_DAYS = 7
COST_KINDS = ("unsubscribed", "complained")


class NotMatured(ValueError):
    """A label was asked for before its window had passed."""


def has_matured(since: np.ndarray | int, days: int, now: int) -> np.ndarray:
    """Return whether a window of ``days`` from each moment has passed by ``now`` (all epoch seconds)."""
    return np.asarray(since, dtype=np.int64) + days * DAY_S <= now


def label_lapse(events: EventLog, user_ids: np.ndarray, as_of: int, now: int, days: int = LAPSE_DAYS) -> np.ndarray:
    """Return who shows no meaningful activity in the ``days`` from ``as_of``; bool array of shape (m,).

    Raises
    ------
    NotMatured
        The window ends after ``now``.
    """
    if not has_matured(as_of, days, now):
        raise NotMatured("the lapse label is not known yet")
    user_ids = np.asarray(user_ids, dtype=np.int64)
    return ~_happened(events.take(events.is_meaningful), user_ids, np.full(user_ids.size, as_of), days)


def label_return(
    events: EventLog, user_ids: np.ndarray, decided_at: np.ndarray, now: int, days: int = RETURN_DAYS
) -> tuple[np.ndarray, np.ndarray]:
    """Return who came back after each decision, alike for mail sent, not sent and held out.

    Parameters
    ----------
    user_ids, decided_at : int64 arrays, shape (q,)
        One entry per decision; a person may appear often.

    Returns
    -------
    returned : bool array, shape (q,)
        Meaningful activity within ``days`` of the decision; False where not matured.
    matured : bool array, shape (q,)
        Whether that is final.
    """
    return _decision_label(events.take(events.is_meaningful), user_ids, decided_at, now, days)


def label_act(
    events: EventLog, user_ids: np.ndarray, decided_at: np.ndarray, kinds: tuple[str, ...], now: int
) -> tuple[np.ndarray, np.ndarray]:
    """Return who did one of the promoted ``kinds`` within 14 days of each decision, and which labels are final."""
    wanted = np.isin(events.kind, kind_codes(kinds)) & events.is_meaningful
    return _decision_label(events.take(wanted), user_ids, decided_at, now, ACT_DAYS)


def label_cost(
    events: EventLog, user_ids: np.ndarray, decided_at: np.ndarray, now: int
) -> tuple[np.ndarray, np.ndarray]:
    """Return who unsubscribed or complained within 7 days of each decision, and which labels are final."""
    wanted = np.isin(events.kind, kind_codes(COST_KINDS))
    return _decision_label(events.take(wanted), user_ids, decided_at, now, COST_DAYS)


def _decision_label(
    events: EventLog, user_ids: np.ndarray, decided_at: np.ndarray, now: int, days: int
) -> tuple[np.ndarray, np.ndarray]:
    user_ids, decided_at = np.asarray(user_ids, dtype=np.int64), np.asarray(decided_at, dtype=np.int64)
    matured = has_matured(decided_at, days, now)
    return _happened(events, user_ids, decided_at, days) & matured, matured


def _happened(events: EventLog, user_ids: np.ndarray, since: np.ndarray, days: int) -> np.ndarray:
    """Return whether each person has any of these events in [since, since + days)."""
    people = np.unique(user_ids)
    rows = rows_of(people, events.user_id)
    timeline = Timeline.of(rows[rows >= 0], events.occurred_at[rows >= 0])
    return timeline.count_between(rows_of(people, user_ids), since, since + days * DAY_S) > 0
