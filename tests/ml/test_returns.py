"""The model of incremental return: finds the effects of an invented experiment, and invents none."""

from dataclasses import replace

import numpy as np
import pytest

from ml.estimators.weighting import ImpossiblePropensity
from ml.lapse import OneClassOnly, SkewedFeatures
from ml.policy.scoring import NoneMissing
from ml.returns import DecisionRows, fit_returns, predict_effects, predict_returns
from ml.rules import rule_effects

ARMS = ("digest", "none", "role_gap")
NAMES = ("recency_days", "gap", "noise", "unrecorded")
STRENGTH = np.array([0.4, 0.0, 1.2])


def chances(values, strength):
    """The true chance to come back after each arm: mail helps those with a gap, and role_gap most."""
    usual = -0.5 - 0.5 * np.arcsinh(values[:, 0] / 10)
    return 1 / (1 + np.exp(-(usual[:, None] + (values[:, 1] > 0)[:, None] * strength)))


def experiment(seed, size=6000, strength=STRENGTH):
    rng = np.random.default_rng(seed)
    values = np.column_stack(
        [rng.gamma(2, 8, size), rng.normal(size=size), rng.normal(size=size), np.full(size, np.nan)]
    )
    arm = rng.choice(3, size, p=[0.25, 0.5, 0.25])
    reward = rng.random(size) < chances(values, strength)[np.arange(size), arm]
    propensity = np.where(arm == 1, 0.5, 0.25)
    return DecisionRows(NAMES, values, ARMS, arm, reward, propensity, np.arange(size) // 4, np.zeros(size, np.int64))


def test_effects_are_found_where_they_are():
    test = experiment(3)
    true = chances(test.values, STRENGTH)
    effects = predict_effects(fit_returns(experiment(1, 20_000), per_arm=True), NAMES, test.values)
    moved = test.values[:, 1] > 0
    assert (effects[:, 1] == 0).all()
    assert effects[moved, 2].mean() > 2 * effects[~moved, 2].mean()
    assert effects[:, 2].mean() == pytest.approx((true[:, 2] - true[:, 1]).mean(), abs=0.03)
    assert effects[:, 2].mean() > effects[:, 0].mean() + 0.03


def test_returns_are_calibrated_on_the_later_window():
    later, test = experiment(2), experiment(3)
    rng = np.random.default_rng(0)
    fewer = replace(later, reward=later.reward & (rng.random(later.reward.size) < 0.5))
    plain, calibrated = fit_returns(experiment(1)), fit_returns(experiment(1), fewer)
    means = [predict_returns(model, NAMES, test.values)[:, 1].mean() for model in (plain, calibrated)]
    assert means[1] == pytest.approx(means[0] / 2, rel=0.15)


def test_mail_that_does_nothing_is_said_to_do_next_to_nothing():
    effects = predict_effects(
        fit_returns(experiment(1, 40_000, np.zeros(3)), per_arm=True), NAMES, experiment(2).values
    )
    assert np.abs(effects.mean(axis=0)).max() < 0.02


def test_effects_may_be_kept_from_differing_by_a_feature():
    rows, values = experiment(1, 20_000), experiment(2).values.copy()
    values[:, 0] = 10.0
    gains = []
    for modifiers in (None, ("recency_days",)):
        effects = predict_effects(fit_returns(rows, modifiers=modifiers), NAMES, values)[:, 2]
        gains.append(effects[values[:, 1] > 0].mean() - effects[values[:, 1] <= 0].mean())
    assert gains[0] > 0.1 > 2 * abs(gains[1])
    with pytest.raises(SkewedFeatures):
        fit_returns(rows, modifiers=("age",))


def test_where_little_was_decided_the_rules_belief_remains():
    arms = ("endorsed", "none", "role_gap")
    few = replace(experiment(1, 60), arms=arms)
    effects = predict_effects(fit_returns(few), NAMES, experiment(2).values)
    believed = rule_effects(arms, experiment(2).values[:, 0])
    assert np.abs(effects - believed).mean() < 0.03
    assert np.corrcoef(effects[:, 0], believed[:, 0])[0, 1] > 0.9


def test_what_a_notice_adds_is_what_its_return_is_higher_by():
    model, values = fit_returns(experiment(1), experiment(2)), experiment(3).values
    returns, effects = predict_returns(model, NAMES, values), predict_effects(model, NAMES, values)
    inside = (returns > 0) & (returns < 1)
    np.testing.assert_allclose((returns - returns[:, [1]])[inside], effects[inside], atol=1e-12)
    assert inside.mean() > 0.99


def test_decisions_without_a_known_propensity_are_not_learned_from():
    rows = experiment(1)
    odd = rows.take(np.arange(2000))
    odd = replace(odd, propensity=np.full(2000, np.nan), reward=np.ones(2000, dtype=bool))
    both = DecisionRows(
        NAMES, np.vstack([rows.values, odd.values]), ARMS,
        *(np.concatenate([getattr(rows, name), getattr(odd, name)])
          for name in ("arm", "reward", "propensity", "user_ids", "decided_at")),
    )  # fmt: skip
    asked = experiment(2).values
    expected = predict_returns(fit_returns(rows), NAMES, asked)
    np.testing.assert_array_equal(predict_returns(fit_returns(both), NAMES, asked), expected)


@pytest.mark.parametrize("change", ["name", "order", "version"])
def test_features_computed_differently_at_serving_are_refused(change):
    model, names = fit_returns(experiment(1)), NAMES
    if change == "name":
        names = ("recency_hours", *NAMES[1:])
    elif change == "order":
        names = tuple(reversed(NAMES))
    else:
        model = replace(model, features_version=0)
    with pytest.raises(SkewedFeatures):
        predict_effects(model, names, experiment(2).values)


def test_calibrating_on_other_features_or_arms_is_refused():
    rows = experiment(1)
    with pytest.raises(SkewedFeatures):
        fit_returns(rows, replace(rows, names=tuple(reversed(NAMES))))


def test_one_class_and_one_arm_teach_nothing():
    rows = experiment(1)
    with pytest.raises(OneClassOnly):
        fit_returns(replace(rows, reward=np.ones_like(rows.reward)))
    with pytest.raises(OneClassOnly):
        fit_returns(replace(rows, arm=np.ones_like(rows.arm)))
    with pytest.raises(OneClassOnly):
        fit_returns(rows.take(np.zeros(0, dtype=int)))


def test_impossible_decisions_are_refused():
    rows = experiment(1, 10)
    with pytest.raises(ImpossiblePropensity):
        replace(rows, propensity=np.zeros(10))
    with pytest.raises(NoneMissing):
        replace(rows, arms=("digest", "role_gap", "endorsed"))
    with pytest.raises(ValueError, match="one value"):
        replace(rows, arm=rows.arm[:9])
    with pytest.raises(ValueError, match="not among"):
        replace(rows, arm=np.full(10, 3))


def test_nobody_gets_no_prediction():
    assert predict_effects(fit_returns(experiment(1)), NAMES, np.zeros((0, 4))).shape == (0, 3)
