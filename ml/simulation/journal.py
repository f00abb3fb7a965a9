"""What the policy logged of its decisions, and what it may learn from: matured ones, with known propensities."""

from dataclasses import dataclass

import numpy as np

from ml.features import FeatureTable
from ml.returns import DecisionRows
from ml.simulation.worlds import ARMS, NONE_ARM

_KEPT_OF_SILENT = 1  # of those who were not written to, one in so many: what comes anyway is learned from enough


@dataclass
class LoggedWeek:
    """A week's decisions; arrays of shape (n,) by the people decided on.

    Attributes
    ----------
    table : FeatureTable
        Of these people, at the moment of the decision.
    arm, drawn : int arrays
        What happened, and what the draw said; they differ only for people held out.
    odds : float array, shape (n, a)
        What the draw was made from.
    propensity : float array
        Of what happened, holdout included.
    predicted : float array
        Chance to come back after what happened, as it was predicted; NaN at stages 0 and 1.
    returned, has_cost : bool arrays
        None until they have matured.
    """

    table: FeatureTable
    arm: np.ndarray
    drawn: np.ndarray
    odds: np.ndarray
    propensity: np.ndarray
    is_held_out: np.ndarray
    predicted: np.ndarray
    stage: int
    returned: np.ndarray | None = None
    has_cost: np.ndarray | None = None


def rows_of_weeks(weeks: list[LoggedWeek]) -> DecisionRows:
    """Return matured weeks as rows to learn from: all who were written to, and as many of the others as are kept."""
    return DecisionRows(
        weeks[0].table.names,
        np.vstack([week.table.values for week in weeks]),
        ARMS,
        np.concatenate([week.arm for week in weeks]),
        np.concatenate([week.returned for week in weeks if week.returned is not None]),
        np.concatenate([week.propensity for week in weeks]),
        np.concatenate([week.table.user_ids for week in weeks]),
        np.concatenate([np.full(week.arm.size, week.table.as_of) for week in weeks]),
    ).take(np.concatenate([_kept(week, place) for place, week in enumerate(weeks)]))


def _kept(week: LoggedWeek, place: int) -> np.ndarray:
    return (week.arm != NONE_ARM) | ((week.table.user_ids + place) % _KEPT_OF_SILENT == 0)
