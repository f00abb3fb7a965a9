"""What the gate is told of a policy."""

import numpy as np
import pytest

from ml.estimators.value import Logged
from ml.evidence import measure_policy
from ml.gate import NOT_YET_MEASURABLE, judge_candidate
from tests.ml.test_gate import GOOD, replace

SIZE = 4000


def experiment(seed=1):
    """An even experiment of two arms; the second brings back those whose feature is high and annoys one in twenty."""
    rng = np.random.default_rng(seed)
    x, arm = rng.normal(size=(SIZE, 1)), rng.integers(2, size=SIZE)
    reward = (rng.random(SIZE) < 0.3 + 0.3 * arm * (x[:, 0] > 0) - 0.2 * arm * (x[:, 0] < 0)).astype(float)
    ends = rng.random(SIZE) < 0.05 * arm
    return Logged(x, arm, np.full(SIZE, 0.5), reward, np.arange(SIZE) // 2, 2), ends


def always(arm):
    return np.tile(np.eye(2)[arm], (SIZE, 1))


def test_a_policy_that_chooses_well_is_shown_to_beat_both_others():
    logged, ends = experiment()
    chosen = np.eye(2)[(logged.features[:, 0] > 0).astype(int)]
    figures = measure_policy(logged, ends, chosen, always(1), always(0))
    assert figures.value.value == pytest.approx(0.45, abs=0.03)
    assert figures.rule_value == pytest.approx(0.3, abs=0.03)
    assert figures.value.low > max(figures.incumbent_value, figures.rule_value)
    assert figures.effective_sample == pytest.approx(SIZE / 2, rel=0.05)
    assert figures.unsubscribe_rate < figures.incumbent_unsubscribe_rate
    assert judge_candidate(replace(GOOD, policy=figures)).highest_stage == 3


def test_a_policy_that_annoys_more_is_refused_by_name():
    logged, ends = experiment()
    figures = measure_policy(logged, ends, always(1), always(0), always(0))
    assert "unsubscribes_no_worse" in judge_candidate(replace(GOOD, policy=figures)).reasons


def test_a_policy_that_does_what_the_rule_does_is_not_shown_to_beat_it():
    logged, ends = experiment()
    report = judge_candidate(replace(GOOD, policy=measure_policy(logged, ends, always(1), always(1), always(1))))
    assert {"policy_beats_incumbent", "policy_beats_rule"} <= set(report.reasons)
    assert not any(condition.verdict == NOT_YET_MEASURABLE for condition in report.conditions)
