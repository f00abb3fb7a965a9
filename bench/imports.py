"""Imports of the published files: each taxonomy by its command, each résumé by its reader; counts, seconds, refusals.

Commands are run as an operator runs them, each in a process of its own: seconds on the clock with its start, processor
seconds of the command and of PostgreSQL, peak memory. The goal is for ESCO's skills and the relations of its
occupations together. Files are then read one by one: what holds no skills, or is no résumé, must be named for what it
is. `taxonomy` or `resumes` as an argument does only that half.
"""

import sys
from typing import Any

from bench.import_files import import_resumes, read_taxonomy_files
from bench.processor import Cost, database_process, run_measured
from bench.stack import ROOT, Stack, print_table, stack

DATA = ROOT.parent / "shared" / "data"
GOAL_SECONDS = 15
CLOCK, PROCESSOR = ("seconds",), ("own_cpu", "database_cpu")
COMMANDS = (
    ("ESCO skills", "skills import esco", "esco-v1.1.1-en"),
    ("ESCO occupations", "skills import-roles esco", "esco-v1.1.1-en"),
    ("ESCO skills, again", "skills import esco", "esco-v1.1.1-en"),
    ("ESCO occupations, again", "skills import-roles esco", "esco-v1.1.1-en"),
    ("ESCO in French", "skills import esco", "esco-v1.1.1-fr"),
    ("O*NET skills", "skills import onet", "onet-29.3-part"),
    ("O*NET occupations", "skills import-roles onet", "onet-29.3-part"),
    ("linguist", "skills import linguist", "linguist-9.5.0"),
)


def run(arguments: list[str]) -> dict[str, Any]:
    """Import everything into a fresh database and print a row for each file."""
    if not DATA.is_dir():
        print(f"skipped: the files are not in {DATA}")
        return {"bench": "imports", "skipped": f"no {DATA}"}
    halves = arguments or ["taxonomy", "resumes"]
    found: dict[str, Any] = {"bench": "imports"}
    with stack() as made:
        from smartskill import create_app
        from smartskill.extensions import db

        with create_app().app_context():
            db.session.connection()  # starts PostgreSQL, and keeps it until the end
            db.session.rollback()
            if "taxonomy" in halves:
                found["commands"] = _import_taxonomies(made)
                found["taxonomy_files"] = _show(read_taxonomy_files(DATA / "taxonomy"))
                both = found["commands"][:2]
                seconds, cpu = (sum(row[name] for row in both for name in names) for names in (CLOCK, PROCESSOR))
                print(f"goal: ESCO's skills and relations in {GOAL_SECONDS} s on an idle machine; it was {seconds:.1f} s "
                      f"on the clock, {cpu:.1f} s of processor time")  # fmt: skip
            if "resumes" in halves:
                found["resume_files"] = _show(import_resumes(DATA / "resumes"))
            db.session.remove()
            db.engine.dispose()
    return found


def _import_taxonomies(made: Stack) -> list[dict[str, Any]]:
    rows, database = [], database_process(made.instance)
    for name, words, folder in COMMANDS:
        path = DATA / "taxonomy" / folder
        command = [sys.executable, "-m", "flask", "--app", "wsgi", *words.split(), str(path)]
        done, cost = run_measured(command, database, cwd=ROOT, env=made.environment)
        if done.returncode:
            raise SystemExit(f"{name} was not imported:\n{done.stderr}")
        print("\n".join(done.stdout.splitlines()[:12]), flush=True)
        rows.append({"import": name, **_rounded(cost)})
    print_table(rows)
    return rows


def _rounded(cost: Cost) -> dict[str, float]:
    return {name: round(value, 1) for name, value in cost._asdict().items()}


def _show(rows: list[dict[str, Any]]) -> list[dict[str, Any]]:
    print_table(rows)
    return rows
