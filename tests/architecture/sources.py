"""The project's own files, and what role each plays."""

import ast
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path

ROOT = Path(__file__).parents[2]
PACKAGES = ("smartskill", "ml", "tests", "bench", "migrations")
NOT_FEATURES = {"kit", "commands"}
TOP = {"__init__", "app", "config", "database", "extensions", "models", "schedule"}
ROLES = {"__init__", "models", "schemas", "services", "insights", "views", "tasks", "cli", "mails", "templates"}


@dataclass(frozen=True)
class Source:
    """A Python file: its place below the root, and its text."""

    path: str
    text: str

    @property
    def tree(self) -> ast.Module:
        return ast.parse(self.text, self.path)

    @property
    def parts(self) -> tuple[str, ...]:
        """`smartskill/user/services/rating.py` → ("smartskill", "user", "services", "rating")."""
        return Path(self.path).with_suffix("").parts

    @property
    def package(self) -> str:
        """The feature (or kit, commands) it belongs to; empty for a file beside them."""
        return self.parts[1] if len(self.parts) > 2 and self.parts[0] == "smartskill" else ""

    @property
    def role(self) -> str:
        """`services` for services.py and all in services/; empty outside of a feature."""
        return self.parts[2] if self.package else ""


def sources(root: Path = ROOT, *packages: str) -> Iterator[Source]:
    """The files of these packages (all, if none is named)."""
    for package in packages or PACKAGES:
        for path in sorted((root / package).rglob("*.py")):
            yield Source(str(path.relative_to(root)), path.read_text(encoding="utf-8"))


def calls(tree: ast.AST, *names: str) -> Iterator[ast.Call]:
    """Calls of a function or method with one of these names."""
    for node in ast.walk(tree):
        if isinstance(node, ast.Call) and name_of(node.func) in names:
            yield node


def name_of(node: ast.expr) -> str:
    """The last name of `a.b.c`."""
    return node.attr if isinstance(node, ast.Attribute) else node.id if isinstance(node, ast.Name) else ""
