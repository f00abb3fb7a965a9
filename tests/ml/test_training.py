"""The whole way from a log to a candidate with its card, on an invented company."""

import json
from dataclasses import replace

import numpy as np
import pytest

from ml.artefact import load_artefact
from ml.bootstrap import Interval
from ml.events import EventLog, join_logs, kind_code
from ml.gate import REFUSED, PolicyFigures, judge_candidate
from ml.lapse import predict_lapse
from ml.synthetic import make_company
from ml.timeline import DAY_S
from ml.training import fingerprint_rows, train_candidate
from ml.windows import regular_moments, split_in_time
from tests.ml.samples import AS_OF, rows_of_chance

COMPANY = make_company(seed=1, started_at=AS_OF)
MOMENTS = regular_moments(AS_OF + 42 * DAY_S, COMPANY.ended_at)
SPLIT = split_in_time(MOMENTS, COMPANY.ended_at, calibration_windows=3, test_windows=4)
FACTS = {moment: COMPANY.facts_at(moment) for moment in MOMENTS}


@pytest.fixture(scope="module")
def candidate(tmp_path_factory):
    path = tmp_path_factory.mktemp("models") / "lapse.zip"
    return train_candidate(COMPANY.events, FACTS, SPLIT, COMPANY.ended_at, path, seed=1, replicates=200)


def test_a_candidate_beats_the_prevalence_and_can_be_loaded(candidate):
    assert candidate.evaluation.metrics["model"]["brier_skill"].low > 0
    assert candidate.evaluation.metrics["model"]["auc"].low > 0.6
    loaded = load_artefact(candidate.artefact.path, candidate.artefact.sha256)
    values = np.zeros((2, len(loaded.names)))
    np.testing.assert_array_equal(
        predict_lapse(loaded, loaded.names, values), predict_lapse(candidate.model, loaded.names, values)
    )


def test_the_card_says_what_a_reader_needs(candidate):
    card = json.loads(json.dumps(candidate.card.to_dict(), allow_nan=False))
    assert card["parts"]["train"]["rows"] == 200 * len(SPLIT.train)
    assert card["parts"]["train"]["last_as_of"] + 14 * DAY_S <= card["parts"]["calibration"]["first_as_of"]
    assert set(card["metrics"]) == {"model", "recency_only", "rule", "prevalence"}
    assert card["metrics"]["prevalence"]["calibration_slope"]["value"] is None
    assert set(card["choice"]["metrics"]) == {"logistic_regression", "boosted_trees"}
    assert card["choice"]["chosen"] == candidate.model.family
    assert set(card["choice"]["auc_gain"]) == {"value", "low", "high"}
    assert card["gate"]["highest_stage"] == candidate.gate.highest_stage
    assert card["artefact_sha256"] == candidate.artefact.sha256
    assert {"scikit-learn", "numpy", "python", "features"} <= set(card["versions"])
    page = candidate.card.to_markdown()
    for text in (
        "## Gate",
        "beats_recency_only",
        "not yet measurable",
        "recency_only",
        "## Choice",
        "boosted_trees",
        "## Limits",
        "Seed 1",
    ):
        assert text in page


def test_training_again_gives_the_same_card(candidate, tmp_path):
    again = train_candidate(
        COMPANY.events, FACTS, SPLIT, COMPANY.ended_at, tmp_path / "lapse.zip", seed=1, replicates=200
    )
    assert again.card.data_fingerprint == candidate.card.data_fingerprint
    assert again.card.metrics["model"] == candidate.card.metrics["model"]


def test_planted_leakage_is_refused_by_the_gate_and_still_gets_a_card(tmp_path):
    """A fact that was filled in afterwards, from what people went on to do."""
    moments = (*SPLIT.train, *SPLIT.calibration, *SPLIT.test)
    acts = COMPANY.events.take(COMPANY.events.is_meaningful)
    leaked = {}
    for moment in moments:
        active = np.unique(acts.since(moment).before(moment + 14 * DAY_S).user_id)
        leaked[moment] = replace(
            FACTS[moment],
            columns={**FACTS[moment].columns, "role_gap": np.isin(FACTS[moment].user_ids, active) * 5.0},
        )
    leaky = train_candidate(COMPANY.events, leaked, SPLIT, COMPANY.ended_at, tmp_path / "a.zip", replicates=50)
    assert leaky.evaluation.metrics["model"]["auc"].value >= 0.98
    assert "no_leakage" in [c.name for c in leaky.gate.conditions if c.verdict == REFUSED]
    assert leaky.card.to_dict()["gate"]["highest_stage"] == 0


def test_the_incumbent_stands_among_the_baselines(candidate, tmp_path):
    again = train_candidate(
        COMPANY.events, FACTS, SPLIT, COMPANY.ended_at, tmp_path / "a.zip", replicates=20, incumbent=candidate.model
    )
    assert again.card.metrics["incumbent"]["auc"].value == candidate.card.metrics["model"]["auc"].value
    assert "| incumbent |" in again.card.to_markdown()


def test_the_gate_judges_again_once_a_policy_is_measured(candidate):
    assert judge_candidate(candidate.evidence) == candidate.gate
    weak = PolicyFigures(5000, Interval(0.4, 0.3, 0.5), 0.35, 0.35, 900.0, 0.001, 0.002)
    report = judge_candidate(replace(candidate.evidence, policy=weak))
    assert {"policy_beats_incumbent", "policy_beats_rule"} <= set(report.reasons)


def test_what_happens_after_a_moment_never_reaches_its_features(candidate, tmp_path):
    late = EventLog([1], [COMPANY.ended_at + 1], [kind_code("search")], [False])
    again = train_candidate(
        join_logs(COMPANY.events, late), FACTS, SPLIT, COMPANY.ended_at, tmp_path / "a.zip", seed=1, replicates=20
    )
    assert again.card.data_fingerprint == candidate.card.data_fingerprint


def test_a_fingerprint_changes_with_one_label():
    rows = rows_of_chance(1)
    flipped = rows.lapsed.copy()
    flipped[3] = not flipped[3]
    assert fingerprint_rows(rows) != fingerprint_rows(replace(rows, lapsed=flipped))
    assert fingerprint_rows(rows) == fingerprint_rows(rows_of_chance(1))
