"""The model file: what it repeats, and everything it is refused for, by name."""

import hashlib
import io
import json
import zipfile
from dataclasses import replace

import numpy as np
import pytest
import skops.io
from sklearn.dummy import DummyClassifier

from ml import artefact, features
from ml.artefact import load_artefact, save_artefact
from ml.families import BOOSTED
from ml.lapse import LapseModel, fit_lapse, predict_lapse
from ml.refusals import (
    DigestMismatch,
    FeaturesComputedDifferently,
    ForeignType,
    GoldenRowsDisagree,
    MissingArtefact,
    UnreadableArtefact,
    VersionMismatch,
    WrongKind,
)
from ml.returns import ReturnModel, fit_returns, predict_returns
from tests.ml.samples import decisions_of_chance, rows_of_chance

TEST = rows_of_chance(3)


@pytest.fixture(scope="module")
def model():
    return fit_lapse(rows_of_chance(1), rows_of_chance(2))


@pytest.fixture
def saved(model, tmp_path):
    return save_artefact(model, TEST.values, tmp_path / "model.zip", seed=1)


def rewrite(saved, **members):
    """Replace members of the bundle and return the digest that a careless registry would then hold."""
    with zipfile.ZipFile(saved.path) as bundle:
        content = {name: bundle.read(name) for name in bundle.namelist()}
    content.update({name.replace("_", "."): member for name, member in members.items()})
    with zipfile.ZipFile(saved.path, "w") as bundle:
        for name, member in content.items():
            bundle.writestr(name, member)
    return hashlib.sha256(saved.path.read_bytes()).hexdigest()


def header_of(saved):
    with zipfile.ZipFile(saved.path) as bundle:
        return json.loads(bundle.read("header.json"))


def test_a_loaded_model_predicts_what_it_predicted(model, saved):
    loaded = load_artefact(saved.path, saved.sha256)
    assert loaded.names == model.names
    np.testing.assert_array_equal(
        predict_lapse(loaded, TEST.names, TEST.values), predict_lapse(model, TEST.names, TEST.values)
    )


@pytest.mark.parametrize("is_calibrated", [False, True])
def test_a_model_of_returns_goes_through_the_same_two_functions(tmp_path, is_calibrated):
    later, asked = decisions_of_chance(2), decisions_of_chance(3)
    returns = fit_returns(decisions_of_chance(1), later if is_calibrated else None, per_arm=True)
    kept = save_artefact(returns, asked.values, tmp_path / "returns.zip", seed=1)
    loaded = load_artefact(kept.path, kept.sha256, ReturnModel)
    assert (loaded.arms, loaded.modifiers, loaded.per_arm) == (returns.arms, returns.modifiers, True)
    np.testing.assert_array_equal(
        predict_returns(loaded, asked.names, asked.values), predict_returns(returns, asked.names, asked.values)
    )


def test_a_model_of_another_kind_is_refused(saved, tmp_path):
    with pytest.raises(WrongKind, match="holds a LapseModel, not a ReturnModel"):
        load_artefact(saved.path, saved.sha256, ReturnModel)
    rows = decisions_of_chance(1)
    kept = save_artefact(fit_returns(rows), rows.values, tmp_path / "returns.zip", seed=1)
    for wanted in ((), (LapseModel,)):
        with pytest.raises(WrongKind):
            load_artefact(kept.path, kept.sha256, *wanted)


@pytest.fixture
def boosted(tmp_path):
    trees = fit_lapse(rows_of_chance(1), rows_of_chance(2), family=BOOSTED)
    return trees, save_artefact(trees, TEST.values, tmp_path / "trees.zip", seed=1)


def test_boosted_trees_predict_what_they_predicted(boosted):
    trees, kept = boosted
    loaded = load_artefact(kept.path, kept.sha256)
    assert loaded.family == BOOSTED
    np.testing.assert_array_equal(
        predict_lapse(loaded, TEST.names, TEST.values), predict_lapse(trees, TEST.names, TEST.values)
    )


def test_trees_of_another_model_are_refused(boosted):
    other = fit_lapse(rows_of_chance(8), rows_of_chance(9), family=BOOSTED)
    with pytest.raises(GoldenRowsDisagree):
        load_artefact(boosted[1].path, rewrite(boosted[1], model_skops=skops.io.dumps({"estimator": other.estimator})))


@pytest.mark.parametrize(
    ("what", "changed"),
    [("RETURN_DAYS", 8), ("DAY_S", 86_401), ("_smoothed_rate", lambda rows, success, people: np.zeros(people))],
)
def test_a_feature_that_is_computed_differently_under_its_old_name_is_refused(tmp_path, monkeypatch, what, changed):
    names = ("recency_days", "active_days_7", "return_rate")
    rows = rows_of_chance(1)
    rows = replace(rows, names=names, values=rows.values[:, :3])
    kept = save_artefact(fit_lapse(rows, rows), rows.values, tmp_path / "model.zip", seed=1)
    load_artefact(kept.path, kept.sha256)
    monkeypatch.setattr(features, what, changed)
    with pytest.raises(FeaturesComputedDifferently):
        load_artefact(kept.path, kept.sha256)


def test_a_feature_of_the_label_window_cannot_come_with_a_model(saved):
    header = header_of(saved)
    header["plain"]["names"][1] = "returned_after"
    with pytest.raises(UnreadableArtefact, match="time of the label"):
        load_artefact(saved.path, rewrite(saved, header_json=json.dumps(header)))


def test_parts_that_are_missing_or_foreign_to_the_kind_are_refused(saved):
    header = header_of(saved)
    for plain in ({}, {**header["plain"], "threshold": 0.5}):
        with pytest.raises(UnreadableArtefact, match=r"LapseModel|cannot be computed"):
            load_artefact(saved.path, rewrite(saved, header_json=json.dumps({**header, "plain": plain})))


def test_twenty_golden_rows_are_kept(saved):
    assert len(header_of(saved)["golden_values"]) == len(header_of(saved)["golden_predictions"]) == 20


def test_nothing_but_the_finished_file_is_left_behind(saved):
    assert [path.name for path in saved.path.parent.iterdir()] == ["model.zip"]


@pytest.mark.parametrize("place", [0.0, 0.3, 0.6, 0.999])
def test_a_flipped_byte_anywhere_is_refused(saved, place):
    content = bytearray(saved.path.read_bytes())
    content[int(place * len(content))] ^= 1
    saved.path.write_bytes(content)
    with pytest.raises(DigestMismatch):
        load_artefact(saved.path, saved.sha256)


def test_a_missing_or_huge_file_is_refused(saved, monkeypatch):
    with pytest.raises(MissingArtefact):
        load_artefact(saved.path.with_name("other.zip"), saved.sha256)
    monkeypatch.setattr(artefact, "MAX_BYTES", 100)
    with pytest.raises(MissingArtefact):
        load_artefact(saved.path, saved.sha256)


@pytest.mark.parametrize("content", [b"", b"not a zip", b"PK\x05\x06" + bytes(18)])
def test_a_file_of_another_form_is_refused(tmp_path, content):
    path = tmp_path / "model.zip"
    path.write_bytes(content)
    with pytest.raises(UnreadableArtefact):
        load_artefact(path, hashlib.sha256(content).hexdigest())


@pytest.mark.parametrize("name", ["format", "features", "scikit-learn", "skops"])
def test_another_version_is_refused(saved, name):
    header = header_of(saved)
    header["versions"][name] = "0"
    with pytest.raises(VersionMismatch, match="was written by"):
        load_artefact(saved.path, rewrite(saved, header_json=json.dumps(header)))


def test_golden_rows_that_disagree_are_refused(saved):
    header = header_of(saved)
    header["golden_predictions"][7] += 1e-6
    with pytest.raises(GoldenRowsDisagree):
        load_artefact(saved.path, rewrite(saved, header_json=json.dumps(header)))


@pytest.mark.parametrize("key", ["golden_predictions", "golden_values"])
def test_golden_rows_that_are_missing_are_refused(saved, key):
    header = header_of(saved)
    header[key] = []
    with pytest.raises(GoldenRowsDisagree):
        load_artefact(saved.path, rewrite(saved, header_json=json.dumps(header)))


def test_another_model_in_the_same_bundle_is_refused(saved):
    other = fit_lapse(rows_of_chance(8), rows_of_chance(9))
    with pytest.raises(GoldenRowsDisagree):
        load_artefact(saved.path, rewrite(saved, model_skops=skops.io.dumps({"estimator": other.estimator})))


def test_a_type_that_skops_itself_would_trust_is_refused(saved):
    dummy = DummyClassifier().fit(TEST.values, TEST.lapsed)
    with pytest.raises(ForeignType, match="DummyClassifier"):
        load_artefact(saved.path, rewrite(saved, model_skops=skops.io.dumps(dummy)))


def test_a_function_smuggled_into_the_archive_is_refused(saved):
    with zipfile.ZipFile(saved.path) as bundle:
        archive = zipfile.ZipFile(io.BytesIO(bundle.read("model.skops")))
    schema = archive.read("schema.json").decode()
    forged = schema.replace('"__class__": "arcsinh"', '"__class__": "system"').replace(
        '"__module__": "numpy",\n', '"__module__": "os",\n'
    )
    assert forged != schema
    content = io.BytesIO()
    with zipfile.ZipFile(content, "w") as copy:
        for name in archive.namelist():
            copy.writestr(name, forged if name == "schema.json" else archive.read(name))
    with pytest.raises(ForeignType, match="system"):
        load_artefact(saved.path, rewrite(saved, model_skops=content.getvalue()))


def test_a_model_that_could_not_be_loaded_again_is_not_saved(model, tmp_path):
    foreign = replace(model, estimator=DummyClassifier().fit(TEST.values, TEST.lapsed))
    with pytest.raises(ForeignType):
        save_artefact(foreign, TEST.values, tmp_path / "model.zip", seed=1)
    assert not list(tmp_path.iterdir())
