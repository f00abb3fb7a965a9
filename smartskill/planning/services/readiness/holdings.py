"""What people had, and were exempt from, on a day: a few queries for any number of people.

A qualification counts on a day if it was issued and reviewed by then and `expires_on`, its last valid day, had not
passed. One that is no longer verified never counted, as a rating that was taken back never held.
"""

from collections import defaultdict
from collections.abc import Iterable, Sequence
from dataclasses import dataclass, field
from datetime import UTC, date, datetime, time, timedelta
from typing import Any

from sqlalchemy import ColumnElement, Select, and_, func, or_, select

from smartskill.extensions import db
from smartskill.planning.models.roles import Exemption, RoleRequirement
from smartskill.planning.services.readiness.formulas import Target
from smartskill.qualification.models import Qualification
from smartskill.skills.models.levels import UserSkill
from smartskill.skills.services.standing import Standing, levels_on
from smartskill.user.services.dated import today

People = Select | Sequence[int]


@dataclass
class Holdings:
    """What one person had on a day, by target."""

    levels: dict[Target, int] = field(default_factory=dict)
    standings: dict[Target, Standing] = field(default_factory=dict)  # of skills
    certificates: dict[Target, Any] = field(default_factory=dict)  # of qualifications: those that count
    exemptions: dict[Target, Any] = field(default_factory=dict)


def start_of(day: date) -> datetime:
    """The day's first moment, UTC."""
    return datetime.combine(day, time(), UTC)


def counts_on(day: date) -> ColumnElement[bool]:
    """The condition that a `Qualification` counted on a day."""
    return and_(
        Qualification.review_state == "verified",
        func.coalesce(Qualification.reviewed_at, Qualification.created_at) < start_of(day + timedelta(days=1)),
        or_(Qualification.issued_first_on.is_(None), Qualification.issued_first_on <= day),
        or_(Qualification.expires_on.is_(None), Qualification.expires_on >= day),
    )


def exempts_on(day: date) -> ColumnElement[bool]:
    """The condition that an `Exemption` held on a day; a withdrawn one held until the day before."""
    return and_(
        Exemption.starts_on <= day,
        Exemption.ends_on >= day,
        or_(Exemption.withdrawn_at.is_(None), Exemption.withdrawn_at >= start_of(day + timedelta(days=1))),
    )


def read_holdings(
    day: date, people: People, targets: Iterable[Target], *, is_trust_asked: bool = True, roles: Select | None = None
) -> defaultdict[int, Holdings]:
    """What each of these people had of the targets on a day; who had nothing of them gets an empty one when asked for.

    Args:
        people: ids, or a select of them.
        is_trust_asked: whether `standings` are needed beside the levels; today's levels are quicker without.
        roles: a select of `user_id` and `role_id`: of today's levels only those that somebody's own roles ask for.
    """
    found: defaultdict[int, Holdings] = defaultdict(Holdings)
    wanted = set(targets)
    skill_ids = [target.skill_id for target in wanted if target.skill_id]
    type_ids = [target.qualification_type_id for target in wanted if target.qualification_type_id]
    if skill_ids and (is_trust_asked or day != today()):
        _read_standings(found, day, people, skill_ids)
    elif skill_ids:
        _read_levels(found, people, skill_ids, roles)
    if type_ids:
        _read_certificates(found, day, people, type_ids)
    if wanted:
        _read_exemptions(found, day, people, wanted)
    return found


def _read_standings(found: defaultdict[int, Holdings], day: date, people: People, skill_ids: list[int]) -> None:
    for standing in levels_on(day, people, skill_ids):
        target, person = Target(standing.skill_id, None), found[standing.user_id]
        person.levels[target], person.standings[target] = standing.level, standing


def _read_levels(found: defaultdict[int, Holdings], people: People, skill_ids: list[int], roles: Select | None) -> None:
    levels = select(UserSkill.user_id, UserSkill.skill_id, UserSkill.level).where(UserSkill.level.is_not(None))
    if roles is None:
        levels = levels.where(UserSkill.user_id.in_(people), UserSkill.skill_id.in_(skill_ids))
    else:
        has = roles.subquery("has")
        asked = and_(RoleRequirement.role_id == has.c.role_id, RoleRequirement.skill_id == UserSkill.skill_id)
        levels = levels.join(has, has.c.user_id == UserSkill.user_id).join(RoleRequirement, asked)
    targets = {skill_id: Target(skill_id, None) for skill_id in skill_ids}
    for user_id, skill_id, level in db.session.execute(levels):
        assert level is not None  # as asked
        found[user_id].levels[targets[skill_id]] = level


def _read_certificates(found: defaultdict[int, Holdings], day: date, people: People, type_ids: list[int]) -> None:
    """Of several that count, the one that does so longest."""
    rows = db.session.execute(
        select(Qualification.user_id, Qualification.type_id, Qualification.id, Qualification.expires_on)
        .where(Qualification.user_id.in_(people), Qualification.type_id.in_(type_ids), counts_on(day))
        .order_by(Qualification.expires_on.asc().nulls_last(), Qualification.id)
    )
    for row in rows:
        target, person = Target(None, row.type_id), found[row.user_id]
        person.levels[target], person.certificates[target] = 1, row


def _read_exemptions(found: defaultdict[int, Holdings], day: date, people: People, wanted: set[Target]) -> None:
    """Of several that hold, the one that does so longest."""
    rows = db.session.execute(
        select(
            Exemption.id,
            Exemption.user_id,
            Exemption.skill_id,
            Exemption.qualification_type_id,
            Exemption.reason,
            Exemption.ends_on,
        )
        .where(Exemption.user_id.in_(people), exempts_on(day))
        .order_by(Exemption.ends_on, Exemption.id)
    )
    for row in rows:
        target = Target(row.skill_id, row.qualification_type_id)
        if target in wanted:
            found[row.user_id].exemptions[target] = row
