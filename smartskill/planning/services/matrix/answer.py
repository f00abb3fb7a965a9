"""Who could do what on a day, in the organisation of that day, beside how many were wanted.

The day decides who belongs and what was known; rights are today's. So a re-organisation changes no past answer: people
move between rows of a later day only. A level that nobody stated has no cell.
"""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import UTC, date, datetime, time, timedelta
from typing import Any

from sqlalchemy import Select, and_, exists, func, or_, select
from sqlalchemy.orm import aliased

from smartskill.extensions import db
from smartskill.kit.errors import Invalid
from smartskill.planning.services.matrix.columns import read_columns, read_coverage
from smartskill.planning.services.policy import people_to_plan
from smartskill.user.models import TeamMembership, User
from smartskill.user.services.dated import today

MOST_PEOPLE = 2_000


@dataclass(frozen=True)
class Matrix:
    """Everything of a matrix but its cells, which are many: `cells` selects them."""

    day: date
    people: Sequence[Any]  # rows of `user_id`, `full_name`, `team_id`
    people_total: int
    skills: Sequence[Any]  # rows of `skill_id`, `name`
    skills_total: int
    coverage: list[dict[str, Any]]
    min_confidence: float | None


def read_matrix(query: Mapping[str, Any], asker: Any) -> Matrix:
    """The rows, columns and coverage of a matrix: at most 2,000 people by name, and 200 skills.

    Raises:
        Invalid: the day is to come, or a skill does not exist (named `skill_id.0`).
        NotFound, NotYourPeople: as `people_to_plan` has it.
    """
    day = query.get("as_of") or today()
    if day > today():
        raise Invalid.field("as_of", "That day is to come: ask for today or an earlier one.")
    scope = _people_on(day, people_to_plan(asker, query.get("team_id"), day))
    people = db.session.execute(_rows(day, scope).limit(MOST_PEOPLE + 1)).all()
    everybody: Select | list[int] = [row.user_id for row in people]  # looked up once, where they are not too many
    people_total = len(people)
    if people_total > MOST_PEOPLE:
        people, everybody = people[:MOST_PEOPLE], scope
        people_total = db.session.scalar(select(func.count()).select_from(scope.subquery())) or 0
    columns = read_columns(query, day, everybody)
    min_confidence = query.get("min_confidence")
    coverage = read_coverage(day, everybody, columns, query.get("team_id"), min_confidence)
    return Matrix(day, people, people_total, columns.skills, columns.total, coverage, min_confidence)


def _people_on(day: date, people: Select) -> Select:
    """Of these people those who were here on a day: in a team, or with an account that is active still."""
    here = people.where(or_(User.leaves_on.is_(None), User.leaves_on >= day))
    if day >= today():
        return here
    was_member = exists().where(TeamMembership.user_id == User.id, TeamMembership.valid.contains(day))
    day_after = datetime.combine(day + timedelta(days=1), time(), UTC)
    return here.where(or_(was_member, and_(User.is_active, User.created_at < day_after)))


def _rows(day: date, scope: Select) -> Select:
    home = aliased(TeamMembership)  # the scope asks memberships as well
    return (
        scope.with_only_columns(User.id.label("user_id"), User.full_name, home.team_id)
        .join(home, and_(home.user_id == User.id, home.valid.contains(day)), isouter=True)
        .order_by(User.full_name, User.id)
    )
