"""Whom one may plan for: HR for everyone, a manager for the people below them, nobody else.

The organisation of the asked day decides who belongs to an answer, the organisation of today who may read it: rights
are never dated back.
"""

from datetime import date
from typing import Any

from sqlalchemy import ARRAY, Integer, Select, any_, func, select

from smartskill.extensions import db
from smartskill.kit.access import has_role
from smartskill.kit.errors import Forbidden, NotFound
from smartskill.user.models import Team, User
from smartskill.user.services.dated import today
from smartskill.user.services.organisation import is_manager_above, members_of, reports_of


class NotYourPeople(Forbidden):
    """Planning is for managers, about the people below them, and for HR."""


def plans_for_all(asker: Any) -> bool:
    """Whether everybody is theirs to plan for."""
    return has_role(asker, "hr")


def plans_for(asker: Any, user_id: int) -> bool:
    """Whether a person is theirs to plan for; nobody plans for themselves unless HR."""
    return plans_for_all(asker) or is_manager_above(asker.id, user_id)


def sees_gap_of(asker: Any, user_id: int) -> bool:
    """Whether they see what a person lacks: the person, the managers above, HR."""
    return asker.id == user_id or plans_for(asker, user_id)


def people_to_plan(asker: Any, team_id: int | None = None, as_of: date | None = None) -> Select:
    """A select of the ids of the people of a team (with the teams below it), or of all, whom one may plan for.

    Of a past day those count who have left since; of today, only active accounts.

    Raises:
        NotFound: there is no such team.
        NotYourPeople: nobody reports to the asker, or nobody of that team does, neither on that day nor today.
    """
    people = select(User.id)
    if as_of is None or as_of >= today():
        people = people.where(User.is_active)
    if team_id is not None:
        if db.session.get(Team, team_id) is None:
            raise NotFound()
        members = func.array(members_of(team_id, as_of).scalar_subquery(), type_=ARRAY(Integer))
        people = people.where(User.id == any_(members))  # looked up one by one, instead of reading everybody
    if plans_for_all(asker):
        return people
    theirs = people.where(User.id.in_(reports_of(asker.id)))
    if not _is_anybody(theirs) and not (as_of and team_id and _is_anybody(_reports_within(asker, team_id))):
        raise NotYourPeople()
    return theirs


def _reports_within(asker: Any, team_id: int) -> Select:
    """Whom one has in a team today: who may read of it may also read that it had nobody on the asked day."""
    return select(User.id).where(User.id.in_(members_of(team_id, None)), User.id.in_(reports_of(asker.id)))


def _is_anybody(people: Select) -> bool:
    return db.session.scalar(people.limit(1)) is not None
