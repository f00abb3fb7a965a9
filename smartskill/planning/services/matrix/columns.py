"""The columns of a matrix: which skills, and how many of all people have each at the levels that are wanted."""

from collections import defaultdict
from collections.abc import Iterable, Mapping, Sequence
from datetime import date
from typing import Any, NamedTuple

from sqlalchemy import Select, func, select

from smartskill.extensions import db
from smartskill.kit.arrays import is_one_of
from smartskill.kit.errors import Invalid
from smartskill.planning.models.targets import CoverageTarget
from smartskill.skills.models.catalogue import Skill
from smartskill.skills.services.categories import within_category
from smartskill.skills.services.holders import MANY, Asked, count_by_level, count_by_skill, count_holders
from smartskill.skills.services.merging import survivors_of
from smartskill.skills.services.standing import only_sure, search_standing
from smartskill.user.services.dated import today

MOST_SKILLS = 200
People = Select | list[int]
Counts = Mapping[int, Mapping[int, int]]  # skill → level → people


class Columns(NamedTuple):
    """The skills that are shown."""

    skills: Sequence[Any]  # rows of `skill_id`, `name`
    total: int
    counts: Counts | None = None  # where all levels were counted to find them


def read_columns(query: Mapping[str, Any], day: date, people: People) -> Columns:
    """The skills that were asked for, in that order; else those that most of these people have.

    Raises:
        Invalid: a skill does not exist (named `skill_id.0`).
    """
    category_id = query.get("category_id")
    if query.get("skill_id"):
        rows = _chosen(query["skill_id"], category_id)
        return Columns(rows, len(rows))
    within = select(Skill.id).where(within_category(category_id)) if category_id else None
    counts = count_by_level(people, within) if day == today() else None
    if counts is None:
        held = count_by_skill(day, people, within)
    else:
        held = {skill_id: sum(levels.values()) for skill_id, levels in counts.items()}
    return Columns(_most_held(held), len(held), counts)


def _most_held(held: Mapping[int, int]) -> Sequence[Any]:
    """Names decide between skills that as many people have; only those that may be shown are looked up."""
    least = sorted(held.values(), reverse=True)[:MOST_SKILLS][-1] if held else 0
    rows = _by_name([skill_id for skill_id, count in held.items() if count >= least])
    return sorted(rows, key=lambda row: -held[row.skill_id])[:MOST_SKILLS]


def _by_name(skill_ids: Sequence[int]) -> Sequence[Any]:
    found = select(Skill.id.label("skill_id"), Skill.name).where(is_one_of(Skill.id, skill_ids))
    return db.session.execute(found.order_by(func.lower(Skill.name), Skill.id)).all()


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


def read_coverage(
    day: date, people: People, columns: Columns, team_id: int | None, min_confidence: float | None
) -> list[dict[str, Any]]:
    """How many of all people have each skill at the levels of the team's targets, or at all where there are none."""
    skill_ids = [skill.skill_id for skill in columns.skills]
    targets = _targets(team_id, skill_ids)
    none: dict[int, int | None] = {1: None}
    wanted = {(skill_id, level): heads for skill_id in skill_ids
              for level, heads in (targets.get(skill_id) or none).items()}  # fmt: skip
    if min_confidence is None and columns.counts is not None:
        held = _sum_levels(columns.counts, wanted)
    elif min_confidence is None and day == today() and isinstance(people, list) and len(people) > MANY:
        held = count_holders(wanted, people)
    else:
        held = _sum_levels(_count_levels(only_sure(search_standing(day, people, skill_ids), min_confidence)), wanted)
    return [
        {"skill_id": asked[0], "level": asked[1], "holders": held[asked], "required": heads}
        for asked, heads in wanted.items()
    ]


def _count_levels(found: Select) -> Counts:
    levels = found.subquery("levels")
    counted = select(levels.c.skill_id, levels.c.level, func.count()).group_by(levels.c.skill_id, levels.c.level)
    counts: defaultdict[int, dict[int, int]] = defaultdict(dict)
    for skill_id, level, count in db.session.execute(counted):
        counts[skill_id][level] = count
    return counts


def _sum_levels(counts: Counts, wanted: Iterable[Asked]) -> dict[Asked, int]:
    """How many have each skill at the level or above it."""
    return {
        (skill_id, level): sum(count for held, count in counts.get(skill_id, {}).items() if held >= level)
        for skill_id, level in wanted
    }


def _targets(team_id: int | None, skill_ids: Sequence[int]) -> dict[int | None, dict[int, int]]:
    """The heads wanted of this very team (of the organisation, without one), by skill and level."""
    found = select(CoverageTarget.skill_id, CoverageTarget.level, CoverageTarget.heads).where(
        CoverageTarget.skill_id.in_(skill_ids), CoverageTarget.team_id.is_not_distinct_from(team_id)
    )
    wanted: dict[int | None, dict[int, int]] = defaultdict(dict)
    for skill_id, level, heads in db.session.execute(found.order_by(CoverageTarget.level)):
        wanted[skill_id][level] = heads
    return wanted
