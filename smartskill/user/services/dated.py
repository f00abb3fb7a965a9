"""Facts with a first and a last day: one row per stretch of time, none overlapping (a constraint sees to that).

Saying that something holds from a day on replaces whatever was recorded for that day and later.
"""

from datetime import UTC, date, datetime
from typing import Any

from sqlalchemy import select
from sqlalchemy.dialects.postgresql import Range

from smartskill.extensions import db
from smartskill.kit.errors import Invalid


def today() -> date:
    """The current day in UTC, the one day that is today for everybody here."""
    return datetime.now(UTC).date()


def effective(on: date | None) -> date:
    """The day from which a change holds: the given one, or today.

    Raises:
        Invalid: it is in the future.
    """
    if on is not None and on > today():
        raise Invalid.field("effective_on", "Changes can't be dated ahead: give today or an earlier day.")
    return on or today()


def hold_from(
    model: Any, owner: dict[str, int], value: dict[str, int | None], on: date, *, is_end: bool = False
) -> None:
    """Record that from `on` the owner's fact has this value; `is_end`: that it has none.

    Args:
        model: a table with `valid`, the columns of `owner` and those of `value`.
    """
    rows = db.session.scalars(select(model).filter_by(**owner).order_by(model.valid)).all()
    kept = None
    for row in rows:
        if row.valid.lower is not None and row.valid.lower >= on:
            db.session.delete(row)
        elif row.valid.upper is None or row.valid.upper > on:
            kept = row
    db.session.flush()  # gone before the new stretch arrives, or they would overlap
    if kept is not None and not is_end and all(getattr(kept, name) == wanted for name, wanted in value.items()):
        kept.valid = Range(kept.valid.lower, None)
    else:
        if kept is not None:
            kept.valid = Range(kept.valid.lower, on)
            db.session.flush()
        if not is_end:
            db.session.add(model(**owner, **value, valid=Range(on, None)))
    db.session.flush()
