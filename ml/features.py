"""The one function that turns events and facts into features, for training and for serving alike.

There is no second code path: a model that was trained on a table of this function is only ever served tables of
this function, and ``FEATURES_VERSION`` changes whenever a number would. It refuses anything from the time of the label.
The names that are asked for say what is computed, any k in them included, so that the names of a model are all that it
takes to serve it. The product asks for ``FEATURE_NAMES``; any other log of events may ask for others.

What the columns mean, where a *day* is the person's own calendar day and *active* means meaningful activity:

- ``recency_days``: since the last act, or since joining for people who never acted; ``tenure_days``: since joining
- ``active_days_k``: distinct active days among the last k times 24 hours
- ``acts_k``, ``amount_k``: acts in that time, and what they were worth together
- ``median_gap_days``: between successive active days; ``overdue_ratio`` is recency over it; NaN below two days
- ``return_rate``: active days followed by another within 7 days, of those at least 7 days ago, as (r + 1) / (n + 2)
- ``weekday_d_share`` (Monday is 0), ``hour_h_share`` (blocks of 4): acts, smoothed by one each
- ``emails_k``, ``days_since_email``: mails sent in the last k days, days since the last; NaN if none
- ``email_return_rate``: mails followed by activity within 7 days, of those at least 7 days ago, as (r + 1) / (n + 2)
- any other name is one of the facts of ``ml.facts``, as it was given
"""

import hashlib
import re
from dataclasses import dataclass

import numpy as np

from ml.events import KINDS, EventLog
from ml.facts import FACT_NAMES, Facts, LabelWindowFact
from ml.timeline import DAY_S, Timeline, rows_of

FEATURES_VERSION = 1
ACTIVE_WINDOWS_DAYS = (7, 14, 28, 90)
RETURN_DAYS = 7
HOURS_PER_BLOCK = 4
_PRESENCE = {"recency_days", "tenure_days", "median_gap_days", "overdue_ratio", "return_rate"}
_WEEKDAYS = tuple(f"weekday_{day}_share" for day in range(7))
_HOURS = tuple(f"hour_{hour:02}_share" for hour in range(0, 24, HOURS_PER_BLOCK))
_RHYTHM = {*_WEEKDAYS, *_HOURS}
_MAIL = {"days_since_email", "email_return_rate"}
FEATURE_NAMES: tuple[str, ...] = (
    "recency_days",
    *(f"active_days_{days}" for days in ACTIVE_WINDOWS_DAYS),
    "tenure_days",
    "median_gap_days",
    "overdue_ratio",
    "return_rate",
    *_WEEKDAYS,
    *_HOURS,
    "emails_7",
    "emails_28",
    "days_since_email",
    "email_return_rate",
    *FACT_NAMES,
)


class LabelWindowEvent(ValueError):
    """An event at or after the moment that the features describe."""


@dataclass(frozen=True)
class FeatureTable:
    """Features of many people at one moment.

    Attributes
    ----------
    as_of : int
        Epoch seconds UTC.
    user_ids : int64 array, shape (m,)
    names : tuple of str, length p
    values : float64 array, shape (m, p)
        NaN where something cannot be known, such as the median gap of somebody who came once.
    """

    as_of: int
    user_ids: np.ndarray
    names: tuple[str, ...]
    values: np.ndarray

    def column(self, name: str) -> np.ndarray:
        """Return one feature of everybody; shape (m,)."""
        return self.values[:, self.names.index(name)]

    def row_digest(self, row: int) -> str:
        """Return the SHA-256 of one person's features, names and version, to keep beside a decision."""
        digest = hashlib.sha256(f"{FEATURES_VERSION}|{self.as_of}|{'|'.join(self.names)}|".encode())
        digest.update(np.ascontiguousarray(self.values[row], dtype="<f8").tobytes())
        return digest.hexdigest()


def build_features(events: EventLog, facts: Facts, as_of: int, names: tuple[str, ...] = FEATURE_NAMES) -> FeatureTable:
    """Describe each person of ``facts`` as they were known at ``as_of``.

    Parameters
    ----------
    events : EventLog
        Everything before ``as_of``, also about people who are not asked for; ``events.before(as_of)`` gives it.
    facts : Facts
        The people and what was known about them.
    as_of : int
        Epoch seconds UTC.
    names : tuple of str
        The columns, at least one, defined above.

    Returns
    -------
    FeatureTable

    Raises
    ------
    LabelWindowEvent
        An event at or after ``as_of``, whoever's it is.
    LabelWindowFact
        Facts that held only after ``as_of``, a person who joined after it, or a name from the time of the label.
    UnknownFact, ProtectedFact
        A name that is neither computed nor among the facts that are allowed.
    """
    _refuse_the_future(events, facts, as_of)
    seen = _Seen.of(events, facts, as_of)
    columns: dict[str, np.ndarray] = {}
    for block in (_presence, _volume, _rhythm_shares, _mail_history):
        columns.update(block(seen, names))
    given = {name: facts.column(name) for name in names if name not in columns}
    values = np.column_stack([np.asarray({**columns, **given}[name], dtype=np.float64) for name in names])
    return FeatureTable(as_of, facts.user_ids, tuple(names), values)


def is_computed(name: str) -> bool:
    """Return whether a name is computed from events; all others are facts."""
    return (
        name in _PRESENCE | _RHYTHM | _MAIL
        or re.fullmatch(r"(active_days|acts|amount|emails)_[1-9]\d*", name) is not None
    )


def count_rhythm(events: EventLog, user_ids: np.ndarray) -> tuple[np.ndarray, np.ndarray]:
    """Count each person's acts by local weekday and hour.

    Returns
    -------
    weekdays : int64 array, shape (m, 7), Monday first
    hours : int64 array, shape (m, 24)
    """
    rows = rows_of(np.asarray(user_ids, dtype=np.int64), events.user_id)
    wanted = events.is_meaningful & (rows >= 0)
    return _rhythm(events.take(wanted), rows[wanted], len(user_ids))


def _refuse_the_future(events: EventLog, facts: Facts, as_of: int) -> None:
    if events.occurred_at.size and events.occurred_at.max() >= as_of:
        raise LabelWindowEvent("an event at or after the moment that the features describe")
    if facts.known_at > as_of:
        raise LabelWindowFact("facts that were known only after the moment that the features describe")
    if facts.user_ids.size and facts.tenure_started_at.max() > as_of:
        raise LabelWindowFact("a person who joined after the moment that the features describe")


@dataclass(frozen=True)
class _Seen:
    """What each block of features looks at: acts and mails of the people asked for, by their row."""

    facts: Facts
    as_of: int
    acts: EventLog
    act_rows: np.ndarray
    sent_at: np.ndarray
    sent_rows: np.ndarray

    @classmethod
    def of(cls, events: EventLog, facts: Facts, as_of: int) -> "_Seen":
        rows = rows_of(facts.user_ids, events.user_id)
        acted, mailed = events.is_meaningful & (rows >= 0), (events.kind == KINDS.index("email_sent")) & (rows >= 0)
        return cls(facts, as_of, events.take(acted), rows[acted], events.occurred_at[mailed], rows[mailed])

    @property
    def people(self) -> int:
        return self.facts.user_ids.size


def _windows(names: tuple[str, ...], of: str) -> list[int]:
    """Return every k for which ``of_k`` is asked for."""
    found = [re.fullmatch(rf"{of}_([1-9]\d*)", name) for name in names]
    return [int(match[1]) for match in found if match]


def _presence(seen: _Seen, names: tuple[str, ...]) -> dict[str, np.ndarray]:
    windows, as_of, people = _windows(names, "active_days"), seen.as_of, seen.people
    if not windows and not _PRESENCE & set(names):
        return {}
    never, joined = np.iinfo(np.int64).min, seen.facts.tenure_started_at
    last_at = np.full(people, never)
    np.maximum.at(last_at, seen.act_rows, seen.acts.occurred_at)
    recency = (as_of - np.where(last_at == never, joined, last_at)) / DAY_S
    day_rows, days, day_last_at = _active_days(seen.act_rows, seen.acts)
    is_same, gaps = day_rows[1:] == day_rows[:-1], np.diff(days)
    median = _median_by_row(day_rows[1:][is_same], gaps[is_same], people)
    returned = np.zeros(days.size, dtype=bool)
    returned[:-1] = is_same & (gaps <= RETURN_DAYS)
    matured = day_last_at + RETURN_DAYS * DAY_S <= as_of
    counts = {
        f"active_days_{window}": np.bincount(day_rows[day_last_at >= as_of - window * DAY_S], minlength=people)
        for window in windows
    }
    return {
        "recency_days": recency,
        "tenure_days": (as_of - joined) / DAY_S,
        "median_gap_days": median,
        "overdue_ratio": recency / median,
        "return_rate": _smoothed_rate(day_rows[matured], returned[matured], people),
        **counts,
    }


def _volume(seen: _Seen, names: tuple[str, ...]) -> dict[str, np.ndarray]:
    columns = {}
    for what, weight in (("acts", None), ("amount", seen.acts.worth)):
        for window in _windows(names, what):
            late = seen.acts.occurred_at >= seen.as_of - window * DAY_S
            chosen = None if weight is None else weight[late]
            columns[f"{what}_{window}"] = np.bincount(seen.act_rows[late], chosen, minlength=seen.people)
    return columns


def _active_days(rows: np.ndarray, acts: EventLog) -> tuple[np.ndarray, np.ndarray, np.ndarray]:
    """Return row, local day number and latest moment of each distinct active day, sorted by row and day."""
    local_day = (acts.occurred_at + acts.utc_offset_s) // DAY_S
    order = np.lexsort((acts.occurred_at, local_day, rows))
    rows, local_day, moment = rows[order], local_day[order], acts.occurred_at[order]
    is_last = np.ones(rows.size, dtype=bool)
    is_last[:-1] = (rows[1:] != rows[:-1]) | (local_day[1:] != local_day[:-1])
    return rows[is_last], local_day[is_last], moment[is_last]


def _median_by_row(rows: np.ndarray, values: np.ndarray, people: int) -> np.ndarray:
    """Return the median of each row's values, NaN for rows without any; ``rows`` is sorted."""
    ranked = values[np.lexsort((values, rows))]
    count = np.bincount(rows, minlength=people)
    first = np.cumsum(count) - count
    has = count > 0
    median = np.full(people, np.nan)
    low, high = ranked[(first + (count - 1) // 2)[has]], ranked[(first + count // 2)[has]]
    median[has] = (low + high) / 2
    return median


def _smoothed_rate(rows: np.ndarray, is_success: np.ndarray, people: int) -> np.ndarray:
    trials = np.bincount(rows, minlength=people)
    return (np.bincount(rows[is_success], minlength=people) + 1) / (trials + 2)


def _rhythm(acts: EventLog, rows: np.ndarray, people: int) -> tuple[np.ndarray, np.ndarray]:
    local = acts.occurred_at + acts.utc_offset_s
    weekday, hour = (local // DAY_S + 3) % 7, local // 3600 % 24
    weekdays = np.bincount(rows * 7 + weekday, minlength=people * 7).reshape(people, 7)
    return weekdays, np.bincount(rows * 24 + hour, minlength=people * 24).reshape(people, 24)


def _rhythm_shares(seen: _Seen, names: tuple[str, ...]) -> dict[str, np.ndarray]:
    if not _RHYTHM & set(names):
        return {}
    weekdays, hours = _rhythm(seen.acts, seen.act_rows, seen.people)
    blocks = hours.reshape(seen.people, 24 // HOURS_PER_BLOCK, HOURS_PER_BLOCK).sum(axis=2)
    total = weekdays.sum(axis=1)
    shares = {name: (weekdays[:, day] + 1) / (total + 7) for day, name in enumerate(_WEEKDAYS)}
    shares.update({name: (blocks[:, block] + 1) / (total + len(_HOURS)) for block, name in enumerate(_HOURS)})
    return shares


def _mail_history(seen: _Seen, names: tuple[str, ...]) -> dict[str, np.ndarray]:
    windows, as_of, sent_at, rows = _windows(names, "emails"), seen.as_of, seen.sent_at, seen.sent_rows
    if not windows and not _MAIL & set(names):
        return {}
    mails, acts = Timeline.of(rows, sent_at), Timeline.of(seen.act_rows, seen.acts.occurred_at)
    everybody = np.arange(seen.people)
    latest = np.full(seen.people, -np.inf)
    np.maximum.at(latest, rows, sent_at.astype(np.float64))
    matured = sent_at + RETURN_DAYS * DAY_S <= as_of
    returned = acts.count_between(rows, sent_at, sent_at + RETURN_DAYS * DAY_S) > 0
    return {
        **{f"emails_{window}": mails.count_between(everybody, as_of - window * DAY_S, as_of) for window in windows},
        "days_since_email": np.where(np.isinf(latest), np.nan, (as_of - latest) / DAY_S),
        "email_return_rate": _smoothed_rate(rows[matured], returned[matured], seen.people),
    }
