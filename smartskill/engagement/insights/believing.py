"""What models believe each notice adds for each person, at a stage: rows in, one function of `ml.policy`."""

from typing import TYPE_CHECKING

import numpy as np

from ml.features import FeatureTable
from ml.policy.effects import stage_effects

if TYPE_CHECKING:
    from smartskill.engagement.insights.champion import Models


def believe(models: "Models", stage: int, arms: tuple[str, ...], table: FeatureTable, rule: np.ndarray) -> np.ndarray:
    """Effects of every arm for the people of a table, shape (n, a); the rule's at stage 0.

    Raises:
        SkewedFeatures: the table is not what a model was trained on.
    """
    if stage == 0:
        return rule
    if stage == 1:
        from ml.lapse import predict_lapse  # brings scikit-learn

        assert models.lapse is not None
        chance = predict_lapse(models.lapse, table.names, table.values)
        return stage_effects(
            arms, stage, rule, lapse_chance=chance, usual_lapse=models.usual_lapse, matured=models.matured
        )
    return stage_effects(arms, stage, rule, return_effects=_measured(models, arms, table, rule), matured=models.behind)


def _measured(models: "Models", arms: tuple[str, ...], table: FeatureTable, rule: np.ndarray) -> np.ndarray:
    """What the return model says of the arms it knows; of others nothing was measured, and the rule's belief stays."""
    from ml.returns import predict_effects

    assert models.returns is not None
    known, effects = predict_effects(models.returns, table.names, table.values), rule.copy()
    for column, arm in enumerate(arms):
        if arm in models.returns.arms:
            effects[:, column] = known[:, models.returns.arms.index(arm)]
    return effects


def rows_of_table(table: FeatureTable, rows: np.ndarray) -> FeatureTable:
    """Some people of a table, in the order asked for."""
    return FeatureTable(table.as_of, table.user_ids[rows], table.names, table.values[rows])
