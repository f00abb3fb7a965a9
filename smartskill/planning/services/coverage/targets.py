"""Head-count targets: kept by HR, and by managers for teams that are wholly theirs."""

from collections.abc import Mapping
from typing import Any

from sqlalchemy import Select, or_, select

from smartskill.extensions import db
from smartskill.kit.errors import Invalid, NotFound
from smartskill.kit.pagination import ordered
from smartskill.planning.models.targets import CoverageTarget
from smartskill.planning.services.coverage.scope import check_keeps_targets, teams_wholly_below
from smartskill.planning.services.policy import people_to_plan, plans_for_all
from smartskill.qualification.models import QualificationType
from smartskill.skills.models.catalogue import Skill
from smartskill.user.models import Team

FIELDS = ("team_id", "skill_id", "qualification_type_id", "level", "heads")
COLUMNS = (
    *(getattr(CoverageTarget, name) for name in ("id", *FIELDS, "created_at", "updated_at")),
    Team.name.label("team_name"),
    # looked up one by one: to join them, the planner would read the catalogue
    select(Skill.name).where(Skill.id == CoverageTarget.skill_id).scalar_subquery().label("skill_name"),
    QualificationType.name.label("qualification_name"),
)
SORTS = {name: getattr(CoverageTarget, name) for name in ("id", "heads", "level", "created_at")}


class ShownTarget(dict):
    """A target as it is answered; `row` is what it was made from, for the ETag."""

    row: CoverageTarget


def search_targets(query: Mapping[str, Any], asker: Any) -> Select:
    """Rows of the targets that the asker may see and that pass the filters, ordered.

    Raises:
        NotYourPeople: the asker plans for nobody.
    """
    found = visible_targets(asker)
    for name in ("team_id", "skill_id", "qualification_type_id"):
        if name in query:
            found = found.where(getattr(CoverageTarget, name) == query[name])
    if "is_organisation" in query:
        found = found.where(CoverageTarget.team_id.is_(None) == query["is_organisation"])
    return ordered(found, query["sort"], SORTS, CoverageTarget.id)


def visible_targets(asker: Any) -> Select:
    """All targets for HR; for a manager those of their own teams.

    Raises:
        NotYourPeople: the asker plans for nobody.
    """
    found = all_targets()
    if plans_for_all(asker):
        return found
    people_to_plan(asker)
    return found.where(CoverageTarget.team_id.in_(teams_wholly_below(asker)))


def all_targets() -> Select:
    """Rows of the targets of the organisation and of teams that have not ended."""
    return (
        select(*COLUMNS)
        .select_from(CoverageTarget)
        .join(Team, Team.id == CoverageTarget.team_id, isouter=True)
        .join(QualificationType, QualificationType.id == CoverageTarget.qualification_type_id, isouter=True)
        .where(or_(Team.id.is_(None), Team.ended_on.is_(None)))
    )


def get_target(target_id: int, asker: Any, *, is_locked: bool = False) -> CoverageTarget:
    """A target that the asker may see. Raises: NotFound."""
    row = db.session.get(CoverageTarget, target_id, with_for_update=is_locked or None, populate_existing=is_locked)
    if row is None or (not plans_for_all(asker) and row.team_id not in teams_wholly_below(asker)):
        raise NotFound()
    return row


def show_target(row: CoverageTarget) -> ShownTarget:
    """A target with the names of what it is about."""
    names = ("id", *FIELDS, "created_at", "updated_at")
    shown = ShownTarget({name: getattr(row, name) for name in names})
    for name, table, key in (
        ("team_name", Team, row.team_id),
        ("skill_name", Skill, row.skill_id),
        ("qualification_name", QualificationType, row.qualification_type_id),
    ):
        shown[name] = db.session.scalar(select(table.name).where(table.id == key)) if key else None
    shown.row = row
    return shown


def add_target(data: Mapping[str, Any], by: Any) -> CoverageTarget:
    """Set a target; that the team has one for that level is told by the database.

    Raises:
        TeamNotWhollyYours: it is not theirs to write.
        Invalid: neither or both of skill and qualification, or no such team, skill or type; each is named.
    """
    check_keeps_targets(by, [data.get("team_id")])
    row = CoverageTarget(**{name: data.get(name) for name in FIELDS})
    _check(row)
    db.session.add(row)
    db.session.flush()
    return row


def change_target(row: CoverageTarget, data: Mapping[str, Any], by: Any) -> CoverageTarget:
    """Change what `data` names. One that names another team needs both to be the asker's.

    Raises:
        TeamNotWhollyYours, Invalid: as `add_target`.
    """
    check_keeps_targets(by, [row.team_id, data.get("team_id", row.team_id)])
    with db.session.no_autoflush:
        for name in FIELDS:
            if name in data:
                setattr(row, name, data[name])
        _check(row)
    db.session.flush()
    return row


def remove_target(row: CoverageTarget, by: Any) -> ShownTarget:
    """Delete a target; returns it as it was. Raises: TeamNotWhollyYours."""
    check_keeps_targets(by, [row.team_id])
    shown = show_target(row)
    db.session.delete(row)
    db.session.flush()
    return shown


def _check(row: CoverageTarget) -> None:
    errors: dict[str, list[str]] = {}
    if (row.skill_id is None) == (row.qualification_type_id is None):
        errors["skill_id"] = ["Give either a skill or a kind of qualification."]
    elif row.qualification_type_id is not None and row.level != 1:
        errors["level"] = ["A qualification is held or not: its level is 1."]
    if (
        row.team_id is not None
        and db.session.scalar(select(Team.ended_on.is_(None)).filter_by(id=row.team_id)) is not True
    ):
        errors["team_id"] = ["There is no such team."]
    if row.skill_id is not None and db.session.scalar(select(Skill.id).filter_by(id=row.skill_id)) is None:
        errors["skill_id"] = ["There is no such skill."]
    kind = row.qualification_type_id
    if kind is not None and db.session.scalar(select(QualificationType.id).filter_by(id=kind)) is None:
        errors["qualification_type_id"] = ["There is no such kind of qualification."]
    if errors:
        raise Invalid(errors=errors)
