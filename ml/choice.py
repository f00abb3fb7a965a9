"""Which family serves: trees replace the regression only where they are shown to rank better.

Both are fitted on the same rows and compared on the calibration window, on the same resampled people. A sigmoid does
not change the order of predictions, so what was calibrated there can still be ranked there, and the test window stays
unseen by the choice.
"""

from ml.bootstrap import REPLICATES, Interval, user_bootstrap
from ml.card import Choice
from ml.families import BOOSTED, LOGISTIC
from ml.lapse import LapseModel, auc_difference, fit_lapse, predict_lapse
from ml.metrics import auc_of, brier_of
from ml.windows import LabelledRows


def choose_family(
    train: LabelledRows, calibration: LabelledRows, test: LabelledRows, seed: int, replicates: int = REPLICATES
) -> tuple[LapseModel, Choice]:
    """Fit both families, take one by the calibration window, and measure both on the test window.

    Raises
    ------
    OneClassOnly
        A part holds a single class.
    """
    models = {family: fit_lapse(train, calibration, family=family) for family in (LOGISTIC, BOOSTED)}
    order = {family: predict_lapse(model, calibration.names, calibration.values) for family, model in models.items()}
    gain = auc_difference(calibration, order[BOOSTED], order[LOGISTIC], seed, replicates)
    chosen = BOOSTED if gain.low > 0 else LOGISTIC
    metrics = {family: _measure(model, test, seed, replicates) for family, model in models.items()}
    return models[chosen], Choice(chosen, gain, metrics)


def _measure(model: LapseModel, test: LabelledRows, seed: int, replicates: int) -> dict[str, Interval]:
    chance = predict_lapse(model, test.names, test.values)
    statistics = {"auc": auc_of(test.lapsed, chance), "brier": brier_of(test.lapsed, chance)}
    return {name: user_bootstrap(statistic, test.user_ids, seed, replicates) for name, statistic in statistics.items()}
