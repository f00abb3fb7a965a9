"""The gate: a candidate serves only if every condition holds, and each says with its figure why it does or not.

A policy's value can be measured only after enough decisions have matured. Until then those conditions read *not yet
measurable*: that is enough for stage 1, where the lapse model merely orders what the rule would send, and never for
stages 2 and 3, where an estimated effect decides.
"""

import math
from dataclasses import dataclass

from ml.bootstrap import Interval

PASSED, REFUSED, NOT_YET_MEASURABLE = "passed", "refused", "not yet measurable"
MIN_ROWS, MIN_CLASS_ROWS = 1_000, 100
LEAKAGE_AUC = 0.98
SLOPE_RANGE = (0.8, 1.25)
MEAN_TOLERANCE = 0.10
MIN_DECISIONS = 1_000
MIN_EFFECTIVE, MIN_EFFECTIVE_SHARE = 200, 0.05


@dataclass(frozen=True)
class PolicyFigures:
    """What the logged decisions say about the policy a candidate would serve.

    Attributes
    ----------
    decisions : int
        Matured decisions with known propensities.
    value : Interval
        Doubly-robust value of the candidate policy.
    incumbent_value, rule_value : float
        Values of what serves now and of the plain rule, by the same estimator.
    over_incumbent, over_rule : Interval, optional
        The candidate's gain over each, estimated as a difference on the same decisions; where given, its lower bound
        decides, because the interval of a difference is far narrower than that of either value.
    effective_sample : float
        Kish's effective sample size of the importance weights.
    unsubscribe_rate, incumbent_unsubscribe_rate : float
        Estimated shares of decisions that end in an unsubscribe.
    """

    decisions: int
    value: Interval
    incumbent_value: float
    rule_value: float
    effective_sample: float
    unsubscribe_rate: float
    incumbent_unsubscribe_rate: float
    over_incumbent: Interval | None = None
    over_rule: Interval | None = None

    def gain_low(self, over: str) -> float:
        """Return the lower bound of the gain over ``incumbent`` or ``rule``."""
        gain: Interval | None = getattr(self, f"over_{over}")
        return self.value.low - float(getattr(self, f"{over}_value")) if gain is None else gain.low


@dataclass(frozen=True)
class GateEvidence:
    """Everything the gate looks at; rows are all matured rows of train, calibration and test."""

    matured_rows: int
    lapsed_rows: int
    auc: Interval
    auc_gain: Interval
    calibration_slope: float
    mean_ratio: float
    brier_skill: float
    artefact_loads: bool
    policy: PolicyFigures | None = None


@dataclass(frozen=True)
class Condition:
    """One condition: what was measured, what was asked, and the verdict."""

    name: str
    figure: float | None
    asked: str
    verdict: str
    needed_from_stage: int = 1


@dataclass(frozen=True)
class GateReport:
    """All conditions in their fixed order."""

    conditions: tuple[Condition, ...]

    def admits(self, stage: int) -> bool:
        """Return whether a candidate may serve at a stage; stage 0 needs no model and is always open.

        A refused condition closes every stage from 1; one that is not yet measurable closes those that need it.
        """
        return stage == 0 or not any(
            condition.verdict == REFUSED
            or (condition.verdict == NOT_YET_MEASURABLE and stage >= condition.needed_from_stage)
            for condition in self.conditions
        )

    @property
    def highest_stage(self) -> int:
        """The highest stage the candidate may serve, 0 if it may not serve at all."""
        return max(stage for stage in range(4) if self.admits(stage))

    @property
    def reasons(self) -> tuple[str, ...]:
        """The names of the conditions that do not hold, for people to read."""
        return tuple(condition.name for condition in self.conditions if condition.verdict != PASSED)


def judge_candidate(evidence: GateEvidence) -> GateReport:
    """Hold a candidate against every condition; a figure that is NaN never passes."""
    return GateReport((*_model_conditions(evidence), *_policy_conditions(evidence.policy)))


def _model_conditions(seen: GateEvidence) -> tuple[Condition, ...]:
    smaller_class = min(seen.lapsed_rows, seen.matured_rows - seen.lapsed_rows)
    low, high = SLOPE_RANGE
    return (
        _condition("enough_rows", seen.matured_rows, f"≥ {MIN_ROWS}", seen.matured_rows >= MIN_ROWS),
        _condition("enough_of_each_class", smaller_class, f"≥ {MIN_CLASS_ROWS}", smaller_class >= MIN_CLASS_ROWS),
        _condition("no_leakage", seen.auc.value, f"AUC < {LEAKAGE_AUC}", seen.auc.value < LEAKAGE_AUC),
        _condition("beats_recency_only", seen.auc_gain.low, "lower bound of the gain > 0", seen.auc_gain.low > 0),
        _condition("slope", seen.calibration_slope, f"{low} – {high}", low <= seen.calibration_slope <= high),
        _condition("mean", seen.mean_ratio, "0.90 – 1.10", abs(seen.mean_ratio - 1) <= MEAN_TOLERANCE + 1e-12),
        _condition("brier_skill", seen.brier_skill, "> 0", seen.brier_skill > 0),
        _condition("artefact_loads", None, "loads and repeats its golden rows", seen.artefact_loads),
    )


def _policy_conditions(policy: PolicyFigures | None) -> tuple[Condition, ...]:
    asked = {
        "policy_beats_incumbent": "lower bound of the gain ≥ 0",
        "policy_beats_rule": "lower bound of the gain ≥ 0",
        "effective_sample": f"≥ max({MIN_EFFECTIVE}, {MIN_EFFECTIVE_SHARE:.0%} of decisions)",
        "unsubscribes_no_worse": "≤ incumbent's",
    }
    if policy is None or policy.decisions < MIN_DECISIONS:
        return tuple(Condition(name, None, text, NOT_YET_MEASURABLE, 2) for name, text in asked.items())
    enough = max(MIN_EFFECTIVE, MIN_EFFECTIVE_SHARE * policy.decisions)
    judged = {
        "policy_beats_incumbent": (policy.gain_low("incumbent"), policy.gain_low("incumbent") >= 0),
        "policy_beats_rule": (policy.gain_low("rule"), policy.gain_low("rule") >= 0),
        "effective_sample": (policy.effective_sample, policy.effective_sample >= enough),
        "unsubscribes_no_worse": (
            policy.unsubscribe_rate,
            policy.unsubscribe_rate <= policy.incumbent_unsubscribe_rate,
        ),
    }
    return tuple(_condition(name, *judged[name][:1], asked[name], judged[name][1], 2) for name in asked)


def _condition(name: str, figure: float | None, asked: str, holds: bool, stage: int = 1) -> Condition:
    known = None if figure is None or math.isnan(figure) else float(figure)
    return Condition(name, known, asked, PASSED if holds else REFUSED, stage)
