"""When to write: on the working day and at the hour at which a person is usually here.

A person's own histogram is smoothed towards everybody's, so that three visits don't make a habit.
"""

import numpy as np

WORKING_DAYS = (0, 1, 2, 3, 4)
WRITING_HOURS = tuple(range(7, 19))
STRENGTH = 10.0
_USUAL_DAY, _USUAL_HOUR = 1, 9


def best_slots(
    weekdays: np.ndarray,
    hours: np.ndarray,
    is_working_day: np.ndarray | None = None,
    writing_hours: tuple[int, ...] = WRITING_HOURS,
) -> tuple[np.ndarray, np.ndarray]:
    """Return each person's best local weekday and hour for a mail.

    Parameters
    ----------
    weekdays : int array, shape (n, 7)
        Acts by local weekday, Monday first; ``count_rhythm`` gives them.
    hours : int array, shape (n, 24)
    is_working_day : bool array, shape (n, 7), optional
        Monday to Friday if left out. A person without any working day gets Tuesday.
    writing_hours : tuple of int
        Hours at which a mail may arrive.

    Returns
    -------
    weekday, hour : int64 arrays, shape (n,)
    """
    if is_working_day is None:
        is_working_day = np.broadcast_to(np.isin(np.arange(7), WORKING_DAYS), weekdays.shape)
    may_write = np.isin(np.arange(24), writing_hours)
    day_share = np.where(is_working_day, smooth_shares(weekdays, _USUAL_DAY), -1.0)
    hour_share = np.where(may_write, smooth_shares(hours, _USUAL_HOUR), -1.0)
    weekday = np.where(is_working_day.any(axis=1), day_share.argmax(axis=1), _USUAL_DAY)
    return weekday, hour_share.argmax(axis=1)


def smooth_shares(counts: np.ndarray, usual: int) -> np.ndarray:
    """Return shares (c + 10·everybody's share) / (n + 10) per row; ``usual`` gets one count more among everybody."""
    everybody = counts.sum(axis=0).astype(np.float64)
    everybody[usual] += 1
    return (counts + STRENGTH * everybody / everybody.sum()) / (counts.sum(axis=1, keepdims=True) + STRENGTH)
