"""From logged decisions to a return model with its card: split by time, fit, value the policy, save, load again, gate.

The model is judged twice: as a forecast, beside its baselines, on decisions later than those it learned from; and as a
policy, beside what serves and the plain rule, on the same later decisions. A candidate always comes out with both
verdicts; only missing decisions stop it, by name.
"""

import platform
from collections.abc import Callable
from dataclasses import asdict, dataclass
from pathlib import Path
from typing import Any

import numpy as np

from ml.artefact import SavedArtefact, load_artefact, save_artefact
from ml.bootstrap import REPLICATES, Interval
from ml.card import Choice, ModelCard, Part
from ml.costs import CostRates, count_costs
from ml.drift import ScoreSpread, spread_of
from ml.features import FeatureTable
from ml.gate import GateEvidence, GateReport, judge_candidate
from ml.labels import RETURN_DAYS
from ml.lapse import RECENCY, Evaluation, auc_difference, fit_lapse, measure_chance, predict_lapse
from ml.metrics import calibration_curve
from ml.policy.effects import stage_effects
from ml.policy.judging import LoggedDecisions, PolicyValues, mails_sent, policy_odds, value_policies
from ml.policy.scoring import STAGE_FROM_MATURED, PolicySettings
from ml.refusals import ArtefactRefused
from ml.returns import DecisionRows, ReturnModel, fit_returns, predict_effects, predict_returns
from ml.rules import rule_effects, rule_lapse
from ml.timeline import DAY_S
from ml.training import fingerprint_rows
from ml.windows import LabelledRows

LIMITS = (
    "It was learned from the notices that were drawn here; of a kind that was rarely sent it knows little.",
    "A return is an act within seven days. What people come back for, or whether it was worth it, it cannot see.",
    "It is shrunk to the rule by the number of decisions behind it, and serves only while the gate's figures hold.",
    "What it says of a person is for deciding on notices. It is shown to the person concerned and to nobody else.",
)
TEST_SHARE, CALIBRATION_SHARE = 0.25, 0.15  # of the time that the decisions span
LEAST_DECISIONS = 1_000
Believe = Callable[[FeatureTable], tuple[np.ndarray, int]]


class TooFewDecisions(ValueError):
    """Too few decisions have matured, or too little differs among them, to train, calibrate and test in turn."""


@dataclass(frozen=True)
class ReturnCandidate:
    """A trained model, where it lies, and everything known about it."""

    model: ReturnModel
    artefact: SavedArtefact
    gate: GateReport
    card: ModelCard
    values: PolicyValues
    costs: CostRates
    spread: ScoreSpread

    def to_dict(self) -> dict[str, Any]:
        """The card as JSON-ready data, with the values of the policies and the costs by kind."""
        rates = zip(
            self.costs.arms, self.costs.rate.tolist(), self.costs.mails.tolist(), self.costs.unsubscribes.tolist(),
            strict=True,
        )  # fmt: skip
        costs = {
            arm: {"rate": rate, "mails": int(mails), "unsubscribes": int(lost)} for arm, rate, mails, lost in rates
        }
        return self.card.to_dict() | {
            "policy": _finite(asdict(self.values)), "costs": costs, "spread": asdict(self.spread),
            "per_arm": self.model.per_arm,
        }  # fmt: skip

    def to_markdown(self) -> str:
        """The card as a page."""
        values = self.values
        shown = (
            ("this policy", values.candidate), ("what serves", values.incumbent), ("the rule", values.rule),
            ("gain over what serves", values.over_incumbent), ("gain over the rule", values.over_rule),
        )  # fmt: skip
        rows = [f"| {name} | {one.value:.4f} ({one.low:.4f} – {one.high:.4f}) |" for name, one in shown]
        sample = f"Effective sample {values.candidate.effective_sample:.0f} of {values.candidate.decisions}."
        heading = ["## Policy", "", "Returns per decision, doubly robust, on the test window's decisions.", sample, ""]
        table = ["| | value |", "|---|---|", *rows, ""]
        return "\n".join([self.card.to_markdown(), *heading, *table])


def train_return_candidate(
    logged: LoggedDecisions,
    has_cost: np.ndarray,
    incumbent: Believe,
    now: int,
    path: Path,
    seed: int = 0,
    settings: PolicySettings | None = None,
    replicates: int = REPLICATES,
) -> ReturnCandidate:
    """Train, judge and save a return model.

    Parameters
    ----------
    logged : LoggedDecisions
        All of them matured.
    has_cost : bool array, shape (n,)
        Which ended in an unsubscribe or complaint.
    incumbent : callable
        What serves now: effects of every arm for a table of people, and the stage at which they serve.

    Raises
    ------
    TooFewDecisions
    OneClassOnly
        Everybody or nobody came back in a part, or only one thing was ever done.
    """
    settings = settings or PolicySettings()
    parts = split_decisions(logged.rows)
    train, calibration, test = (logged.take(part) for part in parts)
    stage = 3 if logged.rows.arm.size >= STAGE_FROM_MATURED[3] else 2
    model = fit_returns(train.rows, calibration.rows, per_arm=stage == 3)
    costs = count_costs(logged.rows.arms, logged.rows.arm, has_cost)
    evaluation, spread = _evaluate(model, train.rows, calibration.rows, test.rows, seed, replicates)
    values = _value(model, test, costs, incumbent, stage, train.rows.arm.size, seed, settings)
    artefact = save_artefact(model, test.rows.values, path, seed)
    gate = judge_candidate(_evidence(logged.rows, evaluation, _loads(artefact), values))
    card = _write_card(model, [train.rows, calibration.rows, test.rows], evaluation, gate, artefact, now, seed)
    return ReturnCandidate(model, artefact, gate, card, values, costs, spread)


def split_decisions(rows: DecisionRows) -> tuple[np.ndarray, np.ndarray, np.ndarray]:
    """Return which decisions train, calibrate and test, by time, a label's days apart.

    Raises
    ------
    TooFewDecisions
    """
    at, gap = rows.decided_at, RETURN_DAYS * DAY_S
    if at.size < LEAST_DECISIONS:
        raise TooFewDecisions(f"{at.size} decisions have matured; learning what notices add needs {LEAST_DECISIONS}")
    first, last = int(at.min()), int(at.max())
    test_from = last - int(TEST_SHARE * (last - first))
    calibration_from = test_from - gap - int(CALIBRATION_SHARE * (last - first))
    parts = (
        at + gap <= calibration_from,
        (at >= calibration_from) & (at + gap <= test_from),
        at >= test_from,
    )
    if not all(part.any() for part in parts):
        raise TooFewDecisions("the decisions span too few weeks to train, calibrate and test one after the other")
    return parts


def _evaluate(
    model: ReturnModel, train: DecisionRows, calibration: DecisionRows, test: DecisionRows, seed: int, replicates: int
) -> tuple[Evaluation, ScoreSpread]:
    """Judge the forecast of what was done beside what knows no notices, or nothing but when somebody was last here."""
    fitted, fitted_later, judged = (_labelled(part) for part in (train, calibration, test))
    recency = fit_lapse(fitted, fitted_later, (RECENCY,))
    known = judged.column(RECENCY)
    predicted = {
        "model": predict_returns(model, test.names, test.values)[np.arange(test.arm.size), test.arm],
        "recency_only": predict_lapse(recency, (RECENCY,), known[:, None]),
        "rule": rule_lapse(known, fitted.column(RECENCY), fitted.lapsed),
        "prevalence": np.full(known.size, float(fitted.lapsed.mean())),
    }
    prevalence = float(fitted.lapsed.mean())
    metrics = {
        name: measure_chance(judged.lapsed, chance, prevalence, judged.user_ids, seed, replicates)
        for name, chance in predicted.items()
    }
    gain = auc_difference(judged, predicted["model"], predicted["recency_only"], seed, replicates)
    evaluation = Evaluation(metrics, gain, calibration_curve(judged.lapsed, predicted["model"]))
    return evaluation, spread_of(predicted["model"])


def _value(
    model: ReturnModel,
    test: LoggedDecisions,
    costs: CostRates,
    incumbent: Believe,
    stage: int,
    decisions: int,
    seed: int,
    settings: PolicySettings,
) -> PolicyValues:
    """Value what the model would do beside what serves and the rule, each with as many mails as were sent."""
    rows, mails = test.rows, mails_sent(test)
    table = FeatureTable(0, rows.user_ids, rows.names, rows.values)
    rule = rule_effects(rows.arms, table.column(RECENCY))
    measured = predict_effects(model, rows.names, rows.values)
    believed = stage_effects(rows.arms, stage, rule, return_effects=measured, matured=decisions)
    serving, serving_stage = incumbent(table)
    odds = [
        policy_odds(test, effects, costs, at_stage, mails, settings)
        for effects, at_stage in ((believed, stage), (serving, serving_stage), (rule, stage))
    ]
    candidate, serving_odds, rule_odds = odds
    return value_policies(test, candidate, serving_odds, rule_odds, costs, seed)


def _evidence(rows: DecisionRows, evaluation: Evaluation, loads: bool, values: PolicyValues) -> GateEvidence:
    measured = evaluation.metrics["model"]
    return GateEvidence(
        matured_rows=rows.arm.size,
        lapsed_rows=int(np.count_nonzero(rows.reward)),
        auc=measured["auc"],
        auc_gain=evaluation.auc_gain,
        calibration_slope=measured["calibration_slope"].value,
        mean_ratio=measured["mean_ratio"].value,
        brier_skill=measured["brier_skill"].value,
        artefact_loads=loads,
        policy=values.figures(),
    )


def _write_card(
    model: ReturnModel,
    parts: list[DecisionRows],
    evaluation: Evaluation,
    gate: GateReport,
    artefact: SavedArtefact,
    now: int,
    seed: int,
) -> ModelCard:
    measured, unknown = evaluation.metrics["model"], Interval(np.nan, np.nan, np.nan)
    family = "effects_by_arm" if model.per_arm else "common_effect"
    labelled = [_labelled(part) for part in parts]
    return ModelCard(
        name="return",
        trained_at=now,
        label=f"meaningful activity within {RETURN_DAYS} days of a decision",
        seed=seed,
        features=model.names,
        versions={**artefact.versions, "numpy": np.__version__, "python": platform.python_version()},
        data_fingerprint=fingerprint_rows(*labelled),
        parts=dict(zip(("train", "calibration", "test"), map(_describe, labelled), strict=True)),
        metrics=evaluation.metrics,
        auc_gain=evaluation.auc_gain,
        choice=Choice(family, unknown, {family: {name: measured[name] for name in ("auc", "brier")}}),
        curve=evaluation.curve,
        gate=gate,
        artefact_sha256=artefact.sha256,
        limits=LIMITS,
    )


def _loads(artefact: SavedArtefact) -> bool:
    try:
        load_artefact(artefact.path, artefact.sha256, ReturnModel)
    except ArtefactRefused:
        return False
    return True


def _labelled(rows: DecisionRows) -> LabelledRows:
    """Decisions as rows of a label: whoever came back has it."""
    return LabelledRows(rows.names, rows.values, rows.reward > 0, rows.user_ids, rows.decided_at)


def _describe(part: LabelledRows) -> Part:
    moments = np.unique(part.as_of)
    happened = int(np.count_nonzero(part.lapsed))
    users = int(np.unique(part.user_ids).size)
    return Part(int(moments[0]), int(moments[-1]), int(moments.size), int(part.lapsed.size), users, happened)


def _finite(values: Any) -> Any:
    if isinstance(values, dict):
        return {name: _finite(value) for name, value in values.items()}
    return None if isinstance(values, float) and not np.isfinite(values) else values
