"""Merging a skill into another, and undoing that whole.

All that refers to the skill moves to the other, ratings too: whoever reads levels, history or a past day then needs to
know nothing of merges. What moved is written down row by row, and goes back with the undo; what was said of the other
skill meanwhile stays with it. Skills are locked in the order of their ids, before any level.
"""

from collections.abc import Mapping
from typing import Any

from sqlalchemy import Select, or_, select
from sqlalchemy.orm import aliased

from smartskill.database import now
from smartskill.extensions import db
from smartskill.kit.cache import drop_generation
from smartskill.kit.errors import Conflict, Invalid, NotFound
from smartskill.skills.models.catalogue import Skill
from smartskill.skills.models.levels import Rating, UserSkill
from smartskill.skills.models.merges import SkillMerge, SkillMergeRow
from smartskill.skills.services.merge_names import (
    give_facts_back,
    give_names_back,
    give_origins_back,
    take_facts,
    take_names,
    take_origins,
)
from smartskill.skills.services.merge_rows import give_rows_back, take_rows
from smartskill.skills.services.projection import refresh_levels
from smartskill.skills.services.references import list_references


class MergedAlready(Conflict):
    """This skill is part of another already."""


class MergedElsewhere(Conflict):
    """The skill to merge into is itself part of another: merge into that one."""


class MergedIntoRetired(Conflict):
    """The skill to merge into is retired: make it active first."""


class UndoneAlready(Conflict):
    """This merge was undone already."""


class LaterMergeStands(Conflict):
    """Later merges build on this one: undo them first, the latest first."""


def merge_skills(skill_id: int, into_id: int, by: Any) -> SkillMerge:
    """Make a skill part of another; the merge's `report` says what that took.

    Raises:
        NotFound: there is no such skill.
        Invalid: there is none to merge into, or it is the skill itself.
        MergedAlready, MergedElsewhere, MergedIntoRetired: they are in no state for it.
    """
    skill, into, followers = _lock(skill_id, into_id)
    merge = SkillMerge(skill_id=skill.id, into_id=into.id, former_status=skill.status, merged_by_id=by.id)
    db.session.add(merge)
    db.session.flush()
    before = _levels(into.id)
    people = _people_of(skill.id)
    counts = {reference: take_rows(reference, merge.id, skill.id, into.id) for reference in list_references()}
    aliases = take_names(merge, skill, into)
    take_origins(merge)
    take_facts(merge, skill, into, followers)
    into.updated_at = now()
    _settle()
    refresh_levels(into.id, people)
    after = _levels(into.id)
    merge.report = {
        "moved": {reference.known.counts_as: count["moved"] for reference, count in counts.items()},
        "folded": {reference.known.counts_as: count["folded"] for reference, count in counts.items()},
        "aliases": aliases,
        "people": len(people),
        "levels_changed": sum(1 for user_id, level in before.items() if after.get(user_id) != level),
    }
    db.session.flush()
    return merge


def preview_merge(skill_id: int, into_id: int, by: Any) -> dict[str, Any]:
    """What `merge_skills` would do, found by doing it and taking all of it back. Raises what that raises."""
    point = db.session.begin_nested()
    try:
        return {**shown_merge(get_merge_row(merge_skills(skill_id, into_id, by).id)), "id": None, "merged_at": None}
    finally:
        point.rollback()


def undo_merge(merge_id: int, by: Any) -> SkillMerge:
    """Give everything back.

    Raises:
        NotFound: there is no such merge.
        UndoneAlready: it was undone.
        LaterMergeStands: with `undo_first`, the ids of the merges in their way, in the order to undo them.
    """
    merge = db.session.get(SkillMerge, merge_id)
    if merge is None:
        raise NotFound()
    skills = {skill.id: skill for skill in _locked(merge.skill_id, merge.into_id)}
    db.session.refresh(merge, with_for_update=True)
    _check_undoable(merge)
    people = _people_of(merge.skill_id) | _people_of(merge.into_id)
    for reference in list_references():
        give_rows_back(reference, merge.id, merge.skill_id, merge.into_id)
    rows: dict[str, list[SkillMergeRow]] = {"skill_aliases": [], "skill_origins": [], "skills": []}
    found = select(SkillMergeRow).where(SkillMergeRow.merge_id == merge.id, SkillMergeRow.table_name.in_(rows))
    for row in db.session.scalars(found.order_by(SkillMergeRow.id)):
        rows[row.table_name].append(row)
    give_names_back(merge, rows["skill_aliases"])
    give_origins_back(merge, rows["skill_origins"])
    give_facts_back(merge, skills[merge.skill_id], rows["skills"])
    skills[merge.into_id].updated_at = now()
    merge.undone_at, merge.undone_by_id = now(), by.id
    _settle()
    for skill_id in (merge.skill_id, merge.into_id):
        refresh_levels(skill_id, people)
    return merge


def search_merges(query: Mapping[str, Any]) -> Select:
    """Merges, the latest first, as rows for `shown_merge`."""
    gone, into = aliased(Skill), aliased(Skill)
    found = (
        select(*SkillMerge.__table__.columns, gone.name.label("skill_name"), into.name.label("into_name"))
        .join(gone, gone.id == SkillMerge.skill_id)
        .join(into, into.id == SkillMerge.into_id)
    )
    if query.get("skill_id"):
        found = found.where(or_(SkillMerge.skill_id == query["skill_id"], SkillMerge.into_id == query["skill_id"]))
    if query.get("is_undone") is not None:
        undone = SkillMerge.undone_at.is_not(None)
        found = found.where(undone if query["is_undone"] else ~undone)
    return found.order_by(SkillMerge.id.desc())


def get_merge_row(merge_id: int) -> Any:
    """One merge as a row for `shown_merge`; raises NotFound where there is none."""
    row = db.session.execute(search_merges({}).where(SkillMerge.id == merge_id)).first()
    if row is None:
        raise NotFound()
    return row


def shown_merge(row: Any) -> dict[str, Any]:
    """A merge as JSON."""
    facts = dict(row._mapping)
    report = facts.pop("report")
    return {**facts, **report}


def survivors_of(skill_ids: list[int]) -> dict[int, int]:
    """By id, the skill that each is part of now; itself, where it was not merged. Unknown ids are left out."""
    rows = db.session.execute(select(Skill.id, Skill.merged_into_id).where(Skill.id.in_(skill_ids)))
    return {row.id: row.merged_into_id or row.id for row in rows}


def _lock(skill_id: int, into_id: int) -> tuple[Skill, Skill, list[Skill]]:
    """Both skills, and those that were merged into the first, locked and checked."""
    if skill_id == into_id:
        raise Invalid.field("into_id", "A skill cannot be merged into itself.")
    skills = {skill.id: skill for skill in _locked(skill_id, into_id)}
    if skill_id not in skills:
        raise NotFound()
    if into_id not in skills:
        raise Invalid.field("into_id", "There is no such skill.")
    skill, into = skills[skill_id], skills[into_id]
    if skill.merged_into_id is not None:
        raise MergedAlready(extra={"merged_into_id": skill.merged_into_id})
    if into.merged_into_id is not None:
        raise MergedElsewhere(extra={"merged_into_id": into.merged_into_id})
    if into.status == "retired":
        raise MergedIntoRetired()
    return skill, into, [one for one in skills.values() if one.merged_into_id == skill_id]


def _locked(skill_id: int, into_id: int) -> list[Skill]:
    found = (
        select(Skill)
        .where(or_(Skill.id.in_([skill_id, into_id]), Skill.merged_into_id == skill_id))
        .order_by(Skill.id)
        .with_for_update(of=Skill)
        .execution_options(populate_existing=True)
    )
    return list(db.session.scalars(found))


def _check_undoable(merge: SkillMerge) -> None:
    if merge.undone_at is not None:
        raise UndoneAlready()
    first = _built_on(merge)
    if first:
        numbers = ", ".join(map(str, first))
        raise LaterMergeStands(f"Later merges build on this one: undo {numbers} first.", extra={"undo_first": first})


def _built_on(merge: SkillMerge) -> list[int]:
    """The later merges that have to be undone before this one, in that order."""
    later = select(SkillMerge).where(SkillMerge.id > merge.id, SkillMerge.undone_at.is_(None))
    skills, built = {merge.skill_id, merge.into_id}, []
    for one in db.session.scalars(later.order_by(SkillMerge.id)):
        if skills & {one.skill_id, one.into_id}:
            skills |= {one.skill_id, one.into_id}
            built.append(one.id)
    return built[::-1]


def _people_of(skill_id: int) -> set[int]:
    """Everyone who has a level or a wish in a skill, or was rated in it."""
    held = select(UserSkill.user_id).where(UserSkill.skill_id == skill_id)
    return set(db.session.scalars(held.union(select(Rating.user_id).where(Rating.skill_id == skill_id))))


def _levels(skill_id: int) -> dict[int, int]:
    found = select(UserSkill.user_id, UserSkill.level).where(UserSkill.skill_id == skill_id)
    rows = db.session.execute(found.where(UserSkill.level.is_not(None)))
    return {user_id: level for user_id, level in rows if level is not None}


def _settle() -> None:
    """Let the session read what statements wrote beside it, and drop what was cached of the catalogue."""
    db.session.flush()
    db.session.expire_all()
    drop_generation("skills")
