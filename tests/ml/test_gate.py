"""The gate passes what it should and names what it does not."""

from dataclasses import replace

import numpy as np
import pytest

from ml.bootstrap import Interval
from ml.gate import NOT_YET_MEASURABLE, PASSED, REFUSED, GateEvidence, PolicyFigures, judge_candidate

GOOD = GateEvidence(
    matured_rows=1000,
    lapsed_rows=100,
    auc=Interval(0.83, 0.81, 0.85),
    auc_gain=Interval(0.02, 0.001, 0.04),
    calibration_slope=1.25,
    mean_ratio=0.9,
    brier_skill=0.1,
    artefact_loads=True,
)
GOOD_POLICY = PolicyFigures(
    decisions=5000,
    value=Interval(0.40, 0.36, 0.44),
    incumbent_value=0.36,
    rule_value=0.35,
    effective_sample=250,
    unsubscribe_rate=0.004,
    incumbent_unsubscribe_rate=0.004,
)


def verdict(evidence, name):
    return next(condition.verdict for condition in judge_candidate(evidence).conditions if condition.name == name)


def test_a_candidate_at_every_limit_passes_stage_one_before_its_policy_can_be_measured():
    report = judge_candidate(GOOD)
    assert report.highest_stage == 1
    assert {c.verdict for c in report.conditions if c.needed_from_stage == 1} == {PASSED}
    assert {c.verdict for c in report.conditions if c.needed_from_stage == 2} == {NOT_YET_MEASURABLE}


def test_too_few_matured_decisions_are_not_yet_measurable():
    evidence = replace(GOOD, policy=replace(GOOD_POLICY, decisions=999))
    assert judge_candidate(evidence).highest_stage == 1
    assert verdict(evidence, "policy_beats_rule") == NOT_YET_MEASURABLE


def test_a_good_policy_opens_the_higher_stages():
    assert judge_candidate(replace(GOOD, policy=GOOD_POLICY)).highest_stage == 3


@pytest.mark.parametrize(
    ("name", "change"),
    [
        ("enough_rows", {"matured_rows": 999}),
        ("enough_of_each_class", {"lapsed_rows": 99}),
        ("enough_of_each_class", {"lapsed_rows": 901}),
        ("no_leakage", {"auc": Interval(0.98, 0.97, 0.99)}),
        ("no_leakage", {"auc": Interval(np.nan, np.nan, np.nan)}),
        ("beats_recency_only", {"auc_gain": Interval(0.01, 0.0, 0.02)}),
        ("beats_recency_only", {"auc_gain": Interval(0.01, np.nan, np.nan)}),
        ("slope", {"calibration_slope": 0.79}),
        ("slope", {"calibration_slope": 1.26}),
        ("slope", {"calibration_slope": np.nan}),
        ("mean", {"mean_ratio": 0.89}),
        ("mean", {"mean_ratio": 1.11}),
        ("brier_skill", {"brier_skill": 0.0}),
        ("artefact_loads", {"artefact_loads": False}),
    ],
)
def test_each_condition_of_the_model_refuses_by_name(name, change):
    report = judge_candidate(replace(GOOD, **change))
    assert [c.name for c in report.conditions if c.verdict == REFUSED] == [name]
    assert report.highest_stage == 0
    assert name in report.reasons


@pytest.mark.parametrize(
    ("name", "change"),
    [
        ("policy_beats_incumbent", {"incumbent_value": 0.37}),
        ("policy_beats_rule", {"rule_value": 0.37}),
        ("effective_sample", {"effective_sample": 249}),
        ("effective_sample", {"decisions": 1000, "effective_sample": 199}),
        ("unsubscribes_no_worse", {"unsubscribe_rate": 0.0041}),
        ("policy_beats_rule", {"rule_value": np.nan}),
    ],
)
def test_each_condition_of_the_policy_refuses_by_name(name, change):
    report = judge_candidate(replace(GOOD, policy=replace(GOOD_POLICY, **change)))
    assert [c.name for c in report.conditions if c.verdict == REFUSED] == [name]
    assert not report.admits(1)


def test_the_decision_is_told_with_a_reason_for_each_condition():
    refused = judge_candidate(replace(GOOD, brier_skill=-0.02))
    assert refused.lines[0] == "Gate: refused, the rule stays"
    assert "  refused            brier_skill                -0.02  asked: > 0" in refused.lines
    assert judge_candidate(GOOD).lines[0] == "Gate: may serve up to stage 1"
    assert len(refused.lines) == 1 + len(refused.conditions)
