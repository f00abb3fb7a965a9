"""A fitted model as one file that is refused unless everything about it can be verified.

The file is a zip of a JSON header and a skops archive; nothing is ever unpickled. Loading checks, in this order and
each before the next is trusted: the SHA-256 that the caller kept elsewhere, versions, the kind of model, that its
features are still computed alike (``ml.probe``), the pinned list of types in the archive (narrower than what skops
itself trusts), and 20 golden rows whose predictions must come out as they did.

Every kind of model goes through the same two functions. A model is a frozen dataclass with the ``names`` of its
columns; its fitted parts go into the archive and all else, which is plain, into the header.
"""

import hashlib
import io
import json
import os
import zipfile
from collections.abc import Callable
from dataclasses import dataclass, fields
from importlib.metadata import version
from pathlib import Path
from typing import Any, TypeVar, overload

import numpy as np
import skops.io
from sklearn.base import BaseEstimator
from skops.io.exceptions import UntrustedTypesFoundException

from ml.facts import FactRefused
from ml.features import FEATURES_VERSION
from ml.lapse import LapseModel, predict_lapse
from ml.pinned import TRUSTED_BY_SKOPS_ONLY_WHEN_NAMED, check_types
from ml.probe import probe_features
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
from ml.returns import ReturnModel, predict_returns

FORMAT_VERSION = 3
GOLDEN_ROWS = 20
GOLDEN_TOLERANCE = 1e-9
MAX_BYTES = 64 * 2**20
_HEADER, _MODEL = "header.json", "model.skops"
Model = LapseModel | ReturnModel
M = TypeVar("M", LapseModel, ReturnModel)
PREDICT: dict[type, Callable[..., np.ndarray]] = {LapseModel: predict_lapse, ReturnModel: predict_returns}


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


def save_artefact(model: Model, values: np.ndarray, path: Path, seed: int) -> SavedArtefact:
    """Write a model and 20 golden rows, all or nothing.

    Parameters
    ----------
    model : LapseModel or ReturnModel
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
    parts = {field.name: getattr(model, field.name) for field in fields(model)}
    fitted = {name: part for name, part in parts.items() if isinstance(part, BaseEstimator)}
    archive = skops.io.dumps(fitted)
    check_types(archive)
    chosen = np.sort(np.random.default_rng(seed).permutation(len(values))[:GOLDEN_ROWS])
    header = {
        "versions": current_versions(),
        "kind": type(model).__name__,
        "probe": probe_features(model.names),
        "plain": {name: part for name, part in parts.items() if name not in fitted},
        "golden_values": [[None if np.isnan(cell) else float(cell) for cell in row] for row in values[chosen]],
        "golden_predictions": _predict(model, values[chosen]).tolist(),
    }
    content = io.BytesIO()
    with zipfile.ZipFile(content, "w", zipfile.ZIP_DEFLATED) as bundle:
        bundle.writestr(_HEADER, json.dumps(header, sort_keys=True))
        bundle.writestr(_MODEL, archive)
    _replace(path, content.getvalue())
    return SavedArtefact(path, hashlib.sha256(content.getvalue()).hexdigest(), current_versions())


@overload
def load_artefact(path: Path, sha256: str) -> LapseModel: ...
@overload
def load_artefact(path: Path, sha256: str, wanted: type[M]) -> M: ...
def load_artefact(path: Path, sha256: str, wanted: type[Any] = LapseModel) -> Any:
    """Read a model back.

    Parameters
    ----------
    path : Path
    sha256 : str
        The hexadecimal digest that ``save_artefact`` returned.
    wanted : type
        The kind of model, ``LapseModel`` or ``ReturnModel``.

    Raises
    ------
    MissingArtefact, DigestMismatch, UnreadableArtefact, VersionMismatch, WrongKind, FeaturesComputedDifferently,
    ForeignType, GoldenRowsDisagree
        Each is an ArtefactRefused.
    """
    content = _read(path)
    if hashlib.sha256(content).hexdigest() != sha256.lower():
        raise DigestMismatch(f"{path.name} is not the file whose digest was recorded")
    header, archive = _unpack(content)
    found = {name: header["versions"].get(name) for name in current_versions()}
    if found != current_versions():
        raise VersionMismatch(f"{path.name} was written by {found}, this is {current_versions()}")
    if header.get("kind") != wanted.__name__:
        raise WrongKind(f"{path.name} holds a {header.get('kind')}, not a {wanted.__name__}")
    _check_features(header)
    model = _rebuild(wanted, header, _load_fitted(archive))
    _check_golden_rows(model, header)
    return model


def _check_features(header: dict[str, Any]) -> None:
    try:
        probe = probe_features(tuple(header["plain"]["names"]))
    except (FactRefused, KeyError, TypeError, ValueError) as failure:
        raise UnreadableArtefact(f"the model's features cannot be computed: {failure}") from None
    if header.get("probe") != probe:
        raise FeaturesComputedDifferently("features of these names are no longer computed as they were")


def _load_fitted(archive: bytes) -> Any:
    check_types(archive)
    try:
        return skops.io.loads(archive, trusted=list(TRUSTED_BY_SKOPS_ONLY_WHEN_NAMED))
    except UntrustedTypesFoundException as refusal:
        raise ForeignType(str(refusal)) from None
    except (AttributeError, KeyError, TypeError, ValueError, zipfile.BadZipFile) as failure:
        raise UnreadableArtefact(f"not a skops archive: {failure}") from None


def _rebuild(wanted: type[Any], header: dict[str, Any], fitted: Any) -> Any:
    """Return the dataclass from its plain and fitted parts; JSON knows no tuples, so lists are taken for them."""
    try:
        plain = {name: tuple(part) if isinstance(part, list) else part for name, part in header["plain"].items()}
        return wanted(**plain, **fitted)
    except (AttributeError, KeyError, TypeError, ValueError) as failure:
        raise UnreadableArtefact(f"not the parts of a {wanted.__name__}: {failure}") from None


def _predict(model: Any, values: np.ndarray) -> np.ndarray:
    return PREDICT[type(model)](model, model.names, values)


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
        if not all(isinstance(header[key], dict) for key in ("versions", "plain")):
            raise KeyError("plain")
        return header, archive
    except (zipfile.BadZipFile, KeyError, TypeError, ValueError) as failure:
        raise UnreadableArtefact(f"not a model artefact: {failure}") from None


def _check_golden_rows(model: Any, header: dict[str, Any]) -> None:
    try:
        values = np.array(header["golden_values"], dtype=np.float64).reshape(-1, len(model.names))
        expected = np.array(header["golden_predictions"], dtype=np.float64)
        actual = _predict(model, values)
    except (KeyError, TypeError, ValueError, AttributeError) as failure:
        raise GoldenRowsDisagree(f"the golden rows cannot be predicted: {failure}") from None
    if not expected.size or expected.shape != actual.shape or np.abs(expected - actual).max() > GOLDEN_TOLERANCE:
        raise GoldenRowsDisagree("the loaded model does not predict what it predicted when it was saved")
