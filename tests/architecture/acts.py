"""Who commits, who queries, and which jobs are named."""

import ast
import re
from collections.abc import Iterable, Iterator

from smartskill.kit.jobs import JobRefused, task
from tests.architecture.sources import Source, calls, name_of

COMMITTING = {"views", "tasks", "cli"}
EDGES = {"kit", "commands"}
TASK = re.compile(r"smartskill\.[a-z_]+\.tasks\.[a-z_.]+")


def commits_inside(files: Iterable[Source]) -> Iterator[str]:
    """Commits that are not at an edge: views, tasks and commands decide when a transaction ends.

    A service may be handed its caller's `commit` as an argument (a job of several steps): then the edge has decided.
    """
    for file in files:
        if file.parts[0] != "smartskill" or file.package in EDGES or file.role in COMMITTING:
            continue
        for node in ast.walk(file.tree):
            if isinstance(node, ast.ImportFrom) and {"commit", "commit_now"} & {alias.name for alias in node.names}:
                yield f"{file.path}:{node.lineno} imports commit"
        for call in calls(file.tree, "commit"):
            if isinstance(call.func, ast.Attribute):
                yield f"{file.path}:{call.lineno} {name_of(call.func.value)}.commit()"


def queries_in_views(files: Iterable[Source]) -> Iterator[str]:
    """Views that build queries; loading the row of the URL (`db.session.get`) is a view's own work."""
    for file in files:
        if file.role != "views":
            continue
        for node in ast.walk(file.tree):
            names = [alias.name for alias in node.names] if isinstance(node, ast.Import | ast.ImportFrom) else []
            module = (node.module or "") if isinstance(node, ast.ImportFrom) else " ".join(names)
            if module.split(".")[0] == "sqlalchemy":
                yield f"{file.path}:{node.lineno} imports sqlalchemy"
        for call in calls(file.tree, "execute", "scalars", "scalar", "query", "add", "delete", "flush"):
            owner = call.func.value if isinstance(call.func, ast.Attribute) else None
            if owner is not None and name_of(owner) == "session":
                yield f"{file.path}:{call.lineno} session.{name_of(call.func)}()"


def unknown_jobs(files: Iterable[Source]) -> Iterator[str]:
    """Jobs that do not exist, and calls of `defer` and `enqueue` that do not name theirs by a literal or a constant."""
    for file in files:
        if file.parts[0] != "smartskill" or file.package == "kit" or file.path == "smartskill/commands/cron.py":
            continue
        for call in calls(file.tree, "defer", "enqueue"):
            named = call.args[0] if call.args else call
            is_literal = isinstance(named, ast.Constant) and isinstance(named.value, str)
            if is_literal and not TASK.fullmatch(named.value):
                yield f"{file.path}:{call.lineno} {named.value!r} is no task"
            if not is_literal and not name_of(named).isupper():
                yield f"{file.path}:{call.lineno} the job is named by neither a literal nor a constant"
        texts = [node for node in ast.walk(file.tree) if isinstance(node, ast.Constant) and isinstance(node.value, str)]
        for text in texts:
            if TASK.fullmatch(text.value) and (problem := unresolved(text.value)):
                yield f"{file.path}:{text.lineno} {problem}"


def unresolved(path: str) -> str | None:
    """What is wrong with a job's path, if anything."""
    try:
        task(path)
    except JobRefused as error:
        return str(error)
    return None
