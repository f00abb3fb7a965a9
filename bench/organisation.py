"""An invented organisation for measuring: people in a tree of teams, skills, ratings and experience, all from one seed.

How often a skill is held follows a power law; a level has one rating (most), two or three, spread over three years; the
levels are projected from the ratings by SQL that says what `formulas.project` says. Person 1 is HR, persons 2 to 211
are managers: 10 below person 1, 200 below those, and everybody else below one of the 200.
"""

from random import Random

from sqlalchemy import text

from smartskill.extensions import db

PEOPLE = """
INSERT INTO teams (id, name) SELECT n, 'Team ' || n FROM generate_series(1, 211) n;
UPDATE teams SET parent_id = CASE WHEN id <= 11 THEN 1 ELSE 2 + (id - 12) % 10 END WHERE id > 1;
INSERT INTO team_placements (team_id, parent_id, valid) SELECT id, parent_id, '[2024-01-01,)' FROM teams;
INSERT INTO users (id, email, full_name, role, title, team_id, verified_at)
  SELECT n, 'p' || n || '@example.com',
         (ARRAY['Ada','Ben','Cleo','Dan','Eve','Finn','Gia','Hal','Ida','Jon'])[1 + n % 10] || ' ' || initcap(substr(md5(n::text), 1, 7)),
         CASE n WHEN 1 THEN 'hr' ELSE 'employee' END, 'Engineer', 12 + n % 200, now()
  FROM generate_series(1, {people}) n;
UPDATE users SET manager_id = CASE WHEN id <= 11 THEN 1 WHEN id <= 211 THEN 2 + (id - 12) % 10 ELSE 12 + id % 200 END
  WHERE id > 1;
INSERT INTO team_memberships (user_id, team_id, valid) SELECT id, team_id, '[2024-01-01,)' FROM users;
INSERT INTO reporting_lines (user_id, manager_id, valid)
  SELECT id, manager_id, '[2024-01-01,)' FROM users WHERE manager_id IS NOT NULL;
"""
RATINGS = """
INSERT INTO skills (id, name) SELECT n, 'Skill ' || n || ' ' || substr(md5(n::text), 1, 6) FROM generate_series(1, {skills}) n;
CREATE TEMP TABLE pairs AS SELECT DISTINCT u, s FROM (
  SELECT 1 + floor(random() * {people})::int AS u, least(1 + floor({skills} * power(random(), 2.2))::int, {skills}) AS s
  FROM generate_series(1, {pairs})) drawn;
INSERT INTO ratings (user_id, skill_id, level, source, rater_id, effective_on, created_at)
  SELECT u, s, 1 + floor(random() * 5)::int, source,
         CASE source WHEN 'self' THEN u WHEN 'manager' THEN 1 + u % 11 ELSE 1 + (u * 31 + s) % {people} END,
         current_date - floor(random() * 1095)::int, now()
  FROM pairs, LATERAL (VALUES ('self'), ('manager'), ('peer')) v(source)
  WHERE source = 'self' OR (source = 'manager' AND (u * 7 + s * 13) % 100 < 28)
     OR (source = 'peer' AND (u * 11 + s * 17) % 100 < 17);
"""
DENSE = """
INSERT INTO ratings (user_id, skill_id, level, source, rater_id, effective_on, created_at)
  SELECT u, s, 1 + floor(random() * 5)::int, 'self', u, current_date - floor(random() * 1095)::int, now()
  FROM users, LATERAL (SELECT id AS u) one, generate_series({skills} - 199, {skills}) s
  WHERE team_id % 10 = 2 AND NOT EXISTS (SELECT FROM pairs WHERE pairs.u = one.u AND pairs.s = s.s);
"""
PROJECTION = """
INSERT INTO user_skills (user_id, skill_id, level, self_level, manager_level, voices, last_confirmed_on, interest, is_shown)
SELECT user_id, skill_id,
       coalesce((array_agg(level ORDER BY rank, effective_on DESC, id DESC)
                 FILTER (WHERE (current_date - effective_on) / 30.4375 <= 24))[1],
                (array_agg(level ORDER BY effective_on DESC, id DESC))[1]),
       (array_agg(level ORDER BY effective_on DESC, id DESC) FILTER (WHERE source = 'self'))[1],
       (array_agg(level ORDER BY effective_on DESC, id DESC) FILTER (WHERE source = 'manager'))[1],
       jsonb_agg(jsonb_build_array(weight, effective_on) ORDER BY effective_on, id) FILTER (WHERE place = 1),
       max(effective_on), CASE WHEN random() < 0.5 THEN (random() * 5)::int END, random() > 0.08
FROM (SELECT r.*, s.rank, s.weight,
             row_number() OVER (PARTITION BY user_id, skill_id, coalesce(rater_id::text, source)
                                ORDER BY effective_on DESC, id DESC) AS place
      FROM ratings r JOIN (VALUES ('assessment', 1, 0.9), ('manager', 2, 0.8), ('peer', 3, 0.5), ('self', 4, 0.4),
                                  ('import', 5, 0.3)) s(source, rank, weight) USING (source)) said
GROUP BY user_id, skill_id;
INSERT INTO user_skills (user_id, skill_id, interest, target_level)
  SELECT id, 1 + (id * 37) % {skills}, 1 + id % 5, 3 FROM users ON CONFLICT DO NOTHING;
"""
# When a level will be another because the window of a more trusted rating has passed; one source alone changes nothing.
CHANGES = """
CREATE TEMP TABLE said AS
  SELECT DISTINCT ON (user_id, skill_id, source) user_id, skill_id, level, s.rank, effective_on, r.id
  FROM ratings r JOIN (VALUES ('manager', 2), ('peer', 3), ('self', 4)) s(source, rank) USING (source)
  ORDER BY user_id, skill_id, source, effective_on DESC, id DESC;
WITH changes AS (
  SELECT past.user_id, past.skill_id, past.effective_on + 731 AS day,
         coalesce((array_agg(kept.level ORDER BY kept.rank) FILTER (WHERE kept.effective_on > past.effective_on)),
                  array_agg(kept.level ORDER BY kept.effective_on DESC, kept.id DESC)) AS levels
  FROM said past JOIN said kept USING (user_id, skill_id)
  WHERE past.effective_on + 731 > current_date GROUP BY past.user_id, past.skill_id, past.effective_on
)
UPDATE user_skills SET next_change_on = first.day FROM (
  SELECT user_id, skill_id, min(day) AS day FROM changes JOIN user_skills held USING (user_id, skill_id)
  WHERE levels[1] <> held.level GROUP BY user_id, skill_id) first
WHERE first.user_id = user_skills.user_id AND first.skill_id = user_skills.skill_id;
"""
EXPERIENCES = text(
    "INSERT INTO experiences (user_id, kind, organisation, title, start_on, start_precision, summary, show_in_cv) "
    "VALUES (:user_id, 'employment', :organisation, :title, :start_on, 'year', :summary, :show_in_cv)"
)
# The first words are common, the last are rare.
WORDS = (
    "the and of to in for with team project customer business data system report process quality software platform "
    "service management delivery planning development design support operations analysis migration security kafka "
    "kubernetes postgresql terraform welding forklift payroll accounting logistics purchasing mentoring training audit "
    "compliance machine learning pipeline warehouse invoice budget contract supplier hydraulic electrical maintenance "
    "safety inspection robotics networking firewall backup monitoring"
).split()
TITLES = "engineer developer analyst manager consultant technician accountant designer nurse driver".split()
PLACES = "Acme Northwind Globex Initech Umbrella Vandelay Wonka".split()
# Rows by the million take longer than a request may; that they fit each other is made so, and not looked up for each.
UNHURRIED = ("statement_timeout = 0", "session_replication_role = replica", "work_mem = '256MB'")
PAIRS_PER_RATING = 1 / 1.45 * 1.06  # a level has 1.45 ratings; a few draws hit the same pair twice


def fill_organisation(
    people: int = 20_000, skills: int = 2_000, ratings: int = 200_000, *, is_dense: bool = False
) -> None:
    """Fill an empty, migrated database; `is_dense` adds levels of the 2,000 people below team 2 in the last 200 skills."""
    for setting in UNHURRIED:
        db.session.execute(text(f"SET LOCAL {setting}"))
    db.session.execute(text("SELECT setseed(0.42)"))
    sizes = {"people": people, "skills": skills, "pairs": int(ratings * PAIRS_PER_RATING)}
    for script in (PEOPLE, RATINGS, *([DENSE] if is_dense else []), PROJECTION, CHANGES):
        db.session.execute(text(script.format(**sizes).replace(":", "\\:")))
    _fill_experience(people)
    for table in ("teams", "users", "skills"):
        db.session.execute(
            text(f"SELECT setval(pg_get_serial_sequence('{table}', 'id'), (SELECT max(id) FROM {table}))")
        )
    db.session.commit()
    with db.engine.connect().execution_options(isolation_level="AUTOCOMMIT") as connection:
        connection.execute(text("VACUUM ANALYZE"))


def _fill_experience(people: int) -> None:
    draw = Random(7)
    weights = [1 / (1 + place) for place in range(len(WORDS))]
    rows = [
        {
            "user_id": user_id,
            "organisation": draw.choice(PLACES),
            "title": f"{draw.choice(WORDS)} {draw.choice(TITLES)}",
            "summary": " ".join(draw.choices(WORDS, weights, k=draw.randint(15, 60))),
            "start_on": f"{draw.randint(2005, 2024)}-01-01",
            "show_in_cv": draw.random() > 0.1,
        }
        for user_id in range(1, people + 1)
        for _ in range(3)
    ]
    for start in range(0, len(rows), 5000):
        db.session.execute(EXPERIENCES, rows[start : start + 5000])
