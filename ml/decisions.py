"""Decisions with what was known before and what became of them: what models of notices learn from."""

from dataclasses import dataclass, fields, replace

import numpy as np

from ml.estimators.weighting import ImpossiblePropensity
from ml.policy.scoring import none_index


@dataclass(frozen=True)
class DecisionRows:
    """Decisions with what became of them.

    Attributes
    ----------
    names : tuple of str, length p
    values : float64 array, shape (n, p)
        Known before the decision; NaN where unknown.
    arms : tuple of str, length a
        ``none`` is among them.
    arm : int array, shape (n,)
        What was done, as an index into ``arms``.
    reward : bool or float array, shape (n,)
        Whether the person came back, matured; 0 or 1.
    propensity : float array, shape (n,)
        The probability with which that was done; NaN where it is not known.
    user_ids : int64 array, shape (n,)
    decided_at : int64 array, shape (n,)
        Epoch seconds UTC.

    Raises
    ------
    ValueError
        Lengths differ, or an arm is not among the arms.
    NoneMissing
    ImpossiblePropensity
        A propensity outside (0, 1].
    """

    names: tuple[str, ...]
    values: np.ndarray
    arms: tuple[str, ...]
    arm: np.ndarray
    reward: np.ndarray
    propensity: np.ndarray
    user_ids: np.ndarray
    decided_at: np.ndarray

    def __post_init__(self) -> None:
        none_index(self.arms)
        size = self.arm.size
        if self.values.shape != (size, len(self.names)) or any(
            getattr(self, name).shape != (size,) for name in ("arm", "reward", "propensity", "user_ids", "decided_at")
        ):
            raise ValueError("decisions need one value of everything per row")
        if size and not 0 <= self.arm.min() <= self.arm.max() < len(self.arms):
            raise ValueError("an arm that is not among the arms")
        known = self.propensity[~np.isnan(self.propensity)]
        if not ((known > 0) & (known <= 1)).all():
            raise ImpossiblePropensity("a logged propensity is not in (0, 1]")

    def take(self, chosen: np.ndarray) -> "DecisionRows":
        """Return the rows picked by a boolean mask or by indices."""
        columns = [field.name for field in fields(self) if isinstance(getattr(self, field.name), np.ndarray)]
        return replace(self, **{name: getattr(self, name)[chosen] for name in columns})

    @property
    def is_learnable(self) -> np.ndarray:
        """Which decisions have a known propensity; bool array of shape (n,)."""
        return ~np.isnan(self.propensity)
