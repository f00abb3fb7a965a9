"""Train, calibrate and test on windows that follow each other in time.

Rows are never shuffled: what is learnt from must have been over before what it is judged on began. A window is one
``as_of``; it occupies the days of its label. Windows of different parts therefore may not overlap, and those that
would are left out instead of being shared.
"""

from dataclasses import dataclass
from itertools import pairwise

import numpy as np

from ml.events import EventLog
from ml.facts import Facts
from ml.features import FEATURE_NAMES, build_features
from ml.labels import LAPSE_DAYS, has_matured, label_lapse
from ml.timeline import DAY_S


class ShuffledSplit(ValueError):
    """Parts of a time split that do not follow each other, or hold a window twice."""


class NotEnoughWindows(ValueError):
    """Too few matured windows to train, calibrate and test one after the other."""


@dataclass(frozen=True)
class TimeSplit:
    """The moments (epoch seconds UTC) at which each part describes people, earliest first.

    Raises
    ------
    ShuffledSplit
        A part is unordered, empty, or begins before the labels of the part before it are complete.
    """

    train: tuple[int, ...]
    calibration: tuple[int, ...]
    test: tuple[int, ...]
    label_days: int = LAPSE_DAYS

    def __post_init__(self) -> None:
        for part in (self.train, self.calibration, self.test):
            if not part or any(later <= earlier for earlier, later in pairwise(part)):
                raise ShuffledSplit("each part of a time split is a rising series of moments")
        for earlier, later in ((self.train, self.calibration), (self.calibration, self.test)):
            if earlier[-1] + self.label_days * DAY_S > later[0]:
                raise ShuffledSplit("a part of a time split begins before the labels of the one before are complete")


def regular_moments(first: int, last: int, step_days: int = 7) -> tuple[int, ...]:
    """Return moments from ``first`` to at most ``last`` (epoch seconds), ``step_days`` apart."""
    return tuple(range(first, last + 1, step_days * DAY_S))


def split_in_time(
    moments: tuple[int, ...],
    now: int,
    label_days: int = LAPSE_DAYS,
    calibration_windows: int = 2,
    test_windows: int = 2,
) -> TimeSplit:
    """Cut matured moments into train, calibration and test, the latest for the test.

    Parameters
    ----------
    moments : tuple of int
        Epoch seconds; unmatured ones are left out.
    calibration_windows, test_windows : int
        How many moments the two later parts take. Between two parts the moments whose labels would overlap are dropped.

    Raises
    ------
    NotEnoughWindows
        Nothing would be left for one part.
    """
    matured = [moment for moment in sorted(set(moments)) if has_matured(moment, label_days, now)]
    test = matured[-test_windows:]
    earlier = _over_before(matured, test, label_days)
    calibration = earlier[-calibration_windows:]
    train = _over_before(earlier, calibration, label_days)
    if not (train and len(calibration) == calibration_windows and len(test) == test_windows):
        raise NotEnoughWindows("too few matured windows to train, calibrate and test one after the other")
    return TimeSplit(tuple(train), tuple(calibration), tuple(test), label_days)


def _over_before(moments: list[int], following: list[int], label_days: int) -> list[int]:
    return [moment for moment in moments if following and moment + label_days * DAY_S <= following[0]]


@dataclass(frozen=True)
class LabelledRows:
    """Features and matured lapse labels of one or more windows, stacked.

    Attributes
    ----------
    names : tuple of str, length p
    values : float64 array, shape (n, p)
    lapsed : bool array, shape (n,)
    user_ids : int64 array, shape (n,)
    as_of : int64 array, shape (n,)
    """

    names: tuple[str, ...]
    values: np.ndarray
    lapsed: np.ndarray
    user_ids: np.ndarray
    as_of: np.ndarray

    def column(self, name: str) -> np.ndarray:
        """Return one feature of every row; shape (n,)."""
        return self.values[:, self.names.index(name)]


def refuse_shuffled_rows(parts: tuple[LabelledRows, ...], label_days: int) -> None:
    """Check on the rows themselves that the parts of a split follow each other, however they were made.

    Rows that all describe one moment, as those of a single experiment do, have no order in time; their parts may hold
    nobody twice.

    Raises
    ------
    ShuffledSplit
        A row of a later part lies before the end of a label of an earlier one, or a person is in two parts of one
        moment.
    """
    if np.unique(np.concatenate([part.as_of for part in parts])).size == 1:
        people = np.concatenate([np.unique(part.user_ids) for part in parts])
        if np.unique(people).size < people.size:
            raise ShuffledSplit("a person is in two parts of the same moment")
        return
    for earlier, later in pairwise(parts):
        if earlier.as_of.max() + label_days * DAY_S > later.as_of.min():
            raise ShuffledSplit("rows of a later part lie before the labels of the one before are complete")


def label_rows(
    events: EventLog,
    facts_at: dict[int, Facts],
    moments: tuple[int, ...],
    now: int,
    label_days: int = LAPSE_DAYS,
    names: tuple[str, ...] = FEATURE_NAMES,
) -> LabelledRows:
    """Build features and labels for the people of each moment.

    Parameters
    ----------
    events : EventLog
        All that is recorded; features see only what was before each moment.
    facts_at : dict of int to Facts
        The people and facts of each moment.
    names : tuple of str
        The features.

    Raises
    ------
    NotMatured
        A moment whose label is not known yet.
    """
    tables = [build_features(events.before(moment), facts_at[moment], moment, names) for moment in moments]
    labels = [label_lapse(events, table.user_ids, table.as_of, now, label_days) for table in tables]
    return LabelledRows(
        tables[0].names,
        np.concatenate([table.values for table in tables]),
        np.concatenate(labels),
        np.concatenate([table.user_ids for table in tables]),
        np.concatenate([np.full(table.user_ids.size, table.as_of) for table in tables]),
    )
