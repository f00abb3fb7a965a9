"""The alarm on effects: silent while they hold and in holidays, loud when they change."""

import numpy as np
import pytest

from ml.policy.watching import watch_effects


def decisions(seed, effect, holiday=0.0, size=12_000):
    rng = np.random.default_rng(seed)
    is_notice = rng.random(size) < 0.25
    predicted = 0.3 + 0.08 * is_notice
    return predicted, rng.random(size) < 0.3 - holiday + effect * is_notice, is_notice


def test_effects_that_hold_raise_no_alarm():
    assert sum(watch_effects(*decisions(seed, 0.08)).is_alarm for seed in range(100)) <= 2


def test_a_holiday_raises_no_alarm():
    assert sum(watch_effects(*decisions(seed, 0.08, holiday=0.1)).is_alarm for seed in range(100)) <= 2


def test_effects_that_are_gone_do():
    assert all(watch_effects(*decisions(seed, 0.0)).is_alarm for seed in range(20))


def test_a_watch_by_hand():
    predicted = np.concatenate([np.full(400, 0.5), np.full(400, 0.25), [np.nan]])
    returned = np.concatenate([np.arange(400) < 100, np.arange(400) < 100, [True]])
    watch = watch_effects(predicted, returned, np.concatenate([np.arange(800) < 400, [True]]))
    assert watch.shift == pytest.approx(-0.25)
    assert watch.standard_error == pytest.approx(np.sqrt(2 * 0.25 * 0.75 / 399))
    assert watch.is_alarm


def test_too_few_say_nothing():
    assert not watch_effects(np.full(300, 0.9), np.zeros(300, bool), np.arange(300) < 150).is_alarm
