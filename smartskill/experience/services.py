"""The rules of experience: who sees it, when it is whole, and how long a skill was used.

An item that is not shown in the CV is its owner's, the managers' above and HR's; only its owner changes it.
"""

from collections import defaultdict
from collections.abc import Iterable
from datetime import date
from typing import Any

from sqlalchemy import Select, or_, select, true

from smartskill.activity.services.recording import record
from smartskill.database import now
from smartskill.experience.models import Experience, ExperienceSkill
from smartskill.extensions import db
from smartskill.kit.access import has_role
from smartskill.kit.errors import Forbidden, Invalid, NotFound
from smartskill.kit.pagination import ordered
from smartskill.kit.partial_date import PartialDate
from smartskill.skills.models.catalogue import Skill
from smartskill.user.models import User
from smartskill.user.services.accounts import get_user
from smartskill.user.services.organisation import is_manager_above, reports_of
from smartskill.user.services.policy import may_see_inactive, may_see_private

Period = tuple[PartialDate, PartialDate | None]
SORTS = {
    "start": Experience.start_on,
    "organisation": Experience.organisation,
    "title": Experience.title,
    "created_at": Experience.created_at,
    "updated_at": Experience.updated_at,
}


class NotYourExperience(Forbidden):
    """Only its owner changes an experience."""


class NotTheirManager(Forbidden):
    """Only they themselves, a manager above them or HR may add this for a person."""


class EndBeforeStart(Invalid):
    """The end lies before the start."""


def visible_to(me: User, below: Select | None = None) -> Any:
    """The condition under which rows may be seen by a person.

    Args:
        below: a select of everybody below them, where the caller knows them: that spares a large query the recursion.
    """
    if has_role(me, "hr"):
        return true()
    is_active = Experience.user_id.not_in(select(User.id).where(~User.is_active))  # these are few, and indexed
    owner = Experience.user_id
    is_below = owner.in_(reports_of(me.id) if below is None else below)
    shown = or_(Experience.show_in_cv, is_below)
    return or_(Experience.user_id == me.id, is_active & shown)


def search_experience(query: dict[str, Any], me: User) -> Select:
    """The experience that `me` may see and that passes the filters, ordered."""
    found = select(Experience).where(visible_to(me))
    if "user_id" in query:
        found = found.where(Experience.user_id == (me.id if query["user_id"] == "me" else int(query["user_id"])))
    if "kind" in query:
        found = found.where(Experience.kind == query["kind"])
    if "organisation" in query:
        found = found.where(Experience.organisation.icontains(query["organisation"], autoescape=True))
    if "skill_id" in query:
        found = found.where(Experience.skill_links.any(ExperienceSkill.skill_id == query["skill_id"]))
    if "q" in query:
        columns = (Experience.organisation, Experience.title, Experience.summary)
        found = found.where(or_(*(column.icontains(query["q"], autoescape=True) for column in columns)))
    return ordered(found, query["sort"], SORTS, Experience.id)


def get_experience(experience_id: int, me: User, *, is_locked: bool = False) -> Experience:
    """An experience, its row locked if it is about to be written.

    Raises:
        NotFound: there is none, or none that this person may see.
    """
    row = db.session.get(Experience, experience_id, with_for_update=is_locked or None, populate_existing=is_locked)
    if row is None or not _may_see(row, me):
        raise NotFound()
    return row


def _may_see(row: Experience, me: User) -> bool:
    is_there = db.session.get_one(User, row.user_id).is_active or may_see_inactive(me)
    return is_there and (row.show_in_cv or may_see_private(me, row.user_id))


def require_owner(row: Experience, me: User) -> None:
    """Raises: NotYourExperience."""
    if row.user_id != me.id:
        raise NotYourExperience()


def get_owner(data: dict[str, Any], me: User) -> User:
    """For whom a new item is: `me` unless the body names another.

    Raises:
        Invalid: there is no such person.
        NotTheirManager: it is another, and `me` is neither above them nor HR.
    """
    user_id = data.pop("user_id", me.id)
    try:
        owner = get_user(user_id, me)
    except NotFound as error:
        raise Invalid.field("user_id", "There is no such person.") from error
    if owner.id != me.id and not has_role(me, "hr") and not is_manager_above(me.id, owner.id):
        raise NotTheirManager()
    return owner


def add_experience(owner: User, data: dict[str, Any], *, by: User | None) -> Experience:
    """Add an experience to a person's profile.

    Args:
        data: what the schema loaded: every field of it.
        by: whose act it is; None as a part of an import, which records itself.
    Raises:
        EndBeforeStart, Invalid: a skill does not exist (named `skill_ids.0`).
    """
    _check_period(data["start"], data.get("end"))
    skill_ids = _known_skills(data.pop("skill_ids", []))
    row = Experience(user_id=owner.id, **data)
    row.skill_links = [ExperienceSkill(skill_id=skill_id) for skill_id in skill_ids]
    db.session.add(row)
    db.session.flush()
    if by is not None:
        props = {"skill_count": len(skill_ids), "via": "api"}
        record(by.id, "experience_added", subject_type="experience", subject_id=row.id, props=props)
    return row


def change_experience(row: Experience, data: dict[str, Any], *, by: User | None) -> Experience:
    """Change the given fields; links to skills alone also make a new version.

    Raises:
        EndBeforeStart: by the fields as they will be.
        Invalid: a skill does not exist (named `skill_ids.0`).
    """
    _check_period(data.get("start", row.start), data.get("end", row.end))
    skill_ids = _known_skills(data.pop("skill_ids", row.skill_ids))
    for name, value in data.items():
        setattr(row, name, value)
    if skill_ids != row.skill_ids:
        held = {link.skill_id: link for link in row.skill_links}
        row.skill_links = [held.get(skill_id) or ExperienceSkill(skill_id=skill_id) for skill_id in skill_ids]
        row.updated_at = now()
    if db.session.is_modified(row):
        db.session.flush()
        if by is not None:
            props = {"skill_count": len(skill_ids)}
            record(by.id, "experience_updated", subject_type="experience", subject_id=row.id, props=props)
    return row


def remove_experience(row: Experience) -> Experience:
    """Delete an experience; it is answered as it was."""
    db.session.delete(row)
    db.session.flush()
    return row


def _check_period(start: PartialDate, end: PartialDate | None) -> None:
    """At differing precision the benefit of the doubt: 2019-05 to 2019 is possible, 2020 to 2019-12 is not."""
    if end is not None and end.last < start.first:
        raise EndBeforeStart(errors={"end": [f"{end} lies before the start, {start}."]})


def _known_skills(skill_ids: list[int]) -> list[int]:
    """The ids once each, in order of id."""
    known = set(db.session.scalars(select(Skill.id).where(Skill.id.in_(skill_ids)))) if skill_ids else set()
    unknown = {
        f"skill_ids.{place}": ["There is no such skill."] for place, id_ in enumerate(skill_ids) if id_ not in known
    }
    if unknown:
        raise Invalid(errors=unknown)
    return sorted(known)


def count_months(periods: Iterable[Period], today: date) -> int:
    """The months that the periods cover together, each counted once.

    A month counts if any day of it can belong to a period: a date known to the year is taken from its January (start)
    or to its December (end). An open end is this month, and nothing beyond this month counts.
    """
    last_month = _month(today)
    covered = sorted(
        (_month(start.first), min(_month(end.last) if end else last_month, last_month)) for start, end in periods
    )
    months, counted_to = 0, -1
    for first, last in covered:
        months += max(0, last - max(first, counted_to + 1) + 1)
        counted_to = max(counted_to, last)
    return months


def _month(day: date) -> int:
    return day.year * 12 + day.month - 1


def list_skill_years(owner: User, me: User, today: date) -> list[dict[str, Any]]:
    """How long a person used each skill, from the experience that `me` may see; longest first, then by name."""
    rows = db.session.execute(
        select(Skill.id, Skill.name, Experience.start, Experience.end)
        .join(ExperienceSkill, ExperienceSkill.skill_id == Skill.id)
        .join(Experience, Experience.id == ExperienceSkill.experience_id)
        .where(Experience.user_id == owner.id, visible_to(me))
    )
    periods: dict[tuple[int, str], list[Period]] = defaultdict(list)
    for skill_id, name, start, end in rows:
        periods[skill_id, name].append((start, end))
    found = [_skill_years(skill_id, name, used, today) for (skill_id, name), used in periods.items()]
    return sorted(found, key=lambda item: (-item["duration_months"], item["skill_name"]))


def _skill_years(skill_id: int, name: str, used: list[Period], today: date) -> dict[str, Any]:
    months = count_months(used, today)
    return {
        "skill_id": skill_id,
        "skill_name": name,
        "duration_months": months,
        "years": round(months / 12, 1),
        "is_current": any(start.first <= today and (end is None or end.last >= today) for start, end in used),
    }
