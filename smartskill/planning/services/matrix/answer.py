"""Who could do what on a day, in the organisation of that day, beside how many were wanted.

The day decides who belongs and what was known; rights are today's. So a re-organisation changes no past answer: people
move between rows of a later day only. A level that nobody stated has no cell.
"""

from collections import defaultdict
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import UTC, date, datetime, time, timedelta
from typing import Any

from sqlalchemy import Select, and_, exists, func, or_, select
from sqlalchemy.orm import aliased

from smartskill.extensions import db
from smartskill.kit.errors import Invalid
from smartskill.planning.models.targets import CoverageTarget
from smartskill.planning.services.policy import people_to_plan
from smartskill.skills.models import Skill
from smartskill.skills.services.categories import within_category
from smartskill.skills.services.merging import survivors_of
from smartskill.skills.services.standing import search_standing
from smartskill.user.models import TeamMembership, User
from smartskill.user.services.dated import today

MOST_PEOPLE = 2_000
MOST_SKILLS = 200


@dataclass(frozen=True)
class Matrix:
    """Everything of a matrix but its cells, which are many: `search_cells` selects them."""

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
    skills, skills_total = _columns(query, day, everybody)
    min_confidence = query.get("min_confidence")
    ids = [skill.skill_id for skill in skills]
    counts = _count_levels(day, everybody, ids, min_confidence)
    coverage = _coverage(ids, counts, _targets(query.get("team_id"), ids))
    return Matrix(day, people, people_total, skills, skills_total, coverage, min_confidence)


def search_cells(matrix: Matrix) -> Select:
    """The known levels of the shown people in the shown skills, by person and skill."""
    people, skills = [row.user_id for row in matrix.people], [row.skill_id for row in matrix.skills]
    found = _sure(search_standing(matrix.day, people, skills), matrix.min_confidence)
    return found.order_by(found.selected_columns.user_id, found.selected_columns.skill_id)


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


def _columns(query: Mapping[str, Any], day: date, people: Select | list[int]) -> tuple[Sequence[Any], int]:
    """The skills that were asked for, in that order; else those that most of these people have."""
    if query.get("skill_id"):
        rows = _chosen(query["skill_id"], query.get("category_id"))
        return rows, len(rows)
    levels = search_standing(day, people).subquery("levels")
    held = (
        select(levels.c.skill_id, Skill.name)
        .join(Skill, Skill.id == levels.c.skill_id)
        .group_by(levels.c.skill_id, Skill.name)
        .order_by(func.count().desc(), func.lower(Skill.name), levels.c.skill_id)
    )
    if query.get("category_id"):
        held = held.where(within_category(query["category_id"]))
    rows = db.session.execute(held.add_columns(func.count().over().label("total")).limit(MOST_SKILLS)).all()
    return rows, rows[0].total if rows else 0


def _chosen(skill_ids: Sequence[int], category_id: int | None) -> Sequence[Any]:
    survivors = survivors_of(list(skill_ids))
    unknown = [place for place, skill_id in enumerate(skill_ids) if skill_id not in survivors]
    if unknown:
        raise Invalid(errors={f"skill_id.{place}": ["There is no such skill."] for place in unknown})
    ids = list(dict.fromkeys(survivors[skill_id] for skill_id in skill_ids))
    found = select(Skill.id.label("skill_id"), Skill.name).where(Skill.id.in_(ids))
    if category_id is not None:
        found = found.where(within_category(category_id))
    return sorted(db.session.execute(found), key=lambda row: ids.index(row.skill_id))


def _sure(found: Select, min_confidence: float | None) -> Select:
    if min_confidence is None:
        return found
    levels = found.subquery("known")
    return select(*levels.c).where(levels.c.confidence >= min_confidence)


def _count_levels(
    day: date, people: Select | list[int], skill_ids: Sequence[int], min_confidence: float | None
) -> dict[int, dict[int, int]]:
    """How many of all people have each skill at each level."""
    levels = _sure(search_standing(day, people, skill_ids), min_confidence).subquery("levels")
    counted = select(levels.c.skill_id, levels.c.level, func.count()).group_by(levels.c.skill_id, levels.c.level)
    counts: dict[int, dict[int, int]] = defaultdict(dict)
    for skill_id, level, count in db.session.execute(counted):
        counts[skill_id][level] = count
    return counts


def _targets(team_id: int | None, skill_ids: Sequence[int]) -> dict[int | None, dict[int, int]]:
    """The heads wanted of this very team (of the organisation, without one), by skill and level."""
    found = select(CoverageTarget.skill_id, CoverageTarget.level, CoverageTarget.heads).where(
        CoverageTarget.skill_id.in_(skill_ids), CoverageTarget.team_id.is_not_distinct_from(team_id)
    )
    wanted: dict[int | None, dict[int, int]] = defaultdict(dict)
    for skill_id, level, heads in db.session.execute(found.order_by(CoverageTarget.level)):
        wanted[skill_id][level] = heads
    return wanted


def _coverage(
    skill_ids: Sequence[int], counts: Mapping[int, dict[int, int]], targets: Mapping[int | None, dict[int, int]]
) -> list[dict[str, Any]]:
    none: dict[int, int | None] = {1: None}
    return [
        {
            "skill_id": skill_id,
            "level": level,
            "holders": sum(count for held, count in counts.get(skill_id, {}).items() if held >= level),
            "required": heads,
        }
        for skill_id in skill_ids
        for level, heads in (targets.get(skill_id) or none).items()
    ]
