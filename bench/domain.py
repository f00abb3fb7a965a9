"""Reads of the domain over 20,000 people, 2,000 skills and 200,000 ratings: server time, and what each plan scans.

Each request runs in this process, its whole way through the application; its statements are explained afterwards, and a
plan that reads a big table from end to end is named. `2m` in the arguments measures 2,000,000 ratings beside.
"""

import json
import statistics
import time
from datetime import timedelta
from typing import Any

from sqlalchemy import event, text

from bench.organisation import fill_organisation
from bench.stack import print_table, stack

ROUNDS = 15
BIG = 1_000  # rows from which reading a whole table counts
TEAM = "".join(f"&skill_id={number}" for number in range(1, 201))
READS = {
    "skills": "/api/skills/",
    "skills by name": "/api/skills/?q=skill 12",
    "people": "/api/users/",
    "one's levels": "/api/users/500/skills/",
    "history": "/api/users/500/skills/{held}/history",
    "evidence": "/api/users/500/skills/{held}/evidence",
    "who has it": "/api/skills/1/people",
    "experience": "/api/experience/?user_id=500",
    "qualifications": "/api/qualification/",
    "experts, 1 need": "/api/skills/experts?need=40:3",
    "experts, 3 needs": "/api/skills/experts?need=3:3&need=9:2&need=20:2",
    "experts, any of 3": "/api/skills/experts?need=3:4&need=90:3&need=200:2&match=any",
    "experts, common": "/api/skills/experts?need=1:1",
    "experts, text": "/api/skills/experts?text=kubernetes",
    "experts, both": "/api/skills/experts?need=2:2&text=welding",
    "matrix, a team": "/api/skills/matrix?team_id=40",
    "matrix, dense": f"/api/skills/matrix?team_id=2{TEAM}",
    "matrix, last year": "/api/skills/matrix?team_id=40&as_of={last_year}",
    "coverage": "/api/skills/coverage?team_id=2",
    "coverage, what if": "/api/skills/coverage?team_id=2&without=12&without=212",
    "gap": "/api/users/500/gap?role_id=1",
    "team gaps": "/api/skills/gaps?team_id=2&role_id=1",
    "fits": "/api/users/500/fits",
    "next skills": "/api/users/500/next-skills",
    "mentors": "/api/users/500/mentors?skill_id=3",
    "stale": "/api/skills/stale?team_id=40",
}
EXTRA = """
INSERT INTO role_profiles (id, name) SELECT n, 'Role ' || n FROM generate_series(1, 100) n;
INSERT INTO role_requirements (role_id, skill_id, level)
  SELECT r, 1 + (r * 17 + k * 5) % 400, 1 + (r + k) % 5 FROM generate_series(1, 100) r, generate_series(1, 12) k
  ON CONFLICT DO NOTHING;
INSERT INTO role_assignments (user_id, role_id, valid) SELECT id, 1 + id % 100, '[2024-01-01,)' FROM users;
INSERT INTO coverage_targets (team_id, skill_id, level, heads)
  SELECT 2 + n % 10, 1 + n % 300, 1 + n % 5, 1 + n % 4 FROM generate_series(1, 300) n ON CONFLICT DO NOTHING;
"""


def run(arguments: list[str]) -> dict[str, Any]:
    """Measure every read at 200,000 ratings, and with `2m` at 2,000,000 as well."""
    figures = {"bench": "domain", "reads": _measure(200_000)}
    if "2m" in arguments:
        figures["reads_2m"] = _measure(2_000_000)
        small = {row["read"]: row for row in figures["reads"]}
        ratios = {row["read"]: round(row["ms"] / max(small[row["read"]]["ms"], 0.01), 2) for row in figures["reads_2m"]}
        print_table([{"read": name, "2 M : 200 k": ratio} for name, ratio in ratios.items()])
    return figures


def _measure(ratings: int) -> list[dict[str, Any]]:
    with stack():
        from smartskill import create_app
        from smartskill.extensions import db
        from smartskill.kit import schema_state

        app = create_app()
        with app.app_context():
            schema_state.upgrade()
            began = time.monotonic()
            fill_organisation(ratings=ratings, is_dense=True)
            db.session.execute(text(EXTRA))
            db.session.execute(text("ANALYZE"))
            db.session.commit()
            print(f"{ratings:,} ratings made in {time.monotonic() - began:.0f} s")
            big = _big_tables(db)
            held = db.session.scalar(text("SELECT min(skill_id) FROM user_skills WHERE user_id = 500"))
            from smartskill.database import now

            names = {"held": held, "last_year": (now() - timedelta(days=365)).date()}
        rows = [_read(app, db, name, path.format(**names), big) for name, path in READS.items()]
    print_table(rows)
    return rows


def _big_tables(db: Any) -> set[str]:
    counts = text("SELECT relname FROM pg_class WHERE relkind IN ('r', 'p') AND reltuples >= :big")
    return set(db.session.scalars(counts, {"big": BIG}))


def _read(app: Any, db: Any, name: str, path: str, big: set[str]) -> dict[str, Any]:
    headers, client = _sign_in(app), app.test_client()
    client.get(path, headers=headers)  # warm: plans, caches, the connection
    cpu, wall, said = [], [], None
    for _ in range(ROUNDS):
        began, spent = time.perf_counter(), time.process_time()
        answer = client.get(path, headers=headers)
        wall.append(1000 * (time.perf_counter() - began))
        cpu.append(1000 * (time.process_time() - spent))
        said = answer.status_code if answer.status_code != 200 else f"{len(answer.data) / 1024:.0f} KiB"
    statements = _statements(app, db, client, path, headers)
    with app.app_context():
        scanned = sorted({table for one in statements for table in _scanned(db, *one) if table in big})
    return {
        "read": name,
        "answer": said,
        "statements": len(statements),
        "ms": round(statistics.median(wall), 1),
        "python cpu ms": round(statistics.median(cpu), 1),
        "reads whole": ", ".join(scanned) or "-",
    }


def _sign_in(app: Any) -> dict[str, str]:
    from smartskill.database import now
    from smartskill.extensions import db
    from smartskill.kit.access import issue_access_token
    from smartskill.user.models import UserSession

    with app.app_context():
        session = UserSession(user_id=1, expires_at=now() + timedelta(days=14))
        db.session.add(session)
        db.session.commit()
        return {"Authorization": f"Bearer {issue_access_token(1, session.id)}"}


def _statements(app: Any, db: Any, client: Any, path: str, headers: dict[str, str]) -> list[tuple[str, Any]]:
    found: list[tuple[str, Any]] = []

    def note(connection: Any, cursor: Any, statement: str, parameters: Any, context: Any, executemany: bool) -> None:
        if statement.lstrip().upper().startswith(("SELECT", "WITH")):
            found.append((statement, parameters))

    with app.app_context():
        engine = db.engine
    event.listen(engine, "before_cursor_execute", note)
    try:
        client.get(path, headers=headers)
    finally:
        event.remove(engine, "before_cursor_execute", note)
    return found


def _scanned(db: Any, statement: str, parameters: Any) -> list[str]:
    connection = db.engine.raw_connection()
    try:
        cursor = connection.cursor()
        cursor.execute(f"EXPLAIN (FORMAT JSON) {statement}", parameters)
        plan = cursor.fetchone()[0]
        return list(_walk((plan if isinstance(plan, list) else json.loads(plan))[0]["Plan"]))
    finally:
        connection.close()


def _walk(node: dict[str, Any]) -> Any:
    if node["Node Type"] in ("Seq Scan", "Parallel Seq Scan"):
        yield node["Relation Name"]
    for below in node.get("Plans", []):
        yield from _walk(below)
