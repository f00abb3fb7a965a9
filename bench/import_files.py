"""Every published file by its own reader, in this process: what came in, what was refused, and why."""

import json
import time
from collections.abc import Callable
from pathlib import Path
from typing import Any

from smartskill.exchange.services.files.imports import describe, start_import
from smartskill.exchange.services.files.running import fail, perform_import
from smartskill.exchange.services.resume.importing import import_resume
from smartskill.exchange.services.taxonomy.sources import SOURCES
from smartskill.extensions import db
from smartskill.kit.errors import Problem
from smartskill.skills.models.catalogue import Skill
from smartskill.user.models import User

Row = dict[str, Any]
OPTIONS = {"format": "auto", "dry_run": False, "skip_errors": False, "create_people": False}
SHOWN = 90  # characters of a reason
DATA_ENDS = (".csv", ".tsv", ".xz", ".json", ".yml")


def read_taxonomy_files(folder: Path) -> list[Row]:
    """Read each file alone, with the reader of its taxonomy."""
    rows = []
    for path in sorted(path for path in folder.glob("*/*") if path.suffix in DATA_ENDS):
        source = SOURCES[path.parent.name.partition("-")[0]]
        rows.append(_timed(path, lambda source=source, path=path: _read(source.read(path, []))))
    return rows


def import_resumes(folder: Path) -> list[Row]:
    """Import each file into a profile of its own; of the conformance files each case, strictly."""
    rows = []
    for path in sorted(path for path in folder.glob("*/*") if path.suffix in DATA_ENDS):
        if path.parent.name == "jsonresume-conformance":
            rows.append(_timed(path, lambda path=path: _judge_cases(path)))
        else:
            rows.append(_timed(path, lambda path=path: _hand_in(path)))
    return rows


def _timed(path: Path, work: Callable[[], Row]) -> Row:
    started = time.perf_counter()
    row = {"file": f"{path.parent.name}/{path.name}", "taken": 0, "refused": 0, "seconds": 0.0, "said": ""}
    try:
        row |= work()
    except Problem as error:
        db.session.rollback()
        reasons = [f"{where}: {' '.join(words)}" for where, words in (error.errors or {}).items()]
        row |= {"refused": max(len(reasons), 1), "said": "; ".join(reasons) or error.detail}
    return row | {"seconds": round(time.perf_counter() - started, 2), "said": row["said"][:SHOWN]}


def _read(taxonomy: Any) -> Row:
    said = "; ".join(f"{refusal.where}: {refusal.reason}" for refusal in taxonomy.refused)
    return {"taken": len(taxonomy.entries), "refused": len(taxonomy.refused), "said": said}


def _hand_in(path: Path) -> Row:
    """As `flask skills import-people` does, into a fresh profile."""
    content, owner = path.read_bytes(), _person()
    mapping = _odoo_mapping(content) if path.parent.name.startswith("odoo") else {}
    given = OPTIONS | {"mapping": json.dumps(mapping)}
    row = start_import(path.name, content, given, by=None, owner=owner, is_deferred=False)
    db.session.commit()
    try:
        perform_import(row.id, lambda state, share: None, db.session.rollback)
    except Problem as error:
        db.session.rollback()
        fail(row.id, error)
    db.session.commit()
    counts, errors = row.counts or {}, describe(row)["errors"]
    if row.state != "done":
        faults = [f"{fault.place}: {' '.join(one['message'] for one in fault.messages)}" for fault in errors]
        return {"refused": max(len(faults), 1), "said": f"{row.state}: {'; '.join(faults) or row.reason}"}
    taken = sum(counts.get(name, 0) for name in ("added", "changed", "unchanged"))
    return {"taken": taken, "refused": counts.get("refused", 0), "said": str(row.format)}


def _judge_cases(path: Path) -> Row:
    """Whether each valid case comes in and each invalid one is refused with its entry named."""
    taken = refused = 0
    wrong = []
    cases = {name: one for name, one in json.loads(path.read_bytes()).items() if isinstance(one, dict)}
    for name, document in cases.items():
        try:
            import_resume(_person(), document, is_strict=True)
            taken, is_right = taken + 1, "nvalid" not in name
        except Problem as error:
            section = next(iter(document))
            refused += 1
            is_right = "nvalid" in name and all(where.split(".")[0] == section for where in error.errors or {"": 0})
        db.session.rollback()
        wrong += [] if is_right else [name]
    return {"taken": taken, "refused": refused, "said": f"wrongly: {', '.join(wrong)}" if wrong else "as named"}


def _person() -> User:
    number = db.session.query(User).count()
    user = User(email=f"bench{number}@example.com", full_name="Bench")
    db.session.add(user)
    db.session.flush()
    return user


def _odoo_mapping(content: bytes) -> dict[str, Any]:
    """Accounts for the employees of a file, and skills for its external ids."""
    lines = [line.split(",") for line in content.decode().splitlines()[1:]]
    people = {}
    for employee in sorted({line[1] for line in lines}):
        user = _person()
        user.email = f"{user.id}-{employee.rpartition('_')[2]}@example.com"
        people[employee] = user.email
    named = sorted({line[2] for line in lines if line[2].startswith("hr_skill_")})
    skills = {one: f"Odoo {one.removeprefix('hr_skill_')}" for one in named}
    db.session.add_all(Skill(name=name) for name in skills.values())
    db.session.flush()
    return {"people": people} | ({"skills": skills} if skills else {})
