"""The reads that `bench domain` measures: who asks for what, and how fast it is to be answered."""

from dataclasses import dataclass

HR, MANAGER, EMPLOYEE = 1, 2, 500
ORDINARY = "".join(f"&skill_id={number}" for number in range(1, 201))
DENSE = "".join(f"&skill_id={number}" for number in range(1801, 2001))


@dataclass(frozen=True)
class Read:
    """A request; `goal` in milliseconds, of the time on the server, or of its processor time where `is_cpu`."""

    name: str
    path: str
    asker: int = HR
    goal: float | None = None
    is_cpu: bool = False


def _experts(name: str, query: str, asker: int = HR) -> Read:
    return Read(f"experts, {name}", f"/api/skills/experts/?{query}", asker, goal=10)


THREE, MANY = "need=3:3&need=9:2&need=20:2", "need=3:2&need=9:2&need=20:2&need=30:2&need=41:1"
READS = (
    Read("skills", "/api/skills/"),
    Read("skills, deep", "/api/skills/?page=90"),
    Read("skills, most held", "/api/skills/?sort=-holders"),
    Read("skills, ?q=", "/api/skills/?q=skill 12"),
    Read("skills, ?q= mistyped", "/api/skills/?q=skil 1234"),
    Read("people", "/api/users/"),
    Read("people, ?q=", "/api/users/?q=ada"),
    Read("levels of one", "/api/users/500/skills/"),
    Read("levels of one, colleague", "/api/users/501/skills/", EMPLOYEE),
    Read("history", "/api/users/500/skills/{held}/history"),
    Read("evidence", "/api/users/500/skills/{held}/evidence"),
    Read("who has it, common", "/api/skills/1/people"),
    Read("who has it", "/api/skills/200/people"),
    Read("who has it, colleague", "/api/skills/200/people", EMPLOYEE),
    Read("who has it, manager", "/api/skills/200/people", MANAGER),
    Read("experience", "/api/experience/?user_id=500"),
    Read("qualifications", "/api/qualification/"),
    _experts("1 need", "need=40:3"),
    _experts("1 need, colleague", "need=40:3", EMPLOYEE),
    _experts("1 need, manager", "need=40:3", MANAGER),
    _experts("1 need, the most held", "need=1:1"),
    _experts("1 need, the most held, colleague", "need=1:1", EMPLOYEE),
    _experts("all of 3", THREE),
    _experts("all of 3, the most held", "need=1:1&need=2:1&need=3:1"),
    _experts("all of 5", MANY),
    _experts("any of 3", "need=3:4&need=90:3&need=200:2&match=any"),
    _experts("any of 3, the most held", "need=1:1&need=2:1&need=3:1&match=any"),
    _experts("team", "need=40:3&team_id=3"),
    _experts("interest", "need=40:3:3"),
    _experts("not", "need=2:3&not=1:3"),
    _experts("text", "text=kubernetes"),
    _experts("common text", "text=customer"),
    _experts("rare text", 'text="robotics networking"'),
    _experts("need and text", "need=2:2&text=welding"),
    _experts("all kinds", "need=2:2:1&need=9:1&not=1:4&team_id=3&text=project", MANAGER),
    Read("matrix, a team", "/api/skills/matrix/?team_id=40"),
    Read("matrix, 2,000 × 200", f"/api/skills/matrix/?team_id=3{ORDINARY}", goal=500, is_cpu=True),
    Read("matrix, 2,000 × 200, all full", f"/api/skills/matrix/?team_id=2{DENSE}", goal=500, is_cpu=True),
    Read("matrix, the most held", "/api/skills/matrix/?team_id=2", goal=500, is_cpu=True),
    Read("matrix, manager", f"/api/skills/matrix/?team_id=2{DENSE}", MANAGER, goal=500, is_cpu=True),
    Read("matrix, last year", "/api/skills/matrix/?team_id=40&as_of={last_year}"),
    Read("coverage", "/api/skills/coverage/?team_id=3", goal=100),
    Read("coverage, what if", "/api/skills/coverage/?team_id=3&without=1001&without=1011", goal=100),
    Read("coverage, all full", "/api/skills/coverage/?team_id=2", goal=100),
    Read("coverage, all full, what if", "/api/skills/coverage/?team_id=2&without=1000&without=1010", goal=100),
    Read("coverage, manager", "/api/skills/coverage/?team_id=3&without=1001", 3, goal=100),
    Read("coverage, organisation", "/api/skills/coverage/"),
    Read("gap", "/api/users/500/gap?role_id=1"),
    Read("gap, own", "/api/users/500/gap", EMPLOYEE),
    Read("team gaps", "/api/skills/gaps?team_id=3"),
    Read("team gaps, one role", "/api/skills/gaps?team_id=3&role_id=1"),
    Read("fits", "/api/users/500/fits"),
    Read("candidates", "/api/skills/roles/1/candidates"),
    Read("next skills", "/api/users/500/next-skills"),
    Read("mentors", "/api/users/500/mentors?skill_id=3", EMPLOYEE),
    Read("stale", "/api/skills/stale/?team_id=40"),
)
EXTRA = """
INSERT INTO role_profiles (id, name) SELECT n, 'Role ' || n FROM generate_series(1, 100) n;
INSERT INTO role_requirements (role_id, skill_id, level)
  SELECT r, 1 + (r * 17 + k * 5) % 400, 1 + (r + k) % 5 FROM generate_series(1, 100) r, generate_series(1, 12) k
  ON CONFLICT DO NOTHING;
INSERT INTO role_assignments (user_id, role_id, valid) SELECT id, 1 + id % 100, '[2024-01-01,)' FROM users;
INSERT INTO coverage_targets (team_id, skill_id, level, heads)
  SELECT 3, 2 * n, 1 + n % 5, 1 + n % 50 FROM generate_series(1, 100) n;
INSERT INTO coverage_targets (team_id, skill_id, level, heads)
  SELECT 2, 1800 + 2 * n, 1 + n % 5, 1 + 15 * n FROM generate_series(1, 100) n;
INSERT INTO coverage_targets (team_id, skill_id, level, heads) SELECT NULL, n, 3, 10 * n FROM generate_series(1, 50) n;
"""
