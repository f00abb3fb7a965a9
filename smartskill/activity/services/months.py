"""What each month of events came to: counts that name nobody, kept when the events are dropped."""

from datetime import datetime
from typing import cast

from sqlalchemy import Select, Table, func, select
from sqlalchemy.dialects.postgresql import insert

from smartskill.activity.models import EventMonth, InteractionEvent
from smartskill.activity.services.partitions import month_of, oldest_kept, shift_month
from smartskill.database import now
from smartskill.extensions import db

MONTHS = cast(Table, EventMonth.__table__)
LATE_MONTHS = 2  # events come in up to 30 days late, so that the month before last may still have grown


def roll_up(at: datetime | None = None) -> int:
    """Count the last two whole months, and those that are to be dropped and were not counted; returns the rows."""
    at = at or now()
    this, event = month_of(at), InteractionEvent
    in_utc = func.timezone("UTC", event.occurred_at)
    month = func.date_trunc("month", in_utc).cast(MONTHS.c.month.type)
    is_late = event.occurred_at >= shift_month(this, -LATE_MONTHS)
    is_leaving = (event.occurred_at < oldest_kept(at)) & month.not_in(select(EventMonth.month))
    counts = (
        select(month.label("month"), event.kind, event.source, func.count(), func.count(event.user_id.distinct()))
        .where(event.occurred_at < this, is_late | is_leaving)
        .group_by(month, event.kind, event.source)
    )
    written = insert(MONTHS).from_select(["month", "kind", "source", "events", "people"], counts)
    again = {name: written.excluded[name] for name in ("events", "people")}
    rows = db.session.execute(
        written.on_conflict_do_update(index_elements=["month", "kind", "source"], set_=again).returning(MONTHS.c.kind)
    )
    return len(rows.all())


def search_months() -> Select:
    """Every month's counts, the latest first."""
    return select(EventMonth).order_by(EventMonth.month.desc(), EventMonth.kind, EventMonth.source)
