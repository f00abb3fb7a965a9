"""Which types a model file may name: exactly those of our own models, and fewer than skops trusts by itself.

A type stands here with the loader that may make it, because the loader is what runs. The last two blocks are the
boosted trees: their nodes are a table that compiled code follows without looking, so they are no safer than the digest
that the registry holds (docs/adr/0017).
"""

import io
import json
import zipfile
from typing import Any

from ml.refusals import ForeignType, UnreadableArtefact

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
        "numpy.random._generator.Generator/RandomGeneratorNode",
        "numpy.uint64/NdArrayNode",
        "sklearn._loss._loss.CyHalfBinomialLoss/LossNode",
        "sklearn._loss.link.Interval/ObjectNode",
        "sklearn._loss.link.LogitLink/ObjectNode",
        "sklearn._loss.loss.HalfBinomialLoss/ObjectNode",
        "sklearn.ensemble._hist_gradient_boosting.binning._BinMapper/ObjectNode",
        "sklearn.ensemble._hist_gradient_boosting.gradient_boosting.HistGradientBoostingClassifier/ObjectNode",
        "sklearn.ensemble._hist_gradient_boosting.predictor.TreePredictor/ObjectNode",
        "sklearn.preprocessing._label.LabelEncoder/ObjectNode",
    }
)
TRUSTED_BY_SKOPS_ONLY_WHEN_NAMED = (
    "numpy.dtype",
    "sklearn.calibration._CalibratedClassifier",
    "sklearn.calibration._SigmoidCalibration",
    "sklearn.ensemble._hist_gradient_boosting.predictor.TreePredictor",
)


def check_types(archive: bytes) -> None:
    """Refuse a skops archive that names anything that is not pinned, before any of it is loaded.

    Raises
    ------
    ForeignType, UnreadableArtefact
    """
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
