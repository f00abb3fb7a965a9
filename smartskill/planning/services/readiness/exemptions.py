"""That a person need not have something for a while, with a reason and a last day: by HR or a manager above.

They end by themselves. One that is withdrawn held until the day before; what it excused on earlier days stays excused.
"""

from collections.abc import Mapping
from datetime import date
from typing import Any

from dateutil.relativedelta import relativedelta
from sqlalchemy import Select, func, select

from smartskill.database import now
from smartskill.extensions import db
from smartskill.kit.errors import Conflict, Invalid, NotFound
from smartskill.planning.models.roles import Exemption
from smartskill.planning.services.readiness.formulas import Target
from smartskill.planning.services.readiness.holdings import exempts_on
from smartskill.planning.services.roles.requirements import find_names
from smartskill.qualification.models import QualificationType
from smartskill.skills.models.catalogue import Skill
from smartskill.user.models import User
from smartskill.user.services.dated import today

LONGEST = relativedelta(years=2)
COLUMNS = (
    Exemption.id,
    Exemption.user_id,
    Exemption.skill_id,
    Exemption.qualification_type_id,
    func.coalesce(Skill.name, QualificationType.name).label("name"),
    Exemption.reason,
    Exemption.starts_on,
    Exemption.ends_on,
    Exemption.granted_by_id,
    Exemption.withdrawn_at,
    Exemption.created_at,
)


class ExemptAlready(Conflict):
    """They are exempt from it already in that time: withdraw that first."""


class ExemptionOver(Conflict):
    """This exemption is over: it was withdrawn, or its last day has passed."""


class ShownExemption(dict):
    """An exemption as it is answered; `row` is what it was made from, for the ETag."""

    row: Exemption


def search_exemptions(user_id: int, as_of: date | None = None) -> Select:
    """Rows of a person's exemptions, those that end last first; with `as_of` only those that held on that day."""
    found = (
        select(*COLUMNS)
        .join(Skill, Skill.id == Exemption.skill_id, isouter=True)
        .join(QualificationType, QualificationType.id == Exemption.qualification_type_id, isouter=True)
        .where(Exemption.user_id == user_id)
    )
    if as_of is not None:
        found = found.where(exempts_on(as_of))
    return found.order_by(Exemption.ends_on.desc(), Exemption.id.desc())


def shown_row(row: Any) -> dict[str, Any]:
    """A row of `search_exemptions` as it is answered."""
    facts = dict(row._mapping)
    return facts | {"is_current": facts["withdrawn_at"] is None and facts["starts_on"] <= today() <= facts["ends_on"]}


def get_exemption(user_id: int, exemption_id: int, *, is_locked: bool = False) -> Exemption:
    """One of a person's. Raises: NotFound."""
    lock: dict[str, Any] = {"with_for_update": True, "populate_existing": True} if is_locked else {}
    row = db.session.get(Exemption, exemption_id, **lock)
    if row is None or row.user_id != user_id:
        raise NotFound()
    return row


def show_exemption(row: Exemption) -> ShownExemption:
    """An exemption as it is answered."""
    found = db.session.execute(search_exemptions(row.user_id).where(Exemption.id == row.id)).one()
    shown = ShownExemption(shown_row(found))
    shown.row = row
    return shown


def grant_exemption(user: User, data: Mapping[str, Any], by: Any) -> Exemption:
    """Exempt a person from a skill or a kind of qualification.

    Raises:
        Invalid: there is no such target, or the days do not fit.
        ExemptAlready: another one of theirs for it reaches into that time.
    """
    target = Target(data["skill_id"], data["qualification_type_id"])
    first, last = data.get("starts_on") or today(), data["ends_on"]
    _check_days(first, last)
    if target not in find_names([target]):
        kind = "skill_id" if target.skill_id else "qualification_type_id"
        raise Invalid.field(kind, "There is no such item.")
    db.session.execute(select(User.id).where(User.id == user.id).with_for_update(key_share=True))
    _check_free(user.id, target, first, last)
    row = Exemption(
        user_id=user.id,
        **target._asdict(),
        reason=data["reason"],
        starts_on=first,
        ends_on=last,
        granted_by_id=by.id,
    )
    db.session.add(row)
    db.session.flush()
    return row


def withdraw_exemption(row: Exemption) -> Exemption:
    """End an exemption today. Raises: ExemptionOver."""
    if row.withdrawn_at is not None or row.ends_on < today():
        raise ExemptionOver()
    row.withdrawn_at = now()
    db.session.flush()
    return row


def _check_days(first: date, last: date) -> None:
    if last < max(first, today()):
        raise Invalid.field("ends_on", "Its last day must not be before its first, nor before today.")
    if last > today() + LONGEST:
        raise Invalid.field("ends_on", "At most two years ahead: grant it anew when the time has come.")


def _check_free(user_id: int, target: Target, first: date, last: date) -> None:
    taken = db.session.execute(
        select(Exemption.id, Exemption.ends_on)
        .filter_by(user_id=user_id, withdrawn_at=None, **target._asdict())
        .where(Exemption.starts_on <= last, Exemption.ends_on >= first)
    ).first()
    if taken:
        raise ExemptAlready(extra={"existing": {"id": taken.id, "ends_on": taken.ends_on.isoformat()}})
