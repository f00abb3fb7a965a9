"""Recording what people did, with their consent, and keeping it no longer than the operator said.

Consent is read in the same statement that writes the event, so that a withdrawal holds from its commit on. Properties
are numbers, flags and words of closed lists, by an allow-list per kind: free text never gets in.
"""

import logging
from datetime import UTC, datetime, timedelta
from typing import Any, cast

from sqlalchemy import Table, and_, delete, exists, insert, literal, select, text
from sqlalchemy.dialects import postgresql as pg

from smartskill.activity.models import KINDS, PURPOSES, SOURCES, Consent, InteractionEvent
from smartskill.database import now
from smartskill.extensions import db
from smartskill.kit.settings import setting

log = logging.getLogger(__name__)
EVENTS = cast(Table, InteractionEvent.__table__)
OLDEST, NEWEST = timedelta(days=30), timedelta(minutes=5)  # how far from now a client's `occurred_at` may be
NOT_BY_THEMSELVES = {"endorsement_received", "email_sent", "bounced", "complained"}
WORDS = {
    "source": {"self", "manager", "peer", "assessment", "import"},
    "view": {"list", "detail", "matrix", "experts", "team", "profile", "inbox"},
    "via": {"web", "email", "inbox", "import", "api"},
    "outcome": {"verified", "rejected", "revoked", "submitted"},
}
PROPS: dict[str, dict[str, type | set]] = {
    "signed_in": {"is_new_device": bool},
    "profile_viewed": {"is_own": bool, "view": WORDS["view"]},
    "profile_updated": {"field_count": int},
    "skill_rated": {"level": int, "source": WORDS["source"], "is_first": bool},
    "skill_confirmed": {"count": int, "via": WORDS["via"]},
    "skill_viewed": {"view": WORDS["view"]},
    "endorsement_given": {"level": int},
    "endorsement_received": {"level": int},
    "qualification_added": {"has_expiry": bool, "via": WORDS["via"]},
    "qualification_renewed": {"days_before_expiry": int},
    "qualification_reviewed": {"outcome": WORDS["outcome"]},
    "experience_added": {"skill_count": int, "via": WORDS["via"]},
    "experience_updated": {"skill_count": int},
    "search": {"result_count": int, "filter_count": int, "view": WORDS["view"]},
    "resume_imported": {"entry_count": int},
    "recommendation_opened": {"rank": int, "via": WORDS["via"]},
    "recommendation_dismissed": {"rank": int, "via": WORDS["via"]},
    "inbox_opened": {"unread_count": int},
    "email_sent": {"delivery_id": int},
    "email_clicked": {"delivery_id": int},
    "preference_changed": {"is_wanted": bool, "via": WORDS["via"]},
    "unsubscribed": {"delivery_id": int, "via": WORDS["via"]},
    "bounced": {"delivery_id": int, "is_hard": bool},
}


# --- recording ------------------------------------------------------------------------------------------------------


def record(
    user_id: int,
    kind: str,
    *,
    subject_type: str | None = None,
    subject_id: int | None = None,
    source: str = "api",
    occurred_at: datetime | None = None,
    decision_id: int | None = None,
    props: dict[str, Any] | None = None,
) -> None:
    """Remember an act, if its person allows that; called by the service that does the act, in its transaction.

    A kind or source that is not in the closed lists is logged and left out: no caller fails because of its record.
    """
    if kind not in KINDS or source not in SOURCES:
        log.error("not recorded: there is no event %s from %s", kind, source)
        return
    facts = {
        "user_id": user_id,
        "kind": kind,
        "subject_type": subject_type,
        "subject_id": subject_id,
        "source": source,
        "occurred_at": occurred_at or now(),
        "decision_id": decision_id,
        "props": allowed_props(kind, props),
        "is_automated": kind in NOT_BY_THEMSELVES or source == "system",
    }
    db.session.flush()  # the person, or what the event is about, may be new in this transaction
    columns = [EVENTS.c[name] for name in facts]
    values = select(*(literal(value, EVENTS.c[name].type) for name, value in facts.items()))
    may = _said(user_id, "tracking")
    db.session.execute(insert(EVENTS).from_select(columns, values.where(may)))


def allowed_props(kind: str, props: dict[str, Any] | None) -> dict[str, Any] | None:
    """Those properties that the kind's allow-list holds, with values of the right type; None where none is left."""
    rules = PROPS.get(kind, {})
    kept = {name: value for name, value in (props or {}).items() if name in rules and _fits(value, rules[name])}
    if len(kept) < len(props or {}):
        log.info("properties of %s left out: %s", kind, sorted(set(props or {}) - set(kept)))
    return kept or None


def _fits(value: Any, rule: type | set) -> bool:
    if isinstance(rule, set):
        return isinstance(value, str) and value in rule
    if rule is int:
        return isinstance(value, int) and not isinstance(value, bool) and abs(value) < 2**31
    return isinstance(value, rule)


def record_batch(user_id: int, events: list[dict[str, Any]]) -> dict[str, int | bool]:
    """Take a client's batch. One bad event does not cost the others: what is not taken is counted.

    Returns:
        `accepted`; `duplicates`, taken before with the same `occurred_at` and `client_event_id`; `out_of_time`, from
        more than 30 days ago or 5 minutes ahead; `is_tracked`, False where consent is missing: then nothing is kept.
    """
    at = now()
    rows = {}
    timely = [event for event in events if at - OLDEST <= event["occurred_at"] <= at + NEWEST]
    answer: dict[str, int | bool] = {"accepted": 0, "duplicates": 0, "out_of_time": len(events) - len(timely)}
    answer["is_tracked"] = may(user_id, "tracking")
    if not (answer["is_tracked"] and timely):
        return answer
    for event in timely:
        row = _client_row(user_id, event)
        rows[(row["occurred_at"], row["client_event_id"])] = row
    found = pg.insert(EVENTS).values(list(rows.values())).on_conflict_do_nothing()
    accepted = len(db.session.execute(found.returning(EVENTS.c.id)).all())
    return answer | {"accepted": accepted, "duplicates": len(timely) - accepted}


def _client_row(user_id: int, event: dict[str, Any]) -> dict[str, Any]:
    return {
        "user_id": user_id,
        "kind": event["kind"],
        "subject_type": event.get("subject_type"),
        "subject_id": event.get("subject_id"),
        "source": "web",
        "occurred_at": event["occurred_at"],
        "props": allowed_props(event["kind"], event.get("props")),
        "client_event_id": f"{user_id}:{event['client_event_id']}",  # nobody can use up another's ids
    }


# --- consent --------------------------------------------------------------------------------------------------------


def default_consent(purpose: str) -> bool:
    """What holds where a person has not said: the operator's setting."""
    return bool(setting(f"{purpose.upper()}_DEFAULT"))


def _said(user_id: Any, purpose: str) -> Any:
    """The SQL condition that a person (an id or a column) allows a purpose."""
    mine = and_(Consent.user_id == user_id, Consent.purpose == purpose)
    if default_consent(purpose):
        return ~exists().where(mine, Consent.is_granted.is_(False))
    return exists().where(mine, Consent.is_granted)


def may(user_id: int, purpose: str) -> bool:
    """Whether a person allows `tracking` or `prediction` now."""
    return bool(db.session.scalar(select(_said(user_id, purpose))))


def allowing(purpose: str, user_ids: Any) -> Any:
    """A condition for queries: the column `user_ids` names people who allow the purpose."""
    return _said(user_ids, purpose)


def get_consents(user_id: int) -> dict[str, Any]:
    """Both switches, and when each was last set (None: the operator's default holds)."""
    rows = {row.purpose: row for row in db.session.scalars(select(Consent).filter_by(user_id=user_id))}
    found: dict[str, Any] = {}
    for purpose in PURPOSES:
        row = rows.get(purpose)
        found[purpose] = row.is_granted if row else default_consent(purpose)
        found[f"{purpose}_changed_at"] = row.changed_at if row else None
    return found


def set_consents(user_id: int, said: dict[str, bool]) -> dict[str, Any]:
    """Set the switches that are given; whole and at once: the next event or prediction already obeys."""
    for purpose, is_granted in said.items():
        row = db.session.get(Consent, (user_id, purpose), with_for_update=True)
        if row is None:
            db.session.add(Consent(user_id=user_id, purpose=purpose, is_granted=is_granted))
        elif row.is_granted != is_granted:
            row.is_granted, row.changed_at = is_granted, now()
    db.session.flush()
    return get_consents(user_id)


# --- partitions -----------------------------------------------------------------------------------------------------


def ensure_partitions(around: datetime | None = None, *, before: int = 1, ahead: int = 3) -> list[str]:
    """Make the monthly partitions around a time that are missing; returns their names.

    Until a month has its partition its events go to the default one, so an insert never fails; they move when the
    partition is made. Waits at most 2 s for a lock: the next run tries again.
    """
    month = _month(around or now())
    months = [_shift(month, step) for step in range(-before, ahead + 1)]
    present = {name for name, _ in _partitions()}
    made = [start for start in months if _partition_name(start) not in present]
    if made:
        db.session.execute(text("SET LOCAL lock_timeout = '2s'"))
    for start in made:
        _make_partition(start)
    return [_partition_name(start) for start in made]


def _make_partition(start: datetime) -> None:
    name, end = _partition_name(start), _shift(start, 1)
    bounds = {"start": start, "end": end}
    columns = ", ".join(column.name for column in EVENTS.columns)
    run = db.session.execute
    run(text(f"CREATE TABLE {name} (LIKE interaction_events INCLUDING ALL)"))
    # Locked first: an event that slipped into the default partition between move and attach would fail the attach.
    run(text("LOCK TABLE interaction_events_default IN ACCESS EXCLUSIVE MODE"))
    run(
        text(
            "WITH moved AS (DELETE FROM interaction_events_default"  # noqa: S608 - the names are the model's
            " WHERE occurred_at >= :start AND occurred_at < :end RETURNING *)"
            f" INSERT INTO {name} ({columns}) SELECT {columns} FROM moved"
        ),
        bounds,
    )
    limits = f"FROM ('{start.isoformat()}') TO ('{end.isoformat()}')"
    run(text(f"ALTER TABLE interaction_events ATTACH PARTITION {name} FOR VALUES {limits}"))


def drop_old_events(at: datetime | None = None) -> list[str]:
    """Drop the partitions older than `EVENT_RETENTION_MONTHS`, and old events of the default one; returns the names."""
    oldest = _shift(_month(at or now()), -int(setting("EVENT_RETENTION_MONTHS")))
    dropped = [name for name, start in _partitions() if start < oldest]
    if dropped:
        db.session.execute(text("SET LOCAL lock_timeout = '2s'"))
    for name in dropped:
        db.session.execute(text(f"DROP TABLE {name}"))
    db.session.execute(delete(EVENTS).where(EVENTS.c.occurred_at < oldest))
    return dropped


def _partitions() -> list[tuple[str, datetime]]:
    rows = db.session.scalars(
        text(
            "SELECT inhrelid::regclass::text FROM pg_inherits"
            " WHERE inhparent = 'interaction_events'::regclass ORDER BY 1"
        )
    )
    return [(name, datetime.strptime(name[-8:], "y%Ym%m").replace(tzinfo=UTC)) for name in rows if name[-8] == "y"]


def _partition_name(start: datetime) -> str:
    return f"interaction_events_y{start:%Y}m{start:%m}"


def _month(at: datetime) -> datetime:
    return at.astimezone(UTC).replace(day=1, hour=0, minute=0, second=0, microsecond=0)


def _shift(month: datetime, steps: int) -> datetime:
    years, index = divmod(month.month - 1 + steps, 12)
    return month.replace(year=month.year + years, month=index + 1)
