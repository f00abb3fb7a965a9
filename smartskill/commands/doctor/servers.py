"""The servers behind: PostgreSQL, Redis, the mail server."""

import smtplib
from collections.abc import Iterator

from flask import current_app
from redis.exceptions import RedisError
from sqlalchemy import text
from sqlalchemy.exc import SQLAlchemyError

from smartskill.commands.doctor.finding import Finding, fail, ok, warn
from smartskill.extensions import db
from smartskill.kit import schema_state
from smartskill.kit.jobs import queue_redis

OLDEST_POSTGRES, NEWEST_POSTGRES = 15, 18
OLDEST_REDIS = (6, 2)  # BLMOVE: before it, a killed worker's job is lost
EXTENSIONS = {"pg_trgm", "btree_gist", "unaccent"}
TIMEOUT_S = 5


def check_database() -> Iterator[Finding]:
    """Reachable, of a known version, its schema the code's, its extensions there."""
    try:
        version = db.session.scalar(text("SHOW server_version_num"))
        present, newest = schema_state.present(db.session.connection()), schema_state.newest()
        extensions = set(db.session.scalars(text("SELECT extname FROM pg_extension")))
    except SQLAlchemyError as error:
        db.session.rollback()
        reason = " ".join(str(getattr(error, "orig", error)).split())
        yield fail("database", f"can't be reached: {reason}", "start PostgreSQL or correct DATABASE_URL")
        return
    yield _judge_version(int(version or 0) // 10_000)
    if present == newest:
        yield ok("schema", f"current ({present})")
    else:
        yield fail("schema", f"is at {present or 'nothing'}, the code needs {newest}", "flask db upgrade")
    missing = EXTENSIONS - extensions
    if missing:
        remedy = "; ".join(f"CREATE EXTENSION {name}" for name in sorted(missing))
        yield fail("extensions", f"missing: {', '.join(sorted(missing))}", remedy)
    else:
        yield ok("extensions", ", ".join(sorted(EXTENSIONS)))


def _judge_version(major: int) -> Finding:
    where = "given" if current_app.config["DATABASE_URL"] else "embedded"
    if major < OLDEST_POSTGRES:
        return fail("database", f"PostgreSQL {major}", f"upgrade to {OLDEST_POSTGRES} or later")
    if major > NEWEST_POSTGRES:
        return warn("database", f"PostgreSQL {major}", f"tried with {OLDEST_POSTGRES} to {NEWEST_POSTGRES} only")
    return ok("database", f"PostgreSQL {major}, {where}")


def check_redis() -> Iterator[Finding]:
    """Reachable, new enough, never evicting, persistent."""
    client = queue_redis()
    try:
        info = client.info()
    except (RedisError, OSError) as error:
        yield fail(
            "redis", f"can't be reached: {error}", "start Redis or correct REDIS_URL; until then jobs and mail wait"
        )
        return
    version = str(info.get("valkey_version") or info["redis_version"])
    name = "Valkey" if "valkey_version" in info else "Redis"
    if tuple(int(part) for part in version.split(".")[:2]) < OLDEST_REDIS:
        yield fail(
            "redis", f"{name} {version}", "upgrade to Redis 7 or Valkey 8: older ones lose jobs of killed workers"
        )
    else:
        yield ok("redis", f"{name} {version}, {info['used_memory_human']} used")
    policy = info.get("maxmemory_policy", "unknown")
    if policy != "noeviction":
        yield fail(
            "redis memory",
            f"maxmemory-policy is {policy}: jobs vanish when it is full",
            "CONFIG SET maxmemory-policy noeviction",
        )
    else:
        yield ok("redis memory", "never evicts")
    yield _judge_persistence(info)


def _judge_persistence(info: dict[str, object]) -> Finding:
    if info.get("aof_enabled"):
        if info.get("aof_last_write_status") != "ok":
            return fail("redis disk", "the last write to the append-only file failed", "look at its disk")
        return ok("redis disk", "append-only file")
    return warn(
        "redis disk",
        "no append-only file: a restart forgets queued jobs",
        "CONFIG SET appendonly yes; the sweep re-offers mail",
    )


def check_mail() -> Iterator[Finding]:
    """The mail server answers and takes our credentials."""
    settings = current_app.config
    server, port = settings["MAIL_SERVER"], settings["MAIL_PORT"]
    if not server:
        folder = f"{current_app.instance_path}/mail"
        yield warn("mail", f"no MAIL_SERVER: mail is written to {folder}", "set MAIL_SERVER, or run `flask up`")
        return
    try:
        kind = smtplib.SMTP_SSL if settings["MAIL_USE_SSL"] else smtplib.SMTP
        with kind(server, port, timeout=TIMEOUT_S) as client:
            client.ehlo()
            if settings["MAIL_USE_TLS"]:
                client.starttls()
            if settings["MAIL_USERNAME"]:
                client.login(settings["MAIL_USERNAME"], settings["MAIL_PASSWORD"] or "")
    except (OSError, smtplib.SMTPException) as error:
        yield fail("mail", f"{server}:{port}: {error}", "correct MAIL_SERVER and its like; mail waits meanwhile")
    else:
        yield ok("mail", f"{server}:{port} answers")
