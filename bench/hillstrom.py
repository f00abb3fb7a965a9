"""Hillstrom: who visits after a mail, and to whom is it worth sending at 0.045 visits a mail? Random 70/30 splits."""

import tempfile
import time
from dataclasses import replace
from pathlib import Path
from typing import Any

import numpy as np

from bench.behaviour import HILLSTROM_FACTS, VISIT_DAYS, Mailing, read_hillstrom
from bench.stack import print_table
from ml.artefact import load_artefact, save_artefact
from ml.estimators.value import Logged, estimate_value
from ml.evidence import measure_policy
from ml.features import build_features
from ml.gate import GateReport, judge_candidate
from ml.labels import label_return
from ml.lapse import predict_lapse
from ml.returns import DecisionRows, ReturnModel, fit_returns, predict_effects
from ml.timeline import DAY_S
from ml.training import Candidate, train_on_rows
from ml.windows import LabelledRows

SEND_COST = 0.045
ARMS = ("none", "mail")
NAMES = ("recency_days", *HILLSTROM_FACTS)
PARTS = {"train": (0.0, 0.56), "calibration": (0.56, 0.70), "test": (0.70, 1.0)}
POLICIES = ("uplift", "rule", "response", "all", "none")
TARGET = {"auc": 0.621, "uplift": 0.1224}
PUBLISHED = {"uplift": 0.1224, "all": 0.1065, "response": 0.1129, "rule": 0.1218}


def measure(folder: Path, splits: int, replicates: int) -> dict[str, Any]:
    """Learn on 70 % and judge on 30 % of the people, several times; seeds are 0 to the number of splits."""
    began = time.monotonic()
    rows = _decisions(read_hillstrom(folder))
    found = [_judge(rows, seed, replicates) for seed in range(splits)]
    values = {name: [split["values"][name].doubly_robust for split in found] for name in POLICIES}
    print(f"Hillstrom: {rows.arm.size:,} people, {splits} splits; visits less {SEND_COST} a mail, by policy")
    print_table([{"policy": name, "doubly_robust": _mean([e.value for e in estimates]),
                  "standard_error": _mean([e.standard_error for e in estimates]),
                  "snips": _mean([split["values"][name].snips.value for split in found]),
                  "sent": _mean([split["sent"][name] for split in found]),
                  "published": PUBLISHED.get(name, "")} for name, estimates in values.items()])  # fmt: skip
    aucs = [split["candidate"].evaluation.metrics["model"]["auc"].value for split in found]
    auc, uplift = _mean(aucs), [estimate.value for estimate in values["uplift"]]
    print(f"AUC of a visit after a mail: {auc}")
    for against in ("all", "rule"):
        print(f"Uplift instead of what serves, {against} (split 0):")
        print("\n".join(found[0]["gates"][against].lines))
    figures = {name: _mean([e.value for e in estimates]) for name, estimates in values.items()}
    return {
        "auc": auc, "values": figures, "splits": splits,
        "effective_sample": _mean([e.effective_sample for e in values["uplift"]]),
        "mean_weight": _mean([e.mean_weight for e in values["uplift"]]),
        "highest_stage": {against: [split["gates"][against].highest_stage for split in found]
                          for against in ("all", "rule")},
        "reasons": {against: list(found[0]["gates"][against].reasons) for against in ("all", "rule")},
        "chosen": [split["candidate"].card.choice.chosen for split in found],
        "is_reached": bool(np.mean(aucs) >= TARGET["auc"] and np.mean(uplift) >= TARGET["uplift"]),
        "seconds": round(time.monotonic() - began, 1),
    }  # fmt: skip


def _decisions(mailing: Mailing) -> DecisionRows:
    """Return the mailing as decisions: features of before, an even draw, and whether each came within 14 days."""
    at, ids = mailing.mailed_at, mailing.facts.user_ids
    table = build_features(mailing.events.before(at), mailing.facts, at, NAMES)
    decided_at = np.full(ids.size, at)
    visited, _ = label_return(mailing.events, ids, decided_at, at + VISIT_DAYS * DAY_S, VISIT_DAYS)
    arm = mailing.mailed.astype(np.int64)
    return DecisionRows(NAMES, table.values, ARMS, arm, visited, np.full(ids.size, 0.5), ids, decided_at)


def _judge(rows: DecisionRows, seed: int, replicates: int) -> dict[str, Any]:
    order = np.random.default_rng(seed).permutation(rows.arm.size)
    parts = {name: rows.take(order[round(low * order.size) : round(high * order.size)])
             for name, (low, high) in PARTS.items()}  # fmt: skip
    test = parts["test"]
    with tempfile.TemporaryDirectory() as place:
        returns = _fit_returns(parts, Path(place) / "returns.zip", seed)
        candidate = train_on_rows({name: _response(part) for name, part in parts.items()}, VISIT_DAYS,
                                  int(test.decided_at[0]) + VISIT_DAYS * DAY_S, Path(place) / "response.zip", seed,
                                  replicates=replicates)  # fmt: skip
    usual = float(parts["train"].reward[parts["train"].arm == 0].mean())
    gained = 1 - predict_lapse(candidate.model, NAMES, test.values) - usual
    every = np.ones(test.arm.size, dtype=bool)
    sends = {
        "uplift": predict_effects(returns, NAMES, test.values)[:, ARMS.index("mail")] > SEND_COST,
        "rule": test.values[:, NAMES.index("bought_womens")] > 0,
        "response": gained > SEND_COST, "all": every, "none": ~every,
    }  # fmt: skip
    policies = {name: np.column_stack([~who, who]).astype(np.float64) for name, who in sends.items()}
    logged = Logged(test.values, test.arm, test.propensity, test.reward - SEND_COST * test.arm, test.user_ids, 2)
    outcome = logged.predict_rewards(seed)
    return {
        "candidate": candidate,
        "values": {name: estimate_value(logged, policy, outcome) for name, policy in policies.items()},
        "sent": {name: float(who.mean()) for name, who in sends.items()},
        "gates": {against: _gate(candidate, logged, policies, against, seed) for against in ("all", "rule")},
    }


def _fit_returns(parts: dict[str, DecisionRows], path: Path, seed: int) -> ReturnModel:
    """Return the model as it comes back from its file, as it would be served."""
    fitted = fit_returns(parts["train"], parts["calibration"])
    saved = save_artefact(fitted, parts["test"].values, path, seed)
    return load_artefact(saved.path, saved.sha256, ReturnModel)


def _response(part: DecisionRows) -> LabelledRows:
    """Return the mailed as rows of the lapse model: no visit is a lapse."""
    mailed = part.take(part.arm == ARMS.index("mail"))
    return LabelledRows(NAMES, mailed.values, ~mailed.reward, mailed.user_ids, mailed.decided_at)


def _gate(candidate: Candidate, logged: Logged, policies: dict[str, np.ndarray], against: str, seed: int) -> GateReport:
    """Judge the uplift policy where this policy is what serves and the rule; unsubscribes were not recorded."""
    nobody = np.zeros(logged.arm.size, dtype=bool)
    figures = measure_policy(logged, nobody, policies["uplift"], policies[against], policies[against], seed)
    return judge_candidate(replace(candidate.evidence, policy=figures))


def _mean(figures: list[float]) -> float:
    return round(float(np.mean(figures)), 4)
