"""Faults that are planted on purpose, each refused by its name: leakage, a shuffled split, skew, a flipped byte."""

from dataclasses import replace

import numpy as np
import pytest

from ml import features
from ml.artefact import load_artefact, save_artefact
from ml.events import EventLog, empty_log, kind_code
from ml.facts import LABEL_WORDS, PROTECTED_WORDS, Facts, LabelWindowFact, ProtectedFact
from ml.features import LabelWindowEvent, build_features
from ml.gate import REFUSED
from ml.lapse import LapseModel, SkewedFeatures, fit_lapse, predict_lapse
from ml.refusals import DigestMismatch, FeaturesComputedDifferently
from ml.training import train_on_rows
from ml.windows import LabelledRows, ShuffledSplit, refuse_shuffled_rows
from tests.ml.samples import AS_OF, DAY, facts, rows_of_chance

WEEK = 7 * DAY


def part(seed, week, **changed):
    """Rows of one moment, that many weeks after AS_OF."""
    rows = rows_of_chance(seed)
    return replace(rows, as_of=np.full(rows.lapsed.size, AS_OF + week * WEEK), **changed)


def in_time():
    return {"train": part(1, 0), "calibration": part(2, 2), "test": part(3, 4)}


def train(rows, tmp_path):
    return train_on_rows(rows, 14, AS_OF + 8 * WEEK, tmp_path / "model.zip", replicates=20)


def test_a_column_that_knows_the_label_is_refused_as_leakage(tmp_path):
    leaked = {name: replace(rows, values=rows.values.copy()) for name, rows in in_time().items()}
    for rows in leaked.values():
        rows.values[:, 2] = rows.lapsed + np.random.default_rng(0).normal(0, 0.2, rows.lapsed.size)
    candidate = train(leaked, tmp_path)
    assert candidate.evaluation.metrics["model"]["auc"].value >= 0.98
    assert "no_leakage" in [c.name for c in candidate.gate.conditions if c.verdict == REFUSED]
    assert candidate.gate.highest_stage == 0
    assert candidate.card.to_dict()["gate"]["reasons"][0] == "no_leakage"


@pytest.mark.parametrize("word", sorted(LABEL_WORDS))
def test_a_column_of_the_label_window_is_accepted_nowhere(word):
    name = f"days_{word}"
    with pytest.raises(LabelWindowFact):
        facts(1, **{name: [1.0]})
    with pytest.raises(LabelWindowFact):  # not even where somebody has put it on a list
        Facts(np.array([1]), np.array([AS_OF]), AS_OF, {name: np.array([1.0])}, (name,))
    with pytest.raises(LabelWindowFact):
        build_features(empty_log(), facts(1), AS_OF, ("recency_days", name))


@pytest.mark.parametrize("word", sorted(PROTECTED_WORDS))
def test_who_somebody_is_is_accepted_nowhere(word):
    with pytest.raises(ProtectedFact):
        Facts(np.array([1]), np.array([AS_OF]), AS_OF, {}, (f"{word}_group",))
    with pytest.raises(ProtectedFact):
        build_features(empty_log(), facts(1), AS_OF, (word,))


@pytest.mark.parametrize("kind", ["search", "email_sent", "signed_in"])
def test_an_event_of_the_label_window_is_refused_for_any_column(kind):
    late = EventLog([1], [AS_OF], [kind_code(kind)], [False])
    for names in (("recency_days",), ("emails_7",), ("role_gap",)):
        with pytest.raises(LabelWindowEvent):
            build_features(late, facts(1), AS_OF, names)


def test_rows_that_are_shuffled_across_time_are_refused(tmp_path):
    rows = in_time()
    everything = [
        np.concatenate([getattr(r, c) for r in rows.values()]) for c in ("values", "lapsed", "user_ids", "as_of")
    ]
    order = np.random.default_rng(0).permutation(everything[1].size)
    shuffled = {
        name: LabelledRows(rows["train"].names, *(column[chosen] for column in everything))
        for name, chosen in zip(rows, np.array_split(order, 3), strict=True)
    }
    with pytest.raises(ShuffledSplit):
        train(shuffled, tmp_path)
    assert not list(tmp_path.iterdir())


@pytest.mark.parametrize(
    "weeks",
    [(0, 1, 4), (0, 2, 3), (4, 2, 0), (0, 4, 2)],
    ids=["overlaps", "overlaps later", "backwards", "test inside"],
)
def test_parts_that_do_not_follow_each_other_are_refused(weeks, tmp_path):
    rows = {name: part(1 + place, weeks[place]) for place, name in enumerate(in_time())}
    with pytest.raises(ShuffledSplit):
        train(rows, tmp_path)


def test_one_row_from_later_is_enough():
    rows = in_time()
    rows["train"].as_of[7] = AS_OF + 3 * WEEK
    with pytest.raises(ShuffledSplit):
        refuse_shuffled_rows(tuple(rows.values()), 14)


def test_parts_of_one_moment_may_share_nobody():
    one, other = part(1, 0), part(2, 0)
    refuse_shuffled_rows((one, replace(other, user_ids=other.user_ids + 1000)), 14)
    with pytest.raises(ShuffledSplit, match="two parts"):
        refuse_shuffled_rows((one, other), 14)


def model_of_real_features():
    rows = rows_of_chance(1)
    named = replace(rows, names=("recency_days", "active_days_7", "return_rate"), values=rows.values[:, :3])
    return fit_lapse(named, named), named


@pytest.mark.parametrize(
    ("what", "changed"),
    [
        ("RETURN_DAYS", 8),
        ("_active_days", lambda rows, acts: (rows, acts.occurred_at // DAY, acts.occurred_at)),
        ("_smoothed_rate", lambda rows, success, people: np.bincount(rows[success], minlength=people) / 2),
    ],
)
def test_a_feature_that_is_computed_differently_at_serving_is_refused(what, changed, tmp_path, monkeypatch):
    model, rows = model_of_real_features()
    kept = save_artefact(model, rows.values, tmp_path / "model.zip", seed=1)
    assert load_artefact(kept.path, kept.sha256).names == rows.names
    monkeypatch.setattr(features, what, changed)
    with pytest.raises(FeaturesComputedDifferently):
        load_artefact(kept.path, kept.sha256)


def test_columns_of_another_name_order_or_version_are_refused_at_serving():
    model, rows = model_of_real_features()
    old = LapseModel(model.names, model.estimator, features_version=0)
    for asked, names in ((model, rows.names[::-1]), (model, ("recency_hours", *rows.names[1:])), (old, rows.names)):
        with pytest.raises(SkewedFeatures):
            predict_lapse(asked, names, rows.values)


def test_a_file_with_a_flipped_byte_is_refused(tmp_path):
    model, rows = model_of_real_features()
    kept = save_artefact(model, rows.values, tmp_path / "model.zip", seed=1)
    content = bytearray(kept.path.read_bytes())
    content[len(content) // 2] ^= 1
    kept.path.write_bytes(content)
    with pytest.raises(DigestMismatch):
        load_artefact(kept.path, kept.sha256)


def test_nothing_is_refused_where_nothing_is_wrong(tmp_path):
    candidate = train(in_time(), tmp_path)
    refused = [c.name for c in candidate.gate.conditions if c.verdict == REFUSED]
    assert not {"no_leakage", "artefact_loads", "beats_recency_only", "brier_skill"} & set(refused)
