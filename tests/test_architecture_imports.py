"""The import contracts of setup.cfg hold, and each is broken by the violation planted for it; the web stays light."""

import configparser
import shutil
import subprocess
import sys
from pathlib import Path

import pytest

from tests.architecture.sources import ROOT

HEAVY = ("sklearn", "scipy", "numpy", "skops", "alembic", "rq", "hypothesis", "pytest")
LOOK = """
import sys
sys.modules["yaml"] = None  # flask-smorest loads it where development tools have installed it
{before}
import wsgi
heavy = [name for name in {heavy!r} if name in sys.modules]
print(*heavy)
"""
# For each contract a module, and the import in it that breaks the contract.
PLANTED = {
    "features": ("smartskill.activity.services", "smartskill.skills.models.levels"),
    "roles": ("smartskill.qualification.models", "smartskill.qualification.services"),
    "services": ("smartskill.skills.services", "flask"),
    "models": ("smartskill.exchange.models", "smartskill.user.models"),
    "schemas": ("smartskill.skills.schemas", "sqlalchemy"),
    "ml": ("ml.planted", "smartskill.kit.partial_date"),
    "insights": ("smartskill.skills.tasks", "ml.events"),
    "tasks": ("smartskill.privacy.services", "smartskill.engagement.insights"),
    "web": ("smartskill.user.views", "sklearn"),
    "schedule": ("smartskill.user.cli", "smartskill.schedule"),
}


def contracts() -> dict[str, str]:
    """The names of the contracts by their ids."""
    config = configparser.ConfigParser()
    config.read(ROOT / "setup.cfg")
    prefix = "importlinter:contract:"
    return {name.removeprefix(prefix): config[name]["name"] for name in config.sections() if name.startswith(prefix)}


def lint(folder: Path) -> str:
    pytest.importorskip("importlinter", reason="in requirements-dev.txt")
    command = [str(Path(sys.executable).with_name("lint-imports")), "--config", "setup.cfg", "--no-cache"]
    return subprocess.run(command, cwd=folder, capture_output=True, text=True, check=False).stdout


@pytest.fixture
def copy(tmp_path) -> Path:
    """A copy of the sources to plant in."""
    shutil.copy(ROOT / "setup.cfg", tmp_path)
    for package in ("smartskill", "ml"):
        ignored = shutil.ignore_patterns("__pycache__", "templates")
        shutil.copytree(ROOT / package, tmp_path / package, ignore=ignored)
    return tmp_path


def test_the_import_contracts_are_kept():
    report = lint(ROOT)
    assert f"{len(contracts())} kept, 0 broken" in report, report


def test_every_contract_has_a_planted_violation():
    assert set(PLANTED) == set(contracts())


def place(root: Path, module: str) -> Path:
    """The file of a module, made if there is none yet."""
    path = root.joinpath(*module.split("."))
    if (path / "__init__.py").exists():
        return path / "__init__.py"
    file = path.with_suffix(".py")
    file.touch()
    return file


@pytest.mark.parametrize("contract", PLANTED)
def test_a_planted_import_breaks_its_contract(copy, contract):
    importer, imported = PLANTED[contract]
    if imported.startswith("smartskill"):
        place(copy, imported)
    with place(copy, importer).open("a", encoding="utf-8") as file:
        file.write(f"\nimport {imported}\n")
    assert f"{contracts()[contract]} BROKEN" in lint(copy)


def look(tmp_path: Path, before: str = "") -> list[str]:
    """What heavy things a process of its own has loaded once it imported the WSGI entry."""
    code = LOOK.format(before=before, heavy=HEAVY)
    environment = {"PATH": "/usr/bin:/bin", "SMARTSKILL_INSTANCE": str(tmp_path), "SMARTSKILL_DOTENV": ""}
    command = [sys.executable, "-c", code]
    return subprocess.run(command, cwd=ROOT, env=environment, capture_output=True, text=True, check=True).stdout.split()


def test_the_web_loads_nothing_that_only_workers_need(tmp_path):
    assert look(tmp_path) == []


def test_a_heavy_import_is_seen(tmp_path):
    assert "numpy" in look(tmp_path, "import numpy")
