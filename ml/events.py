"""What people did, as columns, and which kinds of event count as meaningful.

The vocabulary is closed and ordered: an event's code is its place in ``KINDS``, so names are only ever appended.
A kind's class decides whether it is part of the label. Three decisions are worth knowing: a bare sign-in is no
activity; what others do to a person (``endorsement_received``) is not that person's act; and turning notices down
is an e-mail event, because otherwise a notice that annoys would be rewarded as one that brought somebody back.
"""

from dataclasses import dataclass

import numpy as np

ACT, SIGN_IN, EMAIL, RECEIVED = "act", "sign_in", "email", "received"

KIND_CLASSES: dict[str, str] = {
    "signed_in": SIGN_IN,
    "profile_viewed": ACT,
    "profile_updated": ACT,
    "skill_rated": ACT,
    "skill_confirmed": ACT,
    "skill_viewed": ACT,
    "skill_proposed": ACT,
    "endorsement_given": ACT,
    "endorsement_received": RECEIVED,
    "qualification_added": ACT,
    "qualification_renewed": ACT,
    "qualification_reviewed": ACT,
    "experience_added": ACT,
    "experience_updated": ACT,
    "search": ACT,
    "resume_imported": ACT,
    "recommendation_opened": ACT,
    "recommendation_dismissed": ACT,
    "inbox_opened": ACT,
    "email_sent": EMAIL,
    "email_clicked": EMAIL,
    "preference_changed": EMAIL,
    "unsubscribed": EMAIL,
    "bounced": EMAIL,
    "complained": EMAIL,
    "other_act": ACT,
}
KINDS: tuple[str, ...] = tuple(KIND_CLASSES)
_MEANINGFUL_CODE = np.array([KIND_CLASSES[kind] == ACT for kind in KINDS])
_COLUMN_TYPES = {"user_id": np.int64, "occurred_at": np.int64, "kind": np.int16, "is_automated": np.bool_}


class UnknownKind(ValueError):
    """An event kind that the closed vocabulary does not hold."""


class MalformedEvents(ValueError):
    """The columns of an event log do not fit together or lose information when converted."""


def kind_code(name: str) -> int:
    """Return the code of a kind.

    Raises
    ------
    UnknownKind
        The vocabulary does not hold this name.
    """
    try:
        return KINDS.index(name)
    except ValueError:
        raise UnknownKind(f"{name!r} is not an event kind") from None


def kind_codes(names: list[str] | tuple[str, ...] | np.ndarray) -> np.ndarray:
    """Return the int16 codes of many kinds; raises UnknownKind for the first that is unknown."""
    unique, inverse = np.unique(np.asarray(names, dtype=str), return_inverse=True)
    return np.array([kind_code(str(name)) for name in unique], dtype=np.int16)[inverse.reshape(-1)]


def epoch_seconds(times: np.ndarray) -> np.ndarray:
    """Return times as int64 seconds since 1970 UTC; accepts integers or any ``datetime64``."""
    times = np.asarray(times)
    if times.dtype.kind == "M":
        if np.isnat(times).any():
            raise MalformedEvents("an event without a time")
        return times.astype("datetime64[s]").astype(np.int64)
    if times.dtype.kind not in "iu" and times.size:
        raise MalformedEvents(f"times must be integers or datetime64, not {times.dtype}")
    return times.astype(np.int64)


@dataclass(frozen=True)
class EventLog:
    """Events of many people as parallel columns, in any order.

    Parameters
    ----------
    user_id : int64 array, shape (n,)
    occurred_at : int64 array, shape (n,)
        Epoch seconds UTC; ``datetime64`` is accepted and converted.
    kind : int16 array, shape (n,)
        Codes into ``KINDS``.
    is_automated : bool array, shape (n,)
    utc_offset_s : int32 array, shape (n,), optional
        How far the person's own clock was ahead of UTC at that moment. It carries daylight saving, so that nothing
        here needs a time zone database. Zero when left out.
    amount : float64 array, shape (n,), optional
        What each event was worth, for logs that know it, such as purchases; zero when left out.

    Raises
    ------
    MalformedEvents
        Lengths differ, a column is not one-dimensional, an offset is more than a day, or an amount is not finite.
    UnknownKind
        A code outside the vocabulary.
    """

    user_id: np.ndarray
    occurred_at: np.ndarray
    kind: np.ndarray
    is_automated: np.ndarray
    utc_offset_s: np.ndarray | None = None
    amount: np.ndarray | None = None

    def __post_init__(self) -> None:
        columns = {name: np.asarray(getattr(self, name)) for name in _COLUMN_TYPES}
        columns["occurred_at"] = epoch_seconds(columns["occurred_at"])
        if any(column.size and column.dtype.kind not in "iub" for column in columns.values()):
            raise MalformedEvents("the columns of an event log hold whole numbers")
        if columns["kind"].size and not 0 <= columns["kind"].min() <= columns["kind"].max() < len(KINDS):
            raise UnknownKind("an event kind code outside the vocabulary")
        columns = {name: column.astype(_COLUMN_TYPES[name], copy=False) for name, column in columns.items()}
        offset = np.zeros(columns["user_id"].shape) if self.utc_offset_s is None else np.asarray(self.utc_offset_s)
        columns["utc_offset_s"] = offset.astype(np.int32)
        if self.amount is not None:
            columns["amount"] = np.asarray(self.amount, dtype=np.float64)
            if not np.isfinite(columns["amount"]).all():
                raise MalformedEvents("an amount that is not a finite number")
        if {column.shape for column in columns.values()} != {(columns["user_id"].size,)}:
            raise MalformedEvents("the columns of an event log must be one-dimensional and equally long")
        if (np.abs(columns["utc_offset_s"]) > 86_400).any():
            raise MalformedEvents("an offset from UTC of more than a day")
        for name, column in columns.items():
            object.__setattr__(self, name, column)

    def __len__(self) -> int:
        return self.user_id.size

    def take(self, chosen: np.ndarray) -> "EventLog":
        """Return the events picked by a boolean mask or by indices."""
        amount = None if self.amount is None else self.amount[chosen]
        columns = {name: getattr(self, name)[chosen] for name in (*_COLUMN_TYPES, "utc_offset_s")}
        return EventLog(**columns, amount=amount)

    @property
    def worth(self) -> np.ndarray:
        """What each event was worth, zero where that was left out; shape (n,)."""
        return np.zeros(len(self)) if self.amount is None else self.amount

    def before(self, as_of: int) -> "EventLog":
        """Return the events strictly before a moment: what was known then."""
        return self.take(self.occurred_at < as_of)

    def since(self, start: int) -> "EventLog":
        """Return the events at or after a moment."""
        return self.take(self.occurred_at >= start)

    @property
    def is_meaningful(self) -> np.ndarray:
        """Which events are meaningful activity: the person's own act, neither automated nor about e-mail."""
        return _MEANINGFUL_CODE[self.kind] & ~self.is_automated


def empty_log() -> EventLog:
    """Return a log without events."""
    return EventLog(*(np.zeros(0, dtype=dtype) for dtype in _COLUMN_TYPES.values()))


def join_logs(*logs: EventLog) -> EventLog:
    """Return one log with the events of all, for instance what people did and what was sent to them."""
    if not logs:
        return empty_log()
    amount = None if all(log.amount is None for log in logs) else np.concatenate([log.worth for log in logs])
    columns = {name: np.concatenate([getattr(log, name) for log in logs]) for name in (*_COLUMN_TYPES, "utc_offset_s")}
    return EventLog(**columns, amount=amount)
