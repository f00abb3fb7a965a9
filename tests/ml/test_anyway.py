"""Who comes anyway is right for every group of people, additive log odds or not; else notices are blamed for it."""

import numpy as np

from ml.anyway import PAIRED, anyway_columns
from ml.features import FEATURE_NAMES
from ml.returns import DecisionRows, fit_returns, predict_effects, predict_returns

ARMS = ("none", "role_gap")
NAMES = ("recency_days", "active_days_28", "profile_completeness")


def test_features_that_tell_when_somebody_was_here_are_paired_and_no_others():
    known = np.array([[1.0, 9.0, 5.0]])
    columns = anyway_columns(NAMES, known)
    np.testing.assert_allclose(columns, [[0.3, 2.7, 1.5, 0.15, 0.45, 1.35]])  # 9 is an extreme, and counts as 3
    assert anyway_columns(("history", "visits"), known[:, :2]).shape == (1, 2)
    assert set(PAIRED) <= set(FEATURE_NAMES)


def drawn(seed, size=30_000, reach=0.1):
    """People come most at a middling recency; those long away are written to more, and reached alike."""
    rng = np.random.default_rng(seed)
    recency = rng.uniform(1, 60, size)
    values = np.column_stack([recency, rng.poisson(6, size), rng.normal(size=size)])
    usual = 0.1 + 0.6 * np.exp(-(((np.arcsinh(recency) - 3) / 0.7) ** 2))
    odds = np.where(recency > 25, 0.6, 0.2)
    told = rng.random(size) < odds
    reward = (rng.random(size) < usual) | (told & (rng.random(size) < reach))
    propensity = np.where(told, odds, 1 - odds)
    weeks = rng.integers(0, 8, size) * 7 * 86_400
    return usual, DecisionRows(NAMES, values, ARMS, told.astype(int), reward, propensity, np.arange(size), weeks)


def test_the_chance_to_come_is_nearer_for_every_group_than_log_odds_that_add_up(monkeypatch):
    usual, rows = drawn(1)
    bounds = ((1, 5), (5, 10), (10, 20), (20, 35), (35, 60))
    groups = [(rows.values[:, 0] >= low) & (rows.values[:, 0] < high) for low, high in bounds]

    def worst():
        anyway = predict_returns(fit_returns(rows), NAMES, rows.values)[:, 0]
        return max(abs(float(anyway[group].mean() - usual[group].mean())) for group in groups)

    paired = worst()
    monkeypatch.setattr("ml.anyway.PAIRED", ())
    assert paired < 0.5 * worst()


def test_a_notice_that_reaches_long_absent_people_less_is_found_to():
    _, near = drawn(1)
    rng = np.random.default_rng(5)
    far = rng.random(near.arm.size) < 0.5
    values = near.values.copy()
    values[far, 0] = rng.uniform(120, 200, far.sum())
    reward = rng.random(far.size) < 0.2 + 0.25 * ((near.arm == 1) & ~far)
    rows = DecisionRows(NAMES, values, ARMS, near.arm, reward, near.propensity, near.user_ids, near.decided_at)
    effects = predict_effects(fit_returns(rows), NAMES, values)[:, 1]
    assert effects[far].mean() < 0.4 * effects[~far].mean()
