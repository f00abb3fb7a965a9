"""Whether searches of the catalogue find what is meant, and how fast: labelled queries on ESCO, O*NET and linguist.

Every query of `tests/skills/queries.csv` goes to `GET /api/skills/` of a real server, each once, so that none is
answered from the cache. A query is right where any of its labelled names comes first (P@1); MRR is the mean of one
over the rank of the first of them, 0 beyond the tenth. `dev` or `held` as an argument asks only those. Beside the time on
the clock stands the processor time of a query, which says more where others use the machine too.
"""

import csv
import http.client
import json
import statistics
import subprocess
import sys
import time
from collections.abc import Iterable, Sequence
from datetime import timedelta
from typing import Any
from urllib.parse import urlencode

import psutil

from bench.processor import cpu_seconds, database_process
from bench.stack import ROOT, Stack, free_port, print_table, stack

DATA = ROOT.parent / "shared" / "data" / "taxonomy"
QUERIES = ROOT / "tests" / "skills" / "queries.csv"
SOURCES = (("esco", "esco-v1.1.1-en"), ("onet", "onet-29.3-part"), ("linguist", "linguist-9.5.0"))
DEPTH = 10
GOALS = {"p_at_1": 0.9, "mrr": 0.93, "p50_ms": 15}
WARMING = ("gardening", "waether", "piano", "sql", "first of all")  # none of them is labelled


def run(arguments: list[str]) -> dict[str, Any]:
    """Print precision, reciprocal rank and times by kind and by split, and what was not found first."""
    if not DATA.is_dir():
        print(f"skipped: the taxonomies are not in {DATA}")
        return {"bench": "search", "skipped": f"no {DATA}"}
    with QUERIES.open(encoding="utf-8", newline="") as file:
        rows = [row for row in csv.DictReader(file) if not arguments or row["split"] in arguments]
    with stack() as made:
        _import_all(made)
        token, port = _sign_in(), free_port()
        made.start_web(port, workers=1)
        _ask_all([{"query": words, "names": ""} for words in WARMING], port, token)
        servers = [psutil.Process(made.processes[-1].pid), database_process(made.instance)]
        before = sum(map(cpu_seconds, servers))
        _ask_all(rows, port, token)
        cpu_ms = round((sum(map(cpu_seconds, servers)) - before) / len(rows) * 1000, 1)
    splits = [(split, [row for row in rows if row["split"] == split]) for split in ("dev", "held")]
    kinds = [
        (kind, [row for row in rows if row["kind"] == kind]) for kind in dict.fromkeys(row["kind"] for row in rows)
    ]
    lots = [(name, lot) for name, lot in [*kinds, *splits, ("all", rows)] if lot]
    for row in rows:
        if row["rank"] != 1:
            print(f"{row['rank'] or '-':>2}  {row['query']!r} meant {row['names']}, first {row['first']!r}")
    print_table([{"queries": name, **_figures(lot)} for name, lot in lots])
    print(f"processor time of web and PostgreSQL: {cpu_ms} ms a query, the whole request\ngoals: {GOALS}")
    return {
        "bench": "search",
        "cpu_ms": cpu_ms,
        **{split: _figures(lot) for split, lot in splits if lot},
        **_figures(rows),
    }


def _import_all(made: Stack) -> None:
    for source, folder in SOURCES:
        command = [sys.executable, "-m", "flask", "--app", "wsgi", "skills", "import", source, str(DATA / folder)]
        done = subprocess.run(command, cwd=ROOT, env=made.environment, capture_output=True, text=True)
        if done.returncode:
            raise SystemExit(f"{source} was not imported:\n{done.stderr}")
        print(done.stdout.splitlines()[0])


def _sign_in() -> str:
    """Make a person and return their access token."""
    from smartskill import create_app
    from smartskill.database import now
    from smartskill.extensions import db
    from smartskill.kit.access import issue_access_token
    from smartskill.user.models import User, UserSession

    with create_app({"ACCESS_TOKEN_SECONDS": 3600}).app_context():
        user = User(email="bench@example.com", full_name="Bench")
        db.session.add(user)
        db.session.flush()
        session = UserSession(user_id=user.id, expires_at=now() + timedelta(hours=1))
        db.session.add(session)
        db.session.commit()
        token = issue_access_token(user.id, session.id)
        db.session.remove()
        db.engine.dispose()
    return token


def _ask_all(rows: Iterable[dict[str, Any]], port: int, token: str) -> None:
    """Put `rank` (0: not among the first ten), `first` and `ms` into each row."""
    connection = http.client.HTTPConnection("127.0.0.1", port)
    for row in rows:
        path = "/api/skills/?" + urlencode({"q": row["query"], "page_size": DEPTH})
        started = time.perf_counter()
        connection.request("GET", path, headers={"Authorization": f"Bearer {token}"})
        response = connection.getresponse()
        body = response.read()
        row["ms"] = (time.perf_counter() - started) * 1000
        if response.status != 200:
            raise SystemExit(f"{path}: {response.status} {body[:300]!r}")
        found = [item["name"] for item in json.loads(body)]
        row["rank"] = next((rank for rank, name in enumerate(found, 1) if name in row["names"].split("|")), 0)
        row["first"] = found[0] if found else None


def _figures(rows: Sequence[dict[str, Any]]) -> dict[str, Any]:
    times = sorted(row["ms"] for row in rows)
    return {
        "n": len(rows),
        "p_at_1": round(statistics.fmean(row["rank"] == 1 for row in rows), 3),
        "mrr": round(statistics.fmean(1 / row["rank"] if row["rank"] else 0 for row in rows), 3),
        "p50_ms": round(statistics.median(times), 1),
        "p95_ms": round(times[int(0.95 * (len(times) - 1))], 1),
    }
