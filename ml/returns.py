"""Incremental return: how likely somebody comes back after each notice, and after none.

One model of features and notice together (an S-learner; Künzel et al., 2019), because notices are few and their effects
small: people who were not written to teach what happens anyway, and notices share what they have in common. It is a
logistic regression of the features, *written to or not*, and the products of both; each notice may deviate from the
common effect, and from stage 3 on also differently for different people. Every coefficient has a normal prior around 0
whose width is written below, narrower for effects than for people, and narrowest for what sets one notice apart: where
the decisions say little, nobody is said to be moved by anything.

Only decisions with a known propensity are learned from. How they were drawn is not modelled: whatever made one notice
likelier than another must be among the features.
"""

from dataclasses import dataclass, fields, replace

import numpy as np
from sklearn.calibration import CalibratedClassifierCV
from sklearn.frozen import FrozenEstimator
from sklearn.impute import SimpleImputer
from sklearn.linear_model import LogisticRegression
from sklearn.pipeline import Pipeline
from sklearn.preprocessing import FunctionTransformer, StandardScaler

from ml.estimators import ImpossiblePropensity
from ml.features import FEATURES_VERSION
from ml.lapse import OneClassOnly, SkewedFeatures
from ml.policy.scoring import none_index

# Standard deviations of the priors, in log odds per standard deviation of a feature.
FEATURE_WIDTH = 0.3
EFFECT_WIDTH = 0.3
MODIFIER_WIDTH = 0.1
ARM_WIDTH = 0.1
ARM_MODIFIER_WIDTH = 0.03


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


@dataclass(frozen=True)
class ReturnModel:
    """A fitted model with the features and arms it was made for.

    ``prepare`` and ``regress`` are all that is stored, and hold nothing but scikit-learn's own types; the columns
    between them are made by a function of this module.

    Attributes
    ----------
    modifiers : tuple of str
        The features by which effects may differ.
    per_arm : bool
        Whether each arm has effects of its own (stage 3) beside the common one (stage 2).
    """

    names: tuple[str, ...]
    arms: tuple[str, ...]
    modifiers: tuple[str, ...]
    per_arm: bool
    prepare: Pipeline
    regress: LogisticRegression | CalibratedClassifierCV
    features_version: int = FEATURES_VERSION


def fit_returns(
    train: DecisionRows,
    calibration: DecisionRows | None = None,
    *,
    per_arm: bool = False,
    modifiers: tuple[str, ...] | None = None,
) -> ReturnModel:
    """Fit on decisions, and calibrate by a sigmoid on later ones if there are any.

    Parameters
    ----------
    train, calibration : DecisionRows
        Rows without a propensity are left out.
    per_arm : bool
    modifiers : tuple of str, optional
        Features by which effects may differ; all by default.

    Raises
    ------
    OneClassOnly
        Everybody or nobody came back in a part, or nothing but one arm was ever done.
    SkewedFeatures
        The parts differ in features or arms, or a modifier is no feature.
    """
    modifiers = train.names if modifiers is None else modifiers
    if not set(modifiers) <= set(train.names):
        raise SkewedFeatures("effects may differ only by what is a feature")
    train = _learnable(train)
    if np.unique(train.arm).size < 2:
        raise OneClassOnly("nothing but one arm was ever done")
    prepare = _make_preparation().fit(train.values)
    regress = LogisticRegression(C=1.0, solver="newton-cholesky", max_iter=200)
    model = ReturnModel(train.names, train.arms, modifiers, per_arm, prepare, regress)
    regress.fit(_design(model, train.values, train.arm), train.reward > 0)
    if calibration is None:
        return model
    if (calibration.names, calibration.arms) != (train.names, train.arms):
        raise SkewedFeatures("the decisions to calibrate on have other features or arms")
    later = _learnable(calibration)
    calibrated = CalibratedClassifierCV(FrozenEstimator(regress), method="sigmoid")
    calibrated.fit(_design(model, later.values, later.arm), later.reward > 0)
    return replace(model, regress=calibrated)


def predict_returns(model: ReturnModel, names: tuple[str, ...], values: np.ndarray) -> np.ndarray:
    """Return the chance that each person comes back after each arm.

    Parameters
    ----------
    names : tuple of str, length p
        The columns of ``values``.
    values : float64 array, shape (n, p)

    Returns
    -------
    float64 array, shape (n, a)
        One column per arm of the model; for an arm that was never done, that of any notice.

    Raises
    ------
    SkewedFeatures
        The columns or their version are not the model's.
    """
    if tuple(names) != model.names or model.features_version != FEATURES_VERSION:
        raise SkewedFeatures("the features are not those the model was trained on")
    chance = np.zeros((len(values), len(model.arms)))
    for arm in range(len(model.arms) if len(values) else 0):
        chance[:, arm] = model.regress.predict_proba(_design(model, values, np.full(len(values), arm)))[:, 1]
    return chance


def predict_effects(model: ReturnModel, names: tuple[str, ...], values: np.ndarray) -> np.ndarray:
    """Return what each arm adds to the chance of coming back, 0 for ``none``; as ``predict_returns``."""
    chance = predict_returns(model, names, values)
    return chance - chance[:, [none_index(model.arms)]]


def _make_preparation() -> Pipeline:
    return Pipeline(
        [
            ("impute", SimpleImputer(strategy="median", keep_empty_features=True)),
            ("compress", FunctionTransformer(np.arcsinh)),
            ("scale", StandardScaler()),
        ]
    )


def _learnable(rows: DecisionRows) -> DecisionRows:
    rows = rows.take(rows.is_learnable)
    if not rows.reward.size or (rows.reward > 0).all() or not (rows.reward > 0).any():
        raise OneClassOnly("everybody or nobody came back in a window")
    return rows


def _design(model: ReturnModel, values: np.ndarray, arm: np.ndarray) -> np.ndarray:
    """Return the columns of the regression, each scaled by its prior's width so that one penalty serves all."""
    known = model.prepare.transform(values)
    moved_by = known[:, [model.names.index(name) for name in model.modifiers]]
    none = none_index(model.arms)
    is_notice = (arm != none)[:, None]
    is_arm = np.delete(np.eye(len(model.arms))[arm], none, axis=1)
    blocks = [
        FEATURE_WIDTH * known,
        EFFECT_WIDTH * is_notice,
        MODIFIER_WIDTH * is_notice * moved_by,
        ARM_WIDTH * is_arm,
    ]
    if model.per_arm:
        products = is_arm[:, :, None] * moved_by[:, None, :]
        blocks.append(ARM_MODIFIER_WIDTH * products.reshape(len(values), -1))
    return np.column_stack(blocks)
