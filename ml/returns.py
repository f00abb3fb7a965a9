"""Incremental return: how likely somebody comes back after each notice, and after none.

Two steps. Who would come anyway is said by one logistic regression of the features, of *written to or not* and of the
products of both, over all decisions (an S-learner; Künzel et al., 2019). What a notice adds is then learned from what
its receivers did beyond that, as the share it reaches of those who would not have come: a ridge regression around the
rule's belief, in which notices share one effect and deviate from it less and less freely (by kind; by person; from
stage 3 on by both). The second step is there because the first alone gives people who hardly ever come hardly any
effect, whatever the data say: ADR 0015 has the figures. Where decisions say little, the rule's belief remains.

Only decisions with a known propensity are learned from. How they were drawn is not modelled: whatever made one notice
likelier than another must be among the features.
"""

from dataclasses import dataclass, replace

import numpy as np
from sklearn.calibration import CalibratedClassifierCV
from sklearn.frozen import FrozenEstimator
from sklearn.impute import SimpleImputer
from sklearn.linear_model import LogisticRegression
from sklearn.pipeline import Pipeline
from sklearn.preprocessing import FunctionTransformer, StandardScaler

from ml.decisions import DecisionRows
from ml.features import FEATURE_NAMES, FEATURES_VERSION
from ml.lapse import RECENCY, OneClassOnly, SkewedFeatures
from ml.policy.scoring import none_index
from ml.rules import rule_effects
from ml.timeline import DAY_S

# Standard deviations of the priors around 0: first step, in log odds per standard deviation of a feature
FEATURE_WIDTH, EFFECT_WIDTH, MODIFIER_WIDTH, ARM_WIDTH = 0.3, 0.3, 0.1, 0.1
# Second step, in share reached: of all, of the rule's belief (relative), by person, its square, by kind, by both
REACH_WIDTH, BELIEF_WIDTH, PERSON_WIDTH, SQUARE_WIDTH, KIND_WIDTH, BOTH_WIDTH = 0.05, 1.0, 0.02, 0.01, 0.03, 0.01
MODIFIERS = (
    "recency_days", "active_days_7", "emails_28", "email_return_rate", "stale_skill_share", "role_gap",
    "profile_completeness",
)  # fmt: skip
WEEK_PEOPLE = 50.0  # as many without a notice say as much of a week as the model does
_EXTREME = 3.0  # standard deviations; beyond, an effect is not extrapolated


@dataclass(frozen=True)
class ReturnModel:
    """A fitted model with the features and arms it was made for.

    ``prepare`` and ``regress`` are scikit-learn's own types and the rest is plain, so that nothing of ours is ever
    stored as code; the columns between them are made by functions of this module.

    Attributes
    ----------
    modifiers : tuple of str
        The features by which effects may differ.
    per_arm : bool
        Whether each arm may differ by person in its own way (stage 3) or only as all do (stage 2).
    effects : tuple of float
        Coefficients of the second step.
    anyway : tuple of float
        Mean and standard deviation of the chance to come without a notice.
    """

    names: tuple[str, ...]
    arms: tuple[str, ...]
    modifiers: tuple[str, ...]
    per_arm: bool
    prepare: Pipeline
    regress: LogisticRegression | CalibratedClassifierCV
    effects: tuple[float, ...] = ()
    anyway: tuple[float, ...] = (0.0, 1.0)
    features_version: int = FEATURES_VERSION


def default_modifiers(names: tuple[str, ...]) -> tuple[str, ...]:
    """Return the features by which effects may differ unless others are named: ``MODIFIERS``, and all foreign ones."""
    return tuple(name for name in names if name in MODIFIERS or name not in FEATURE_NAMES)


def fit_returns(
    train: DecisionRows,
    calibration: DecisionRows | None = None,
    *,
    per_arm: bool = False,
    modifiers: tuple[str, ...] | None = None,
) -> ReturnModel:
    """Fit on decisions; the first step is calibrated by a sigmoid on later ones if there are any.

    Parameters
    ----------
    train, calibration : DecisionRows
        Rows without a propensity are left out.
    per_arm : bool
    modifiers : tuple of str, optional
        Features by which effects may differ; ``default_modifiers`` if left out.

    Raises
    ------
    OneClassOnly
        Everybody or nobody came back in a part, or nothing but one arm was ever done.
    SkewedFeatures
        The parts differ in features or arms, or a modifier is no feature.
    """
    modifiers = default_modifiers(train.names) if modifiers is None else modifiers
    if not set(modifiers) <= set(train.names):
        raise SkewedFeatures("effects may differ only by what is a feature")
    train = _learnable(train)
    if np.unique(train.arm).size < 2:
        raise OneClassOnly("nothing but one arm was ever done")
    prepare = _make_preparation().fit(train.values)
    known = prepare.transform(train.values)
    regress = LogisticRegression(C=1.0, solver="newton-cholesky", max_iter=200)
    model = ReturnModel(train.names, train.arms, modifiers, per_arm, prepare, regress)
    regress.fit(_design(model, known, train.arm), train.reward > 0)
    if calibration is not None:
        model = replace(model, regress=_calibrate(model, calibration))
    return _fit_effects(model, train, known)


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
        One column per arm of the model.

    Raises
    ------
    SkewedFeatures
        The columns or their version are not the model's.
    """
    anyway, effects = _predict(model, names, values)
    return np.clip(anyway[:, None] + effects, 0.0, 1.0)


def predict_effects(model: ReturnModel, names: tuple[str, ...], values: np.ndarray) -> np.ndarray:
    """Return what each arm adds to the chance of coming back, 0 for ``none``; as ``predict_returns``."""
    return _predict(model, names, values)[1]


def _predict(model: ReturnModel, names: tuple[str, ...], values: np.ndarray) -> tuple[np.ndarray, np.ndarray]:
    if tuple(names) != model.names or model.features_version != FEATURES_VERSION:
        raise SkewedFeatures("the features are not those the model was trained on")
    if not len(values):
        return np.zeros(0), np.zeros((0, len(model.arms)))
    known = model.prepare.transform(values)
    anyway, belief = _come_anyway(model, known), _belief(model, values)
    effects, none = belief.copy(), none_index(model.arms)
    for arm in range(len(model.arms)):
        columns = _effect_design(model, known, np.full(len(values), arm), anyway, belief[:, arm])
        effects[:, arm] += columns @ np.array(model.effects)
    effects[:, none] = 0.0
    return anyway, effects


def _make_preparation() -> Pipeline:
    return Pipeline(
        [
            ("impute", SimpleImputer(strategy="median", keep_empty_features=True)),
            ("compress", FunctionTransformer(np.arcsinh)),
            ("scale", StandardScaler()),
        ]
    )


def _calibrate(model: ReturnModel, calibration: DecisionRows) -> CalibratedClassifierCV:
    if (calibration.names, calibration.arms) != (model.names, model.arms):
        raise SkewedFeatures("the decisions to calibrate on have other features or arms")
    later = _learnable(calibration)
    calibrated = CalibratedClassifierCV(FrozenEstimator(model.regress), method="sigmoid")
    return calibrated.fit(_design(model, model.prepare.transform(later.values), later.arm), later.reward > 0)


def _learnable(rows: DecisionRows) -> DecisionRows:
    rows = rows.take(rows.is_learnable)
    if not rows.reward.size or (rows.reward > 0).all() or not (rows.reward > 0).any():
        raise OneClassOnly("everybody or nobody came back in a window")
    return rows


def _come_anyway(model: ReturnModel, known: np.ndarray) -> np.ndarray:
    """Return everybody's chance to come without a notice."""
    nothing = np.full(len(known), none_index(model.arms))
    return np.asarray(model.regress.predict_proba(_design(model, known, nothing))[:, 1])


def _belief(model: ReturnModel, values: np.ndarray) -> np.ndarray:
    """Return the rule's belief in each arm; 0 where it has none, or nothing is known of when people were last here."""
    if RECENCY not in model.names:
        return np.zeros((len(values), len(model.arms)))
    return rule_effects(model.arms, values[:, model.names.index(RECENCY)])


def _modifying(model: ReturnModel, known: np.ndarray) -> np.ndarray:
    return known[:, [model.names.index(name) for name in model.modifiers]]


def _is_arm(model: ReturnModel, arm: np.ndarray) -> np.ndarray:
    """Return one column per notice, 1 where it is the arm."""
    return np.delete(np.eye(len(model.arms))[arm], none_index(model.arms), axis=1)


def _design(model: ReturnModel, known: np.ndarray, arm: np.ndarray) -> np.ndarray:
    """Return the columns of the first step, each scaled by its prior's width so that one penalty serves all."""
    is_notice = (arm != none_index(model.arms))[:, None]
    blocks = [
        FEATURE_WIDTH * known,
        EFFECT_WIDTH * is_notice,
        MODIFIER_WIDTH * is_notice * _modifying(model, known),
        ARM_WIDTH * _is_arm(model, arm),
    ]
    return np.column_stack(blocks)


def _effect_design(
    model: ReturnModel, known: np.ndarray, arm: np.ndarray, anyway: np.ndarray, belief: np.ndarray
) -> np.ndarray:
    """Return the columns of the second step: shares reached, of those who would not have come."""
    mean, deviation = model.anyway
    person = np.column_stack([_modifying(model, known), (anyway - mean) / deviation]).clip(-_EXTREME, _EXTREME)
    is_arm = _is_arm(model, arm)
    blocks = [
        np.full((len(known), 1), REACH_WIDTH),
        BELIEF_WIDTH * belief[:, None],
        PERSON_WIDTH * person,
        SQUARE_WIDTH * (person**2 - 1),
        KIND_WIDTH * is_arm,
    ]
    if model.per_arm:
        blocks.append(BOTH_WIDTH * (is_arm[:, :, None] * person[:, None, :]).reshape(len(known), -1))
    return np.column_stack(blocks) * (1 - anyway)[:, None]


def _fit_effects(model: ReturnModel, train: DecisionRows, known: np.ndarray) -> ReturnModel:
    """Regress what receivers did, beyond coming anyway and the rule's belief, on the columns of the second step."""
    anyway = _come_anyway(model, known)
    model = replace(model, anyway=(float(anyway.mean()), float(max(anyway.std(), 1e-6))))
    told = train.arm != none_index(model.arms)
    anyway = _as_in_its_week(anyway, train, told)
    arm, belief = train.arm[told], _belief(model, train.values[told])
    believed = belief[np.arange(arm.size), arm]
    columns = _effect_design(model, known[told], arm, anyway[told], believed)
    beyond = (train.reward > 0)[told] - anyway[told] - believed
    noise = float((anyway[told] * (1 - anyway[told])).mean())
    precision = columns.T @ columns / noise + np.eye(columns.shape[1])
    return replace(model, effects=tuple(np.linalg.solve(precision, columns.T @ beyond / noise).tolist()))


def _as_in_its_week(anyway: np.ndarray, train: DecisionRows, told: np.ndarray) -> np.ndarray:
    """Move chances to what came true in their week for those without a notice: a holiday is not the notices' fault."""
    _, week = np.unique(train.decided_at // (7 * DAY_S), return_inverse=True)
    beyond = np.where(told, 0.0, (train.reward > 0) - anyway)
    shift = np.bincount(week, beyond) / (np.bincount(week, ~told) + WEEK_PEOPLE)
    return np.asarray(np.clip(anyway + shift[week], 0.01, 0.99))
