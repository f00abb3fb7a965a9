"""Months of events: made ahead, and kept no longer than the operator said."""

from datetime import UTC, datetime
from typing import cast

from sqlalchemy import Table, delete, text

from smartskill.activity.models import InteractionEvent
from smartskill.database import now
from smartskill.extensions import db
from smartskill.kit.settings import setting

EVENTS = cast(Table, InteractionEvent.__table__)


def ensure_partitions(around: datetime | None = None, *, before: int = 1, ahead: int = 3) -> list[str]:
    """Make the monthly partitions around a time that are missing; returns their names.

    Until a month has its partition its events go to the default one, so an insert never fails; they move when the
    partition is made. Waits at most 2 s for a lock: the next run tries again.
    """
    month = month_of(around or now())
    months = [shift_month(month, step) for step in range(-before, ahead + 1)]
    present = {name for name, _ in _partitions()}
    made = [start for start in months if _partition_name(start) not in present]
    if made:
        db.session.execute(text("SET LOCAL lock_timeout = '2s'"))
    for start in made:
        _make_partition(start)
    return [_partition_name(start) for start in made]


def _make_partition(start: datetime) -> None:
    name, end = _partition_name(start), shift_month(start, 1)
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
    oldest = oldest_kept(at or now())
    dropped = [name for name, start in _partitions() if start < oldest]
    if dropped:
        db.session.execute(text("SET LOCAL lock_timeout = '2s'"))
    for name in dropped:
        db.session.execute(text(f"DROP TABLE {name}"))
    db.session.execute(delete(EVENTS).where(EVENTS.c.occurred_at < oldest))
    return dropped


def oldest_kept(at: datetime) -> datetime:
    """The first month that is kept."""
    return shift_month(month_of(at), -int(setting("EVENT_RETENTION_MONTHS")))


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


def month_of(at: datetime) -> datetime:
    """When the month of a moment began, UTC."""
    return at.astimezone(UTC).replace(day=1, hour=0, minute=0, second=0, microsecond=0)


def shift_month(month: datetime, steps: int) -> datetime:
    """When the month some months later began."""
    years, index = divmod(month.month - 1 + steps, 12)
    return month.replace(year=month.year + years, month=index + 1)
