"""The table of limits in docs/operations.md is what runs: each row is read from the live configuration or the code."""

import os
import re
import runpy
from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest

from smartskill import create_app
from smartskill.commands import rq, worker
from smartskill.config import DEFAULTS
from smartskill.extensions import cache, db
from smartskill.kit import jobs
from smartskill.notifications.services import delivery, outbox

ROOT = Path(__file__).parent.parent
OPERATIONS = (ROOT / "docs/operations.md").read_text(encoding="utf-8")
ROW = re.compile(r"^\| (?P<dependency>[^|]+) \| (?P<what>[^|]+) \| (?P<value>[^|]+) \| `(?P<place>[^|]+)` \|$", re.MULTILINE)
GIVEN = {"DATABASE_URL": "postgresql://u@h/d", "REDIS_URL": "redis://queue", "CACHE_URL": "redis://cache"}


def limits() -> dict[tuple[str, str], re.Match]:
    """The rows of the table: by dependency and by the words up to what happens then."""
    [section] = re.findall(r"^## Limits and time-outs$(.+?)^## ", OPERATIONS, re.MULTILINE | re.DOTALL)
    return {(row["dependency"], re.split(r"[,;] then| \(", row["what"])[0]): row for row in ROW.finditer(section)}


@pytest.fixture(scope="module")
def live(tmp_path_factory) -> Any:
    """The application as production would make it, on servers that are not asked."""
    previous = {name: os.environ.pop(name) for name in list(os.environ) if name.startswith("SMARTSKILL_")}
    os.environ["SMARTSKILL_INSTANCE"] = str(tmp_path_factory.mktemp("operations") / "instance")
    os.environ["SMARTSKILL_DOTENV"] = os.devnull
    try:
        yield create_app(GIVEN)
    finally:
        del os.environ["SMARTSKILL_INSTANCE"], os.environ["SMARTSKILL_DOTENV"]
        os.environ.update(previous)
