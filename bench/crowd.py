"""A crowd with a year behind it, for measuring: people in many time zones, their events, mails, consents and levels.

Everything is made by SQL from one seed. How much people do follows a power law that is spread over the ids, so that no
range of ids is special. Partitions are filled first and indexed when they are attached; indexes, keys and constraints
are the product's own.
"""

from datetime import UTC, datetime, timedelta
from typing import Any

from sqlalchemy import text

from smartskill.extensions import db

DAYS = 365
COLUMNS = "id, occurred_at, received_at, user_id, kind, source, props, is_automated"
ZONES = ("Europe/Berlin", "Europe/London", "America/New_York", "Asia/Kolkata", "UTC", "Australia/Sydney", "Mars/Base")
KINDS = (
    "signed_in", "search", "profile_viewed", "skill_viewed", "skill_rated", "search", "inbox_opened", "skill_confirmed",
    "email_sent", "endorsement_given", "profile_viewed", "search",
)  # fmt: skip
PEOPLE = """
INSERT INTO users (id, email, full_name, role, timezone, created_at, verified_at)
  SELECT n, 'p' || n || '@example.com', 'Person ' || n, CASE WHEN n % 1000 = 1 THEN 'hr' ELSE 'employee' END,
         (CAST(:zones AS text[]))[1 + n % :zone_count],
         CAST(:at AS timestamptz) - (400 + n % 1500) * interval '1 day', CAST(:at AS timestamptz)
  FROM generate_series(1, :people) n
"""
CONSENTS = """
INSERT INTO consents (user_id, purpose, is_granted, changed_at)
  SELECT n, CASE WHEN n % 40 = 0 THEN 'tracking' ELSE 'prediction' END, false, CAST(:at AS timestamptz)
  FROM generate_series(1, :people) n WHERE n % 20 = 0
"""
SKILLS = "INSERT INTO skills (id, name, review_months) SELECT n, 'Skill ' || n, 12 FROM generate_series(1, 200) n"
RATINGS = """
INSERT INTO ratings (user_id, skill_id, level, source, rater_id, effective_on, created_at)
  SELECT n, 1 + (n * 7 + k * 31) % 200, 1 + (n + k) % 5, 'self', n,
         CAST(:at AS date) - 30 - (n * k) % 800, CAST(:at AS timestamptz) - interval '1 day'
  FROM generate_series(1, :people) n, generate_series(1, 3) k
"""
QUALIFICATIONS = """
INSERT INTO qualifications (user_id, title, kind, expires_on, created_at)
  SELECT n, 'Certificate ' || n, 'certification', CAST(:at AS date) + (n % 700) - 60, CAST(:at AS timestamptz) - interval '90 days'
  FROM generate_series(1, :people, 4) n
"""
MAILS = """
INSERT INTO deliveries (user_id, kind, mail_class, campaign_key, message_id, content, state, due_at, sent_at,
                        unsubscribe_key)
  SELECT n, 'digest', 'subscription', 'bench-' || n, '<' || n || '@bench>', '{}'::jsonb, 'sent', moment, moment,
         gen_random_uuid()
  FROM (SELECT n, CAST(:at AS timestamptz) - (1 + n % 300) * interval '1 day' AS moment
        FROM generate_series(1, :people) n) made
"""
EVENTS = """
INSERT INTO {name} ({columns})
  SELECT nextval('interaction_events_id_seq'), moment, moment, person, kind, 'web',
         CASE kind WHEN 'email_sent' THEN jsonb_build_object('delivery_id', person)
                   WHEN 'profile_viewed' THEN '{{"view": "list"}}'::jsonb END, kind = 'email_sent'
  FROM (SELECT CAST(:start AS timestamptz) + random() * :seconds * interval '1 second' AS moment,
               1 + (floor(:people * power(random(), 1.5))::bigint * 7919) % :people AS person,
               (CAST(:kinds AS text[]))[1 + floor(random() * :kind_count)::int] AS kind
        FROM generate_series(1, :count)) made
"""


def fill_crowd(people: int, events: int, at: datetime) -> None:
    """Fill an empty database, and let the planner know; commits."""
    given = {"people": people, "at": at, "zones": list(ZONES), "zone_count": len(ZONES)}
    run = db.session.execute
    run(text("SET session_replication_role = replica"))  # keys are right by construction, and checked on attaching
    run(text("SET statement_timeout = 0"))
    run(text("SELECT setseed(0.5)"))
    slow = run(
        text("SELECT indexname, indexdef FROM pg_indexes WHERE tablename = 'users' AND indexdef LIKE '%gin%'")
    ).all()
    for name, _ in slow:  # built at once they take a fraction of what row by row would
        run(text(f"DROP INDEX {name}"))
    for statement in (PEOPLE, CONSENTS, SKILLS, RATINGS, QUALIFICATIONS, MAILS):
        run(text(statement), {name: value for name, value in given.items() if f":{name}" in statement})
    for _, definition in slow:
        run(text(definition))
    for start, end in _months(at - timedelta(days=DAYS), at):
        share = (end - start) / timedelta(days=DAYS)
        _fill_month(start, end, round(events * share), people)
        db.session.commit()
    run(text("SET session_replication_role = DEFAULT"))
    db.session.commit()
    with db.engine.connect().execution_options(isolation_level="AUTOCOMMIT") as connection:
        connection.execute(text("VACUUM (ANALYZE)"))


def _fill_month(start: datetime, end: datetime, count: int, people: int) -> None:
    """A partition, filled before it is attached: then its indexes are built at once."""
    run, month = db.session.execute, start.replace(day=1, hour=0, minute=0, second=0, microsecond=0)
    name = f"interaction_events_y{month:%Y}m{month:%m}"
    run(text(f"DROP TABLE IF EXISTS {name}"))
    run(text(f"CREATE TABLE {name} (LIKE interaction_events INCLUDING DEFAULTS INCLUDING CONSTRAINTS)"))
    values: dict[str, Any] = {
        "start": start, "seconds": (end - start).total_seconds() - 1, "people": people, "count": count,
        "kinds": list(KINDS), "kind_count": len(KINDS),
    }  # fmt: skip
    run(text(EVENTS.format(name=name, columns=COLUMNS)), values)
    run(text("SET LOCAL maintenance_work_mem = '512MB'"))
    limits = f"FROM ('{month.isoformat()}') TO ('{_next(month).isoformat()}')"
    run(text(f"ALTER TABLE interaction_events ATTACH PARTITION {name} FOR VALUES {limits}"))


def _months(start: datetime, end: datetime) -> list[tuple[datetime, datetime]]:
    """The months between two moments, the first and the last cut."""
    parts = []
    while start < end:
        until = min(_next(start.replace(day=1, hour=0, minute=0, second=0, microsecond=0)), end)
        parts.append((start, until))
        start = until
    return parts


def _next(month: datetime) -> datetime:
    return datetime(month.year + month.month // 12, month.month % 12 + 1, 1, tzinfo=UTC)
