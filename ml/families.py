"""The two families of estimators that a lapse model may be made of, unfitted.

Logistic regression is the default because it is calibrated, small and explainable. Counts and days are compressed by
arcsinh (like a logarithm, but defined at zero and below, which expired days need). Boosted trees find what is neither
monotone nor additive; they are kept small, because weekly rows of one person repeat each other.

A column that is empty throughout training keeps its place without influence in both, so that it can be recorded from
now on without touching what the present model says.
"""

import numpy as np
from sklearn.ensemble import HistGradientBoostingClassifier
from sklearn.impute import SimpleImputer
from sklearn.linear_model import LogisticRegression
from sklearn.pipeline import Pipeline
from sklearn.preprocessing import FunctionTransformer, StandardScaler

LOGISTIC, BOOSTED = "logistic_regression", "boosted_trees"
# Weekly rows of one person repeat each other, so that a thousand rows say less than a thousand; strong on purpose.
REGULARISATION = 0.01
TREES, LEAVES, LEARNING_RATE, LEAST_ROWS, SHRINKAGE = 60, 8, 0.08, 200, 1.0


def make_family(family: str) -> Pipeline:
    """Return an unfitted pipeline: ``LOGISTIC`` or ``BOOSTED``."""
    impute = ("impute", SimpleImputer(strategy="median", add_indicator=True, keep_empty_features=True))
    return Pipeline([impute, *{LOGISTIC: _logistic, BOOSTED: _boosted}[family]()])


def _logistic() -> list[tuple[str, object]]:
    return [
        ("compress", FunctionTransformer(np.arcsinh)),
        ("scale", StandardScaler()),
        ("regress", LogisticRegression(C=REGULARISATION, max_iter=2000)),
    ]


def _boosted() -> list[tuple[str, object]]:
    trees = HistGradientBoostingClassifier(
        max_iter=TREES, max_leaf_nodes=LEAVES, learning_rate=LEARNING_RATE, min_samples_leaf=LEAST_ROWS,
        l2_regularization=SHRINKAGE, early_stopping=False, random_state=0,
    )  # fmt: skip
    return [("boost", trees)]
