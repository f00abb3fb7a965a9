"""Qualifications that run out: who has to hear about it. The holder by the ladder; when that did not help, the
manager; when that did not help either, HR.

A step upwards waits until the holder was told and had time, so an outage or an unread mail never turns into an alarm.
"""

from collections import defaultdict
from collections.abc import Iterable, Sequence
from datetime import UTC, date, datetime, timedelta
from typing import Any
from zoneinfo import ZoneInfo

from sqlalchemy import ARRAY, ColumnElement, Select, String, any_, func, literal, select

from smartskill.engagement.models import Decision
from smartskill.engagement.services.ladder import (
    HR_AFTER_DAYS,
    MANAGER_AFTER_DAYS,
    OVERDUE,
    RUNGS,
    campaign_of,
    due_rung,
    is_history,
    later_rungs,
)
from smartskill.engagement.services.notices import SERVICE, Notice, service_key
from smartskill.extensions import db
from smartskill.qualification.models import Qualification
from smartskill.qualification.services.renewing import is_live
from smartskill.user.models import User

KIND = "qualification_expiring"
HOLDER, MANAGER, HR = "holder", "manager", "hr"


def find_expiring(people: Sequence[User], at: datetime) -> list[Notice]:
    """Reminders due to these people, as holders, as managers and as HR."""
    ids = [person.id for person in people]
    hr_ids = [person.id for person in people if person.role == "hr"]
    return [
        *_for_holders(people, at),
        *_upwards(User.manager_id.in_(ids), MANAGER, MANAGER_AFTER_DAYS, at),
        *(_addressed(hr_id, notice) for notice in _for_hr(at, bool(hr_ids)) for hr_id in hr_ids),
    ]


def find_superseded(told: Sequence[tuple[int, dict[str, Any]]]) -> set[int]:
    """The places of those reminders of which a later rung was decided since: what still waits says the same twice."""
    keys: dict[str, set[int]] = defaultdict(set)
    for place, (user_id, evidence) in enumerate(told):
        if evidence["audience"] == HOLDER:
            last = date.fromisoformat(evidence["expires_on"])
            for rung in later_rungs(evidence["rung"]):
                keys[service_key(user_id, campaign_of(evidence["qualification_id"], last, rung))].add(place)
    found = db.session.scalars(
        select(Decision.decision_key).where(Decision.decision_key == any_(literal(list(keys), ARRAY(String))))
    )
    return {place for key in found for place in keys[key]}


def local_day(timezone: str, at: datetime) -> date:
    """The day it is for somebody."""
    return at.astimezone(ZoneInfo(timezone)).date()


def _for_holders(people: Sequence[User], at: datetime) -> Iterable[Notice]:
    by_id = {person.id: person for person in people}
    horizon = at.astimezone(UTC).date() + timedelta(days=RUNGS[0] + 1)
    held = select(Qualification).where(Qualification.user_id.in_(by_id), Qualification.expires_on <= horizon, is_live())
    for row in db.session.scalars(held.order_by(Qualification.expires_on, Qualification.id)):
        today = local_day(by_id[row.user_id].timezone, at)
        last: date = row.expires_on  # type: ignore[assignment]  # the query asks for those that have one
        rung = due_rung(last, today)
        if rung and not is_history(last, row.created_at.date(), today):
            yield Notice(row.user_id, KIND, campaign_of(row.id, last, rung), _evidence(row, rung, HOLDER))


def _upwards(whose: ColumnElement[bool], audience: str, days: int, at: datetime) -> Iterable[Notice]:
    """Overdue ones whose holder was told that many days ago; addressed to the holder's manager."""
    for row, holder in db.session.execute(_told(at - timedelta(days=days)).where(whose)):
        key = f"{campaign_of(row.id, row.expires_on, OVERDUE)}:{audience}"
        evidence = _evidence(row, OVERDUE, audience) | {"holder_id": holder.id, "holder_name": holder.full_name}
        yield Notice(holder.manager_id, KIND, key, evidence)


def _for_hr(at: datetime, is_asked: bool) -> list[Notice]:
    return list(_upwards(User.id.is_not(None), HR, HR_AFTER_DAYS, at)) if is_asked else []


def _addressed(user_id: int, notice: Notice) -> Notice:
    return Notice(user_id, notice.kind, notice.campaign_key, notice.evidence)


def _told(before: datetime) -> Select:
    """Overdue qualifications of active people with the holder, where the holder was told so before a moment."""
    campaign = func.concat(
        SERVICE, ":", User.id, ":", KIND, ":", Qualification.id, ":",
        func.to_char(Qualification.expires_on, "YYYY-MM-DD"), ":", OVERDUE,
    )  # fmt: skip
    return (
        select(Qualification, User)
        .join(User, User.id == Qualification.user_id)
        .join(Decision, Decision.decision_key == campaign)
        .where(Decision.decided_at <= before, User.is_active, is_live())
        .order_by(Qualification.expires_on, Qualification.id)
    )


def _evidence(row: Qualification, rung: str, audience: str) -> dict:
    return {
        "qualification_id": row.id,
        "title": row.title,
        "issuer": row.issuer,
        "expires_on": str(row.expires_on),
        "rung": rung,
        "audience": audience,
    }
