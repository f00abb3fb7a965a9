"""What each notice is believed to add to the chance of a return, stage by stage: for serving and simulating alike.

0 the rule's belief; 1 the rule's, ordered by the lapse model; 2 the measured effect; 3 the measured effect of each arm.
"""

import numpy as np

from ml.policy.scoring import lapse_effects, shrink_effects


def stage_effects(
    arms: tuple[str, ...],
    stage: int,
    rule: np.ndarray,
    *,
    lapse_chance: np.ndarray | None = None,
    usual_lapse: float = 0.0,
    return_effects: np.ndarray | None = None,
    matured: int = 0,
) -> np.ndarray:
    """Return the effects that a stage acts on, shrunk to the rule's by the number of matured decisions.

    Parameters
    ----------
    rule : float array, shape (n, a)
        From ``rule_effects``.
    lapse_chance : float array, shape (n,), optional
        Needed at stage 1, with the usual share of lapse.
    return_effects : float array, shape (n, a), optional
        From ``ml.returns.predict_effects``; needed at stages 2 and 3.
    matured : int
        Matured decisions behind the model.

    Returns
    -------
    float array, shape (n, a)
    """
    if stage == 0:
        return rule
    if stage == 1:
        assert lapse_chance is not None
        return shrink_effects(rule, lapse_effects(rule, lapse_chance, usual_lapse), matured)
    assert return_effects is not None
    return shrink_effects(rule, return_effects, matured)
