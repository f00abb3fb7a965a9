"""Sizes, names and places of files."""

import ast
from collections.abc import Iterable, Iterator
from pathlib import Path

from tests.architecture.sources import NOT_FEATURES, ROLES, ROOT, TOP, Source

MOST_LINES, MOST_FUNCTION_LINES = 300, 40
VAGUE = {"utils", "util", "helpers", "helper", "common", "core", "base", "manager", "misc", "stuff"}


def too_long(files: Iterable[Source]) -> Iterator[str]:
    """Files above 300 lines and functions above 40; a migration's steps are one list and have no ceiling."""
    for file in files:
        if file.parts[0] == "migrations":
            continue
        lines = file.text.count("\n")
        if lines > MOST_LINES:
            yield f"{file.path}: {lines} lines"
        for node in ast.walk(file.tree):
            if isinstance(node, ast.FunctionDef | ast.AsyncFunctionDef):
                length = (node.end_lineno or node.lineno) - node.lineno + 1
                if length > MOST_FUNCTION_LINES:
                    yield f"{file.path}:{node.lineno} {node.name}: {length} lines"


def vaguely_named(root: Path = ROOT) -> Iterator[str]:
    """Files and folders whose name says nothing."""
    for top in ("smartskill", "ml", "tests", "bench"):
        for path in sorted((root / top).rglob("*")):
            if "node_modules" in path.parts:  # what a bench installed is not ours to name
                continue
            is_ours = path.suffix == ".py" or (path.is_dir() and path.name != "__pycache__")
            if is_ours and path.stem.lower() in VAGUE:
                yield str(path.relative_to(root))


def out_of_place(files: Iterable[Source]) -> Iterator[str]:
    """Files of a feature that play no role, and files beside the features that are not of the house."""
    for file in files:
        if file.parts[0] != "smartskill":
            continue
        if not file.package and file.parts[-1] not in TOP:
            yield f"{file.path}: beside the features there are only {', '.join(sorted(TOP))}"
        if file.package and file.package not in NOT_FEATURES and file.role not in ROLES:
            yield f"{file.path}: {file.role} is no role"


def eager_init(files: Iterable[Source]) -> Iterator[str]:
    """`__init__.py` files that hold more than one docstring; the top package also offers `create_app`."""
    for file in files:
        if file.parts[-1] != "__init__":
            continue
        body = file.tree.body
        is_told = bool(body) and isinstance(body[0], ast.Expr) and isinstance(body[0].value, ast.Constant)
        rest = body[1:] if is_told else body
        if file.path == "smartskill/__init__.py":
            rest = [node for node in rest if not isinstance(node, ast.FunctionDef)]
        if rest or not is_told:
            yield f"{file.path}: holds {'code' if rest else 'no docstring'}"
