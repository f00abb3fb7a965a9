"""Events as columns, straight from the database.

Only people who allow tracking and prediction are ever read. What was mailed comes from the outbox; an event
`email_sent` that names a delivery repeats it and is left out. What people did is read from an index alone, so that the
cost grows with the events of those who are asked for, however many others there are.
"""

from datetime import datetime
from typing import Any

import numpy as np
from sqlalchemy import Boolean, Integer, String, cast, column, func, literal, or_, select, true, union_all, values

from ml.events import KINDS, EventLog
from ml.timeline import rows_of
from smartskill.activity.models import InteractionEvent
from smartskill.engagement.insights.clocks import offsets_at
from smartskill.engagement.insights.copying import FLAG, INTEGER, MOMENT, copy_columns, epoch_of
from smartskill.engagement.services.people import IdRange, who_allows
from smartskill.extensions import db
from smartskill.notifications.models import Delivery
from smartskill.user.models import User

FIELDS = {"user_id": INTEGER, "at": MOMENT, "kind": INTEGER, "is_automated": FLAG}
MAILED = "email_sent"


def load_events(people: IdRange | None, until: datetime) -> EventLog:
    """Everything before a moment that people who allow it did, and what was mailed to them.

    Args:
        people: everybody if None.
        until: exclusive; a moment is its whole second, as it is to the features.
    """
    until = until.replace(microsecond=0)
    allowing = _allowing(people)
    found = (_acts(until), _past_mails(until), _mails(until))
    limited = (one.where(_holds(people, whose), whose.in_(select(allowing.c.id))) for one, whose in found)
    rows = copy_columns(union_all(*limited), FIELDS)
    user_ids, moments = rows["user_id"].astype(np.int64), epoch_of(rows["at"])
    offsets = _offsets(user_ids, moments, people)
    return EventLog(user_ids, moments, rows["kind"].astype(np.int16), rows["is_automated"] != 0, offsets)


def _acts(until: datetime) -> tuple[Any, Any]:
    event, codes = InteractionEvent, _codes()
    found = select(event.user_id, event.occurred_at, codes.c.code, event.is_automated)
    known = found.join(codes, codes.c.name == event.kind)
    return known.where(event.occurred_at < until, event.kind != MAILED), event.user_id


def _codes() -> Any:
    """The kinds with their codes, as a table."""
    rows = [(name, code) for code, name in enumerate(KINDS)]
    return values(column("name", String), column("code", Integer), name="codes").data(rows).cte("codes")


def _past_mails(until: datetime) -> tuple[Any, Any]:
    """Mails that only an event tells of: those of an invented past."""
    event = InteractionEvent
    is_told_once = or_(event.props.is_(None), ~event.props.has_key("delivery_id"))  # as the index says it
    found = select(event.user_id, event.occurred_at, _mailed(), event.is_automated)
    return found.where(event.occurred_at < until, event.kind == MAILED, is_told_once), event.user_id


def _mails(until: datetime) -> tuple[Any, Any]:
    found = select(Delivery.user_id, Delivery.sent_at, _mailed(), cast(literal(True), Boolean))
    went_out = found.where(Delivery.state.in_(("sent", "unknown")), Delivery.mail_class != "account")
    return went_out.where(Delivery.sent_at < until), Delivery.user_id


def _mailed() -> Any:
    return cast(literal(KINDS.index(MAILED)), Integer)


def _allowing(people: IdRange | None) -> Any:
    """Who may be read, looked up once."""
    return (
        select(User.id).where(_holds(people, User.id), who_allows(User.id)).cte("allowing").prefix_with("MATERIALIZED")
    )


def _holds(people: IdRange | None, column: Any) -> Any:
    return true() if people is None else people.holds(column)


def _offsets(user_ids: np.ndarray, moments: np.ndarray, people: IdRange | None) -> np.ndarray:
    """How far each event's person was ahead of UTC at its moment."""
    zones = select(User.timezone, func.array_agg(User.id)).group_by(User.timezone)
    found = db.session.execute(zones.where(_holds(people, User.id))).all()
    offsets = np.zeros(user_ids.size, dtype=np.int32)
    if not found:
        return offsets
    ids = np.concatenate([np.array(members, dtype=np.int64) for _, members in found])
    zone_of = np.repeat(np.arange(len(found)), [len(members) for _, members in found])
    event_zone = zone_of[rows_of(ids, user_ids)]
    order = np.argsort(event_zone, kind="stable")
    edges = np.searchsorted(event_zone[order], np.arange(len(found) + 1))
    for number, (zone, _) in enumerate(found):
        mine = order[edges[number] : edges[number + 1]]
        offsets[mine] = offsets_at(zone, moments[mine])
    return offsets
