"""A fitted model as one file that is refused unless everything about it can be verified.

The file is a zip of a JSON header and a skops archive; nothing is ever unpickled. Loading checks, in this order and
each before the next is trusted: the SHA-256 that the caller kept elsewhere, versions, the pinned list of types in the
archive (narrower than what skops itself trusts), and 20 golden rows whose predictions must come out as they did.
"""

import hashlib
import io
import json
import os
import zipfile
from dataclasses import dataclass
from importlib.metadata import version
from pathlib import Path
from typing import Any

import numpy as np
import skops.io
from skops.io.exceptions import UntrustedTypesFoundException

from ml.features import FEATURES_VERSION
from ml.lapse import LapseModel, predict_lapse

FORMAT_VERSION = 1
GOLDEN_ROWS = 20
GOLDEN_TOLERANCE = 1e-9
MAX_BYTES = 64 * 2**20
_HEADER, _MODEL = "header.json", "model.skops"
PINNED_TYPES = frozenset(
    {
        "builtins.dict/DictNode",
        "builtins.list/ListNode",
        "builtins.str/JsonNode",
        "builtins.str/TypeNode",
        "builtins.tuple/TupleNode",
        "numpy.arcsinh/FunctionNode",
        "numpy.dtype/DTypeNode",
        "numpy.float64/NdArrayNode",
        "numpy.ndarray/NdArrayNode",
        "sklearn.calibration.CalibratedClassifierCV/ObjectNode",
        "sklearn.calibration._CalibratedClassifier/ObjectNode",
        "sklearn.calibration._SigmoidCalibration/ObjectNode",
        "sklearn.frozen._frozen.FrozenEstimator/ObjectNode",
        "sklearn.impute._base.MissingIndicator/ObjectNode",
        "sklearn.impute._base.SimpleImputer/ObjectNode",
        "sklearn.linear_model._logistic.LogisticRegression/ObjectNode",
        "sklearn.pipeline.Pipeline/ObjectNode",
        "sklearn.preprocessing._data.StandardScaler/ObjectNode",
        "sklearn.preprocessing._function_transformer.FunctionTransformer/ObjectNode",
    }
)
_TRUSTED_BY_SKOPS_ONLY_WHEN_NAMED = (
    "numpy.dtype",
    "sklearn.calibration._CalibratedClassifier",
    "sklearn.calibration._SigmoidCalibration",
)


class ArtefactRefused(ValueError):
    """A model file that will not be used."""


class MissingArtefact(ArtefactRefused):
    """There is no such file, or it is larger than any model of ours."""


class DigestMismatch(ArtefactRefused):
    """The file is not the one whose digest was recorded."""


class UnreadableArtefact(ArtefactRefused):
    """The file has the right digest but not the form of an artefact."""


class VersionMismatch(ArtefactRefused):
    """Written by other versions of the format, the features, scikit-learn or skops."""


class ForeignType(ArtefactRefused):
    """The archive names a type that is not on the pinned list."""


class GoldenRowsDisagree(ArtefactRefused):
    """The loaded model does not predict what it predicted when it was saved."""


@dataclass(frozen=True)
class SavedArtefact:
    """Where a model was written and the digest by which it will be recognised."""

    path: Path
    sha256: str
    versions: dict[str, str]


def current_versions() -> dict[str, str]:
    """Return the versions that a model depends on."""
    return {
        "format": str(FORMAT_VERSION),
        "features": str(FEATURES_VERSION),
        "scikit-learn": version("scikit-learn"),
        "skops": version("skops"),
    }


def save_artefact(model: LapseModel, values: np.ndarray, path: Path, seed: int) -> SavedArtefact:
    """Write a model and 20 golden rows, all or nothing.

    Parameters
    ----------
    model : LapseModel
    values : float64 array, shape (n, p)
        Rows to choose the golden ones from, with ``seed``; all of them if there are fewer than 20.
    path : Path
        Replaced if it exists. The folder must exist.

    Returns
    -------
    SavedArtefact

    Raises
    ------
    ForeignType
        The model holds something that could not be loaded again.
    """
    archive = skops.io.dumps(model.estimator)
    _check_types(archive)
    chosen = np.sort(np.random.default_rng(seed).permutation(len(values))[:GOLDEN_ROWS])
    header = {
        "versions": current_versions(),
        "names": list(model.names),
        "golden_values": [[None if np.isnan(cell) else float(cell) for cell in row] for row in values[chosen]],
        "golden_predictions": predict_lapse(model, model.names, values[chosen]).tolist(),
    }
    content = io.BytesIO()
    with zipfile.ZipFile(content, "w", zipfile.ZIP_DEFLATED) as bundle:
        bundle.writestr(_HEADER, json.dumps(header, sort_keys=True))
        bundle.writestr(_MODEL, archive)
    _replace(path, content.getvalue())
    return SavedArtefact(path, hashlib.sha256(content.getvalue()).hexdigest(), header["versions"])


def load_artefact(path: Path, sha256: str) -> LapseModel:
    """Read a model back.

    Parameters
    ----------
    path : Path
    sha256 : str
        The hexadecimal digest that ``save_artefact`` returned.

    Raises
    ------
    MissingArtefact, DigestMismatch, UnreadableArtefact, VersionMismatch, ForeignType, GoldenRowsDisagree
        Each is an ArtefactRefused.
    """
    content = _read(path)
    if hashlib.sha256(content).hexdigest() != sha256.lower():
        raise DigestMismatch(f"{path.name} is not the file whose digest was recorded")
    header, archive = _unpack(content)
    found = {name: header["versions"].get(name) for name in current_versions()}
    if found != current_versions():
        raise VersionMismatch(f"{path.name} was written by {found}, this is {current_versions()}")
    _check_types(archive)
    try:
        estimator = skops.io.loads(archive, trusted=list(_TRUSTED_BY_SKOPS_ONLY_WHEN_NAMED))
    except UntrustedTypesFoundException as refusal:
        raise ForeignType(str(refusal)) from None
    except (AttributeError, KeyError, TypeError, ValueError, zipfile.BadZipFile) as failure:
        raise UnreadableArtefact(f"not a skops archive: {failure}") from None
    model = LapseModel(tuple(header["names"]), estimator)
    _check_golden_rows(model, header)
    return model


def _replace(path: Path, content: bytes) -> None:
    unfinished = path.with_name(f".{path.name}.{os.getpid()}")
    with unfinished.open("wb") as file:
        file.write(content)
        file.flush()
        os.fsync(file.fileno())
    unfinished.replace(path)


def _read(path: Path) -> bytes:
    try:
        if path.stat().st_size > MAX_BYTES:
            raise MissingArtefact(f"{path.name} is larger than any model")
        return path.read_bytes()
    except OSError as failure:
        raise MissingArtefact(f"{path.name} cannot be read: {failure.strerror}") from None


def _unpack(content: bytes) -> tuple[dict[str, Any], bytes]:
    try:
        with zipfile.ZipFile(io.BytesIO(content)) as bundle:
            header = json.loads(bundle.read(_HEADER))
            archive = bundle.read(_MODEL)
        if not all(isinstance(header[key], kind) for key, kind in (("versions", dict), ("names", list))):
            raise KeyError("names")
        return header, archive
    except (zipfile.BadZipFile, KeyError, TypeError, ValueError) as failure:
        raise UnreadableArtefact(f"not a model artefact: {failure}") from None


def _check_types(archive: bytes) -> None:
    try:
        with zipfile.ZipFile(io.BytesIO(archive)) as bundle:
            schema = json.loads(bundle.read("schema.json"))
    except (zipfile.BadZipFile, KeyError, ValueError) as failure:
        raise UnreadableArtefact(f"not a skops archive: {failure}") from None
    foreign = sorted(set(_types_in(schema)) - PINNED_TYPES)
    if foreign:
        raise ForeignType(f"the archive names {', '.join(foreign)}")


def _types_in(schema: Any) -> list[str]:
    """Return every type and loader that an archive names, however deep; a half-named one is listed as it stands."""
    pending, found = [schema], []
    while pending:
        node = pending.pop()
        if isinstance(node, list):
            pending.extend(node)
        elif isinstance(node, dict):
            pending.extend(node.values())
            if node.keys() & {"__class__", "__module__", "__loader__"}:
                found.append(f"{node.get('__module__')}.{node.get('__class__')}/{node.get('__loader__')}")
    return found


def _check_golden_rows(model: LapseModel, header: dict[str, Any]) -> None:
    try:
        values = np.array(header["golden_values"], dtype=np.float64).reshape(-1, len(model.names))
        expected = np.array(header["golden_predictions"], dtype=np.float64)
        actual = predict_lapse(model, model.names, values)
    except (KeyError, TypeError, ValueError, AttributeError) as failure:
        raise GoldenRowsDisagree(f"the golden rows cannot be predicted: {failure}") from None
    if not expected.size or expected.shape != actual.shape or np.abs(expected - actual).max() > GOLDEN_TOLERANCE:
        raise GoldenRowsDisagree("the loaded model does not predict what it predicted when it was saved")
