"""Whether notices still do what the model says they do: the alarm that sends a policy back to the rule.

Everybody coming less often, as in a holiday, is no reason to doubt the effects; receivers falling behind what was
predicted for them by more than all others do is one. It is judged on predictions that were made before.
"""

from dataclasses import dataclass

import numpy as np

ALARM_AT = 3.5  # standard errors
LEAST_OF_EACH = 200


@dataclass(frozen=True)
class EffectWatch:
    """How far receivers lie beyond what was predicted, compared with all others.

    Attributes
    ----------
    shift : float
        Mean of (came back − predicted) among receivers minus that among the others.
    standard_error : float
        NaN where too few of either are known.
    """

    shift: float
    standard_error: float

    @property
    def is_alarm(self) -> bool:
        """Whether effects are not what was predicted, for better or worse."""
        return bool(abs(self.shift) >= ALARM_AT * self.standard_error)  # False for NaN


def watch_effects(predicted: np.ndarray, returned: np.ndarray, is_notice: np.ndarray) -> EffectWatch:
    """Compare matured decisions with what was predicted when they were made.

    Parameters
    ----------
    predicted : float array, shape (n,)
        Chance to come back after what was done; NaN where nothing was predicted.
    returned, is_notice : bool arrays, shape (n,)
    """
    known = ~np.isnan(predicted)
    beyond, told = (returned - predicted)[known], is_notice[known]
    receivers, others = beyond[told], beyond[~told]
    if min(receivers.size, others.size) < LEAST_OF_EACH:
        return EffectWatch(float("nan"), float("nan"))
    error = np.sqrt(receivers.var(ddof=1) / receivers.size + others.var(ddof=1) / others.size)
    return EffectWatch(float(receivers.mean() - others.mean()), float(error))
