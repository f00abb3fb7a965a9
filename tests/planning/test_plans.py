"""What the planner does for the reads that grow with the organisation: none reads all people or all levels.

The rows are many enough, and known to the planner, so that it chooses for itself.
"""

import json

import pytest
from sqlalchemy import event, text

from smartskill.extensions import db
from tests.factories import make_user, sign_in

BIG = {"users", "user_skills", "ratings"}
ROWS = """
INSERT INTO teams (id, name) SELECT n, 'Team ' || n FROM generate_series(9001, 9040) n;
INSERT INTO team_placements (team_id, parent_id, valid)
  SELECT id, CASE WHEN id > 9001 THEN 9001 + (id - 9001) / 4 END, '[2024-01-01,)' FROM teams WHERE id > 9000;
INSERT INTO users (id, email, full_name, team_id)
  SELECT n, 'p' || n || '@example.com', 'Person ' || n, 9001 + n % 40 FROM generate_series(90001, 98000) n;
INSERT INTO team_memberships (user_id, team_id, valid)
  SELECT id, team_id, '[2024-01-01,)' FROM users WHERE id > 90000;
INSERT INTO skills (id, name) SELECT n, 'Skill ' || n FROM generate_series(9001, 9400) n;
INSERT INTO ratings (user_id, skill_id, level, source, rater_id, effective_on, created_at)
  SELECT n, 9001 + (n * 7 + k * 53) % 400, 1 + (n + k) % 5, 'self', n, current_date - n % 700, now()
  FROM generate_series(90001, 98000) n, generate_series(1, 5) k;
INSERT INTO user_skills (user_id, skill_id, level, self_level, voices, last_confirmed_on)
  SELECT user_id, skill_id, level, level, jsonb_build_array(jsonb_build_array(0.4, effective_on)), effective_on
  FROM ratings WHERE user_id > 90000;
INSERT INTO coverage_targets (team_id, skill_id, level, heads)
  SELECT 9012, n, 3, 2 FROM generate_series(9001, 9020) n;
ANALYZE;
"""
READS = [
    "/api/skills/experts/?need=9005:3",
    "/api/skills/experts/?need=9005:1&need=9058:1",
    "/api/skills/experts/?need=9005:1&need=9058:1&match=any",
    "/api/skills/experts/?need=9005:1&team_id=9002&not=9058:4",  # found: an empty answer looks at everybody, to say why
    "/api/skills/9005/people",
    "/api/users/90500/skills/",
    "/api/skills/matrix/?team_id=9012",
    "/api/skills/coverage/?team_id=9012&without=90011",
    "/api/skills/gaps?team_id=9012",
]


@pytest.fixture
def organisation(app):
    for statement in ROWS.split(";\n")[:-1]:
        db.session.execute(text(statement))
    return make_user("hr")


def read_whole(statement, parameters=None):
    """The big tables that a statement's plan reads from end to end."""
    cursor = db.session.connection().connection.cursor()
    cursor.execute(f"EXPLAIN (FORMAT JSON) {statement}", parameters)
    plan = cursor.fetchone()[0]
    return set(_scanned((json.loads(plan) if isinstance(plan, str) else plan)[0]["Plan"])) & BIG


def _scanned(node):
    if node["Node Type"] == "Seq Scan":
        yield node["Relation Name"]
    for below in node.get("Plans", []):
        yield from _scanned(below)


def test_reads_use_their_indexes(client, organisation):
    sent, headers = [], sign_in(organisation)

    def note(connection, cursor, statement, parameters, context, executemany):
        sent.append((statement, parameters))

    event.listen(db.engine, "before_cursor_execute", note)
    try:
        answers = {address: client.get(address, headers=headers).status_code for address in READS}
    finally:
        event.remove(db.engine, "before_cursor_execute", note)
    assert set(answers.values()) == {200}, answers
    selects = [one for one in sent if one[0].lstrip().startswith(("SELECT", "WITH")) and "FOR UPDATE" not in one[0]]
    assert {statement: whole for statement, given in selects if (whole := read_whole(statement, given))} == {}
    assert read_whole("SELECT count(*) FROM user_skills WHERE note = 'what no index knows'") == {"user_skills"}
