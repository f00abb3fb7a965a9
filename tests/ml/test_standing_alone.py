"""`ml` knows nothing of the product, and what serves decisions does not wake scikit-learn."""

import ast
import subprocess
import sys
from pathlib import Path

import pytest

ML = Path(__file__).parents[2] / "ml"
ALLOWED = {"ml", "numpy", "scipy", "sklearn", "skops", *sys.stdlib_module_names}
LIGHT = (
    "ml.features", "ml.probe", "ml.labels", "ml.windows", "ml.estimators.value", "ml.estimators.cuped", "ml.evidence",
    "ml.gate", "ml.card", "ml.synthetic", "ml.policy.draw", "ml.policy.price", "ml.policy.hours",
)  # fmt: skip


def imported(path):
    for node in ast.walk(ast.parse(path.read_text())):
        if isinstance(node, ast.Import):
            yield from (alias.name.split(".")[0] for alias in node.names)
        elif isinstance(node, ast.ImportFrom):
            yield (node.module or "").split(".")[0]


@pytest.mark.parametrize("path", sorted(ML.rglob("*.py")), ids=lambda path: path.stem)
def test_a_module_imports_only_numbers(path):
    assert set(imported(path)) <= ALLOWED


def test_deciding_and_measuring_do_not_import_scikit_learn():
    script = f"import sys, {', '.join(LIGHT)}; print(sorted({{'sklearn', 'scipy', 'skops'}} & set(sys.modules)))"
    answer = subprocess.run(
        [sys.executable, "-c", script], capture_output=True, text=True, cwd=ML.parent, check=True, timeout=60
    )
    assert answer.stdout.strip() == "[]"
