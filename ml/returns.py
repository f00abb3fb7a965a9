"""Incremental return: how likely somebody comes back after each notice, and after none.

Two steps. Who would come anyway is said by one logistic regression of the features, of *written to or not* and of the
products of both, over all decisions (an S-learner; Künzel et al., 2019). ``ml.anyway`` has its columns. What a notice
adds is then learned from what its receivers did beyond that, as the share it reaches of those who would not have come.
That share is the rule's belief times factors: for all, by kind, by how long somebody is away, by what the kind is
about, by person, and by kind lately, so that a change shows within weeks; from stage 3 on by kind and person. Factors
multiply, as tiredness and relevance do, and stay near 1 where decisions say little: there the rule's belief remains.
ADR 0015 has the figures.

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

from ml.anyway import anyway_columns
from ml.decisions import DecisionRows
from ml.features import FEATURE_NAMES, FEATURES_VERSION
from ml.lapse import RECENCY, OneClassOnly, SkewedFeatures
from ml.policy.scoring import none_index
from ml.reaching import LEAST_NOISE, fit_shares, share_reached
from ml.rules import PRIOR_EFFECTS, WRITE_AFTER_DAYS, rule_effects
from ml.timeline import DAY_S

# Standard deviations of the priors around 0: first step, in log odds per standard deviation of a feature
EFFECT_WIDTH, MODIFIER_WIDTH, ARM_WIDTH = 0.3, 0.1, 0.1
# Second step, in log of the share reached: of all, by person, its square, of who was away for a week, by each eight
# weeks away from a knot on, by kind, by kind lately, by what a kind is about, by kind and person
REACH_WIDTH, PERSON_WIDTH, SQUARE_WIDTH, AWAY_WIDTH, SLOPE_WIDTH = 0.7, 0.1, 0.03, 0.4, 0.25
KIND_WIDTH, LATELY_WIDTH, ABOUT_WIDTH, BOTH_WIDTH = 0.2, 0.2, 0.4, 0.05
AWAY_KNOTS, SLOPE_DAYS, MOST_SLOPES = (14, 28, 56), 56, 5.0  # days; beyond 40 weeks nothing weakens further
ABOUT = {"role_gap": "role_gap", "skill_stale": "stale_skill_share"}  # kinds that concern some more than others
LATELY_DAYS = 28  # what kinds do lately may differ from what they did; the difference halves in so many days
UNKNOWN_BELIEF = 0.04  # what a notice is taken to add of which the rule believes nothing
MODIFIERS = ("active_days_7", "emails_28", "email_return_rate", "profile_completeness")
WEEK_PEOPLE = 50.0  # as many without a notice say as much of a week as the model does
_EXTREME = 3.0  # standard deviations; beyond, an effect is not extrapolated


@dataclass(frozen=True)
class ReturnModel:
    """A fitted model with the features and arms it was made for.

    ``prepare`` and ``regress`` are scikit-learn's own types and the rest is plain, so that nothing of ours is ever
    stored as code; the columns between them are made by functions of this module and of
    ``ml.anyway``: whoever changes those raises ``ml.artefact.FORMAT_VERSION``.

    Attributes
    ----------
    modifiers : tuple of str
        The features by which effects may differ.
    per_arm : bool
        Whether each arm may differ by person in its own way (stage 3) or only as all do (stage 2).
    effects : tuple of float
        Coefficients of the second step, in logarithms of the share reached.
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
    person, now = _Person.of(model, values, known, anyway), np.ones(len(values))
    effects, none = np.zeros_like(belief), none_index(model.arms)
    for arm in range(len(model.arms)):
        if arm != none:
            logs = _effect_design(model, person, np.full(len(values), arm), now) @ np.array(model.effects)
            effects[:, arm] = (1 - anyway) * share_reached(belief[:, arm], logs)
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
    """Return the share each arm is believed to reach of who would not have come, from the rule's belief."""
    recency = np.full(len(values), np.inf)
    if RECENCY in model.names:
        recency = values[:, model.names.index(RECENCY)]
    believed = rule_effects(model.arms, recency)
    unknown = np.array([arm not in PRIOR_EFFECTS for arm in model.arms])
    believed[:, unknown] = UNKNOWN_BELIEF
    return believed / (1 - model.anyway[0])


def _modifying(model: ReturnModel, known: np.ndarray) -> np.ndarray:
    return known[:, [model.names.index(name) for name in model.modifiers]]


def _is_arm(model: ReturnModel, arm: np.ndarray) -> np.ndarray:
    """Return one column per notice, 1 where it is the arm."""
    return np.delete(np.eye(len(model.arms))[arm], none_index(model.arms), axis=1)


def _design(model: ReturnModel, known: np.ndarray, arm: np.ndarray) -> np.ndarray:
    """Return the columns of the first step, each scaled by its prior's width so that one penalty serves all."""
    is_notice = (arm != none_index(model.arms))[:, None]
    blocks = [
        anyway_columns(model.names, known),
        EFFECT_WIDTH * is_notice,
        MODIFIER_WIDTH * is_notice * _modifying(model, known),
        ARM_WIDTH * _is_arm(model, arm),
    ]
    return np.column_stack(blocks)


@dataclass(frozen=True)
class _Person:
    """What effects may differ by: features in standard deviations, the time away, what kinds are about."""

    features: np.ndarray
    away: np.ndarray
    about: np.ndarray

    @classmethod
    def of(cls, model: ReturnModel, values: np.ndarray, known: np.ndarray, anyway: np.ndarray) -> "_Person":
        mean, deviation = model.anyway
        # who comes anyway is known from all features, so that it may tell nothing where only some may
        is_free = model.modifiers == default_modifiers(model.names)
        features = np.column_stack([_modifying(model, known), is_free * (anyway - mean) / deviation])
        recency = values[:, model.names.index(RECENCY)] if RECENCY in model.names else np.zeros(len(values))
        about = np.zeros((len(values), len(model.arms)))
        for place, arm in enumerate(model.arms):
            if ABOUT.get(arm) in model.names:
                about[:, place] = known[:, model.names.index(ABOUT[arm])]
        return cls(features.clip(-_EXTREME, _EXTREME), _away(recency), about.clip(-_EXTREME, _EXTREME))


def _away(recency_days: np.ndarray) -> np.ndarray:
    """Return whether somebody was away for a week, and how long beyond each knot: a line that may bend there."""
    beyond = (recency_days[:, None] - np.array(AWAY_KNOTS)) / SLOPE_DAYS
    was_away = recency_days[:, None] >= WRITE_AFTER_DAYS
    return np.column_stack([AWAY_WIDTH * was_away, SLOPE_WIDTH * beyond.clip(0, MOST_SLOPES)])


def _effect_design(model: ReturnModel, person: _Person, arm: np.ndarray, lately: np.ndarray) -> np.ndarray:
    """Return the columns of the second step; ``lately`` is 1 now and halves with every ``LATELY_DAYS`` back."""
    is_arm = _is_arm(model, arm)
    blocks = [
        np.full((arm.size, 1), REACH_WIDTH),
        PERSON_WIDTH * person.features,
        SQUARE_WIDTH * (person.features**2 - 1),
        person.away,
        KIND_WIDTH * is_arm,
        LATELY_WIDTH * is_arm * lately[:, None],
        ABOUT_WIDTH * is_arm * np.delete(person.about, none_index(model.arms), axis=1),
    ]
    if model.per_arm:
        blocks.append(BOTH_WIDTH * (is_arm[:, :, None] * person.features[:, None, :]).reshape(arm.size, -1))
    return np.column_stack(blocks)


def _fit_effects(model: ReturnModel, train: DecisionRows, known: np.ndarray) -> ReturnModel:
    """Find how much more or less than believed was reached, by damped least squares around the rule's belief."""
    anyway = _come_anyway(model, known)
    model = replace(model, anyway=(float(anyway.mean()), float(max(anyway.std(), 1e-6))))
    told = train.arm != none_index(model.arms)
    person, arm = _Person.of(model, train.values[told], known[told], anyway[told]), train.arm[told]
    anyway = _as_in_its_week(anyway, train, told)[told]
    lately = np.exp2((train.decided_at[told] - train.decided_at.max()) / (LATELY_DAYS * DAY_S))
    columns = _effect_design(model, person, arm, lately)
    belief = _belief(model, train.values[told])[np.arange(arm.size), arm]
    beyond = (train.reward > 0)[told] - anyway
    effects = fit_shares(columns, belief, 1 - anyway, beyond, anyway * (1 - anyway) + LEAST_NOISE)
    return replace(model, effects=tuple(effects.tolist()))


def _as_in_its_week(anyway: np.ndarray, train: DecisionRows, told: np.ndarray) -> np.ndarray:
    """Move chances to what came true in their week for those without a notice: a holiday is not the notices' fault."""
    _, week = np.unique(train.decided_at // (7 * DAY_S), return_inverse=True)
    beyond = np.where(told, 0.0, (train.reward > 0) - anyway)
    shift = np.bincount(week, beyond) / (np.bincount(week, ~told) + WEEK_PEOPLE)
    return np.asarray(np.clip(anyway + shift[week], 0.01, 0.99))
