"""What waits for a review, the longest waiting first, and how many qualifications stand where."""

from datetime import date
from typing import Any

from sqlalchemy import ColumnElement, Select, case, func, select, true

from smartskill.database import now
from smartskill.extensions import db
from smartskill.kit.access import has_role
from smartskill.qualification.models import EvidenceFile, GrantedSkill, Qualification
from smartskill.qualification.services.held import status_is
from smartskill.qualification.services.renewing import is_live
from smartskill.user.models import User
from smartskill.user.services.organisation import reports_of

STATUSES = ("expired", "expiring", "valid")


def search_waiting(query: dict[str, Any]) -> Select:
    """Submitted qualifications of people who are here, the longest waiting first, as rows."""
    files = select(func.count()).where(EvidenceFile.qualification_id == Qualification.id).scalar_subquery()
    grants = select(func.count()).where(GrantedSkill.qualification_type_id == Qualification.type_id).scalar_subquery()
    found = (
        select(
            Qualification.id.label("qualification_id"),
            Qualification.user_id,
            User.full_name,
            Qualification.title,
            Qualification.issuer,
            Qualification.kind,
            Qualification.expires_on,
            Qualification.submitted_at,
            files.label("evidence_count"),
            grants.label("grants_count"),
        )
        .join(User, User.id == Qualification.user_id)
        .where(Qualification.review_state == "submitted", User.is_active)
        .order_by(Qualification.submitted_at, Qualification.id)
    )
    for name in ("kind", "type_id"):
        if name in query:
            found = found.where(getattr(Qualification, name) == query[name])
    return found


def shown_waiting(row: Any, me: User) -> dict[str, Any]:
    """A row of the queue as JSON."""
    waiting_days = max((now() - row.submitted_at).days, 0)
    return {**row._mapping, "waiting_days": waiting_days, "may_decide": row.user_id != me.id}


def count_qualifications(me: User, day: date) -> dict[str, Any]:
    """How many of those that `me` may see are in which review state, and of those that count in which status."""
    mine = _theirs(me)
    states = select(Qualification.review_state, func.count()).where(mine).group_by(Qualification.review_state)
    status = case(*((status_is(name, day), name) for name in STATUSES))
    statuses = select(status, func.count()).where(mine, is_live()).group_by(status)
    oldest = select(func.min(Qualification.submitted_at)).where(mine, Qualification.review_state == "submitted")
    return {
        "review_states": dict(db.session.execute(states).all()),
        "statuses": dict.fromkeys(STATUSES, 0) | dict(db.session.execute(statuses).all()),
        "oldest_submitted_at": db.session.scalar(oldest),
    }


def _theirs(me: User) -> ColumnElement[bool]:
    """`policy.visible_to` for sums: with the ids written out, few people's rows are found by their index."""
    if has_role(me, "hr"):
        return true()
    below = select(User.id).where(User.is_active, User.id.in_(reports_of(me.id)))
    return Qualification.user_id.in_([me.id, *db.session.scalars(below)])
