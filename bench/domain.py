"""Reads of the domain over 20,000 people, 2,000 skills and 200,000 ratings: time, processor time, and what plans read.

Each request runs in this process, its whole way through the application. Its statements are then run under EXPLAIN
ANALYZE; a plan that reads a big table from end to end is named, and fails. With several sizes (`--ratings 200000
2000000`) it also says how much more the same read costs at each larger one.
"""

import argparse
import os
import statistics
import time
from datetime import timedelta
from pathlib import Path
from typing import Any

import orjson
from sqlalchemy import text

from bench.domain_reads import EXTRA, READS, Read
from bench.organisation import fill_organisation
from bench.plans import backend_seconds, backends, explain, note_statements, noted
from bench.stack import print_table, stack

BIG = 1_000  # rows from which reading a whole table fails
GROWTH = 2.0  # × as much at ten times the ratings
EXPLAINED = 3  # times
FEWEST, MOST_SECONDS = 5, 8  # rounds of a slow read: so many, and no further one after so long
Row = dict[str, Any]


def run(arguments: list[str]) -> Row:
    """Measure every read at each size."""
    asked = argparse.ArgumentParser(prog="bench domain")
    asked.add_argument("--people", type=int, default=20_000)
    asked.add_argument("--skills", type=int, default=2_000)
    asked.add_argument("--ratings", type=int, nargs="+", default=[200_000])
    asked.add_argument("--rounds", type=int, default=25)
    asked.add_argument("--keep", type=Path, help="a folder: keeps the filled databases, and uses those that it has")
    asked.add_argument("--only", default="", help="reads whose name begins so")
    given = asked.parse_args(arguments)
    sizes = {ratings: _measure(ratings, given) for ratings in given.ratings}
    first, *more = sizes
    growth = {ratings: _compare(sizes[first], sizes[ratings], f"{ratings:,} : {first:,}") for ratings in more}
    return {"bench": "domain", "load": os.getloadavg(), "sizes": sizes, "growth": growth}


def _measure(ratings: int, given: Any) -> list[Row]:
    kept = given.keep and given.keep / f"{given.people}-{given.skills}-{ratings}"
    with stack(kept, SMARTSKILL_LOG_LEVEL="WARNING"):  # here too: a line for each request would be measured with it
        from smartskill import create_app
        from smartskill.extensions import db
        from smartskill.kit import schema_state

        app = create_app()
        with app.app_context():
            schema_state.upgrade()
            if db.session.scalar(text("SELECT id FROM role_profiles LIMIT 1")) is None:
                _fill(given.people, given.skills, ratings)
            _vacuum(db)  # a kept database may just have been migrated
        rows = measure_reads(app, given)
    print(f"\n{ratings:,} ratings; load {os.getloadavg()[0]:.1f} on {os.cpu_count()} processors")
    _print(rows)
    return rows


def _fill(people: int, skills: int, ratings: int) -> None:
    from smartskill.extensions import db

    began = time.monotonic()
    fill_organisation(people, skills, ratings, is_dense=True)
    db.session.execute(text(EXTRA))
    db.session.execute(text("ANALYZE"))
    db.session.commit()
    print(f"{ratings:,} ratings made in {time.monotonic() - began:.0f} s")


def _vacuum(db: Any) -> None:
    db.session.commit()
    with db.engine.connect().execution_options(isolation_level="AUTOCOMMIT") as connection:
        connection.execute(text("SET statement_timeout = 0"))
        connection.execute(text("VACUUM ANALYZE"))
        connection.detach()


def measure_reads(app: Any, given: Any) -> list[Row]:
    """Every read of a filled database."""
    from smartskill.database import now
    from smartskill.extensions import db

    with app.app_context():
        note_statements(db.engine)
        held = db.session.scalar(text("SELECT min(skill_id) FROM ratings WHERE user_id = 500"))
        names = {"held": held, "last_year": (now() - timedelta(days=365)).date()}
        headers = {asker: _sign_in(asker) for asker in {read.asker for read in READS}}
    chosen = [read for read in READS if read.name.startswith(given.only)]
    return [_read(app, read, read.path.format(**names), headers[read.asker], given.rounds) for read in chosen]


def _read(app: Any, read: Read, path: str, headers: dict[str, str], rounds: int) -> Row:
    from smartskill.extensions import db

    client = app.test_client()
    with noted() as statements:
        answer = client.get(path, headers=headers)  # warms plans, caches and the connection as well
    if answer.status_code != 200:
        raise SystemExit(f"{path}: {answer.status}: {answer.text}")
    with app.app_context():
        pids, plan = backends(db), explain(db, statements, EXPLAINED)
        db.session.rollback()
    wall, python, postgres = _time(lambda: client.get(path, headers=headers), pids, rounds)
    cpu = statistics.median(map(sum, zip(python, postgres, strict=True)))
    p50 = statistics.median(wall)
    value = cpu if read.is_cpu else p50
    big = {table: count for table, count in plan.read_whole.items() if count >= BIG}
    return {
        "read": read.name,
        "rows": _count(answer),
        "p50": round(p50, 1),
        "p95": round(statistics.quantiles(wall, n=20)[-1], 1),
        "best": round(min(wall), 1),
        "python cpu": round(statistics.median(python), 1),
        "postgres cpu": round(statistics.median(postgres), 1),
        "plans": round(plan.ms, 1),
        "queries": plan.statements,
        "goal": f"{'cpu' if read.is_cpu else 'p50'} ≤ {read.goal:g}" if read.goal else "",
        "met": "" if read.goal is None else "yes" if value <= read.goal else "NO",
        "whole": "NO" if big else "",
        "indexes": sorted(plan.indexes),
        "read_whole": plan.read_whole,
        "workers": plan.workers,
        **({"cells": _count(answer)} if "/matrix/" in path else {}),
    }


def _time(ask: Any, pids: list[int], rounds: int) -> tuple[list[float], list[float], list[float]]:
    """Milliseconds of each round: on the clock, of this process, of PostgreSQL's."""
    wall, python, postgres = [], [], []
    until = time.monotonic() + MOST_SECONDS
    for round_ in range(rounds):
        if round_ >= FEWEST and time.monotonic() > until:
            break
        spent, used, began = time.process_time(), backend_seconds(pids), time.perf_counter()
        ask()
        wall.append(1000 * (time.perf_counter() - began))
        python.append(1000 * (time.process_time() - spent))
        postgres.append(1000 * (backend_seconds(pids) - used))
    return wall, python, postgres


def _count(answer: Any) -> int:
    """Of how many things an answer speaks: a list's total, a matrix's cells."""
    if "X-Pagination" in answer.headers:
        return orjson.loads(answer.headers["X-Pagination"])["total"]
    found = orjson.loads(answer.data)
    return len(found) if isinstance(found, list) else len(found.get("cells", [1]))


def _print(rows: list[Row]) -> None:
    """The figures in milliseconds, then what each plan reads."""
    hidden = ("indexes", "read_whole", "workers", "cells")
    print_table([{name: value for name, value in row.items() if name not in hidden} for row in rows])
    print("\nPlans: indexes used; tables read whole, with their rows")
    for row in rows:
        whole = ", ".join(f"{table} ({count:,})" for table, count in sorted(row["read_whole"].items())) or "none"
        shared = f"; {row['workers']} parallel workers, whose time is not in “postgres cpu”" if row["workers"] else ""
        print(f"{row['read']}: {', '.join(row['indexes'])}; whole: {whole}{shared}")
    short = [row["read"] for row in rows if "NO" in (row["met"], row["whole"])]
    print(f"\n{sum(row['met'] == 'yes' for row in rows)} goals met; missed: {'; '.join(short) or 'none'}")


def _compare(small: list[Row], large: list[Row], name: str) -> list[Row]:
    """How much more each read costs; the processors' time, since that does not depend on who else works.

    A matrix answers with every cell that there is, so its cost is taken per cell.
    """
    rows = []
    for one, other in zip(small, large, strict=True):
        costs = [row["python cpu"] + row["postgres cpu"] for row in (one, other)]
        if "cells" in one:
            costs = [cost / max(row["cells"], 1) for cost, row in zip(costs, (one, other), strict=True)]
        ratio = round(costs[1] / max(costs[0], 1e-9), 2)
        per = {"rows": f"{one['rows']} → {other['rows']}", "cpu": ratio, "per": "cell" if "cells" in one else ""}
        p50 = round(other["p50"] / max(one["p50"], 0.1), 2)
        rows.append({"read": one["read"], **per, "p50": p50, "met": "yes" if ratio <= GROWTH else "NO"})
    print(f"\n{name} (goal ≤ {GROWTH:g} × processor time)")
    print_table(rows)
    return rows


def _sign_in(user_id: int) -> dict[str, str]:
    from smartskill.database import now
    from smartskill.extensions import db
    from smartskill.kit.access import issue_access_token
    from smartskill.user.models import UserSession

    session = UserSession(user_id=user_id, expires_at=now() + timedelta(days=14))
    db.session.add(session)
    db.session.commit()
    return {"Authorization": f"Bearer {issue_access_token(user_id, session.id)}"}
