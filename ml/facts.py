"""What is known about each person beside events, and what may never be used.

The names are a closed list, so a column cannot slip in: one that describes the time after the decision is refused as
leakage, and one that describes who somebody is (age, gender, nationality, health, pay, performance) is refused
for good.
"""

from dataclasses import dataclass, field

import numpy as np

from ml.events import epoch_seconds

FACT_NAMES: tuple[str, ...] = (
    "stale_skill_share",
    "days_to_nearest_expiry",
    "open_reviews",
    "role_gap",
    "profile_completeness",
    "days_since_same_kind",
)
PROTECTED_WORDS = frozenset(
    (
        "age", "birth", "gender", "sex", "nationality", "ethnicity", "religion", "health", "disability", "leave",
        "pay", "salary", "wage", "performance", "appraisal", "manager",
    )
)  # fmt: skip
LABEL_WORDS = frozenset(
    ("lapse", "lapsed", "return", "returned", "acted", "label", "outcome", "next", "future", "after", "churned")
)


class FactRefused(ValueError):
    """A column that the feature function does not accept."""


class UnknownFact(FactRefused):
    """A column that is not on the closed list."""


class ProtectedFact(FactRefused):
    """A column about who somebody is instead of what they did."""


class LabelWindowFact(FactRefused):
    """A column, or a whole table, from the time that the label describes."""


def check_fact_name(name: str, allowed: tuple[str, ...] = FACT_NAMES) -> None:
    """Refuse a column name by the reason why it may not be used; that it is on a list does not excuse it."""
    words = {name, *name.lower().split("_")}
    if words & PROTECTED_WORDS:
        raise ProtectedFact(f"{name!r} must never be used to predict")
    if words & LABEL_WORDS:
        raise LabelWindowFact(f"{name!r} describes the time of the label")
    if name not in allowed:
        raise UnknownFact(f"{name!r} is not a known fact")


@dataclass(frozen=True)
class Facts:
    """The people to describe and what was known about them at one moment.

    Parameters
    ----------
    user_ids : int64 array, shape (m,)
        Distinct; their order is the order of the feature rows.
    tenure_started_at : int64 array, shape (m,)
        Epoch seconds UTC at which each person joined.
    known_at : int
        Epoch seconds UTC at which these facts held. For training on the past they must be the facts of the past;
        leave a column out where the past is not recorded.
    columns : dict of str to float array of shape (m,)
        Any of ``allowed``; NaN where unknown. ``stale_skill_share`` and ``profile_completeness`` are shares 0 - 1,
        the rest are counts or days. ``days_to_nearest_expiry`` is negative once something has expired.
    allowed : tuple of str
        The closed list. That of the product by default; another log than the product's brings its own.

    Raises
    ------
    UnknownFact, ProtectedFact, LabelWindowFact
        A column that is not on the list.
    ValueError
        Lengths differ.
    """

    user_ids: np.ndarray
    tenure_started_at: np.ndarray
    known_at: int
    columns: dict[str, np.ndarray] = field(default_factory=dict)
    allowed: tuple[str, ...] = FACT_NAMES

    def __post_init__(self) -> None:
        for name in (*self.columns, *self.allowed):
            check_fact_name(name, self.allowed)
        object.__setattr__(self, "user_ids", np.asarray(self.user_ids, dtype=np.int64))
        object.__setattr__(self, "tenure_started_at", epoch_seconds(self.tenure_started_at))
        columns = {name: np.asarray(column, dtype=np.float64) for name, column in self.columns.items()}
        object.__setattr__(self, "columns", columns)
        shapes = {self.tenure_started_at.shape, *(column.shape for column in columns.values())}
        if shapes != {(self.user_ids.size,)}:
            raise ValueError("every fact needs one value per person")

    def column(self, name: str) -> np.ndarray:
        """Return one fact, NaN for everybody where it was left out; shape (m,)."""
        check_fact_name(name, self.allowed)
        return self.columns.get(name, np.full(self.user_ids.size, np.nan))
