"""What a merge does to the two skills themselves: names, taxonomies' entries, and what hangs from the one that goes.

Its name and aliases become the other's, so that search and imports find that one. They are given back as they were
whatever became of them meanwhile: a curator who rewrites the aliases of the one does not know of the other.
"""

from typing import Any

from sqlalchemy import delete, insert, select, update
from sqlalchemy.dialects.postgresql import insert as upsert

from smartskill.extensions import db
from smartskill.skills.models.catalogue import Skill, SkillAlias, SkillOrigin
from smartskill.skills.models.merges import SkillMerge, SkillMergeRow

FILLED = ("description", "category_id")  # taken over where the skill that stays has none
ORIGIN_FACTS = ("skill_id", "is_maker", "digest", "written")


def take_names(merge: SkillMerge, skill: Skill, into: Skill) -> list[str]:
    """Make the skill's names aliases of the other; returns those it did not have."""
    known = {into.name.lower(), *(alias.lower() for alias in into.aliases)}
    taken = []
    for row in skill.alias_rows:
        kept = {"id": row.id, "skill_id": skill.id, "name": row.name, "language": row.language}
        is_known = row.name.lower() in known
        _log(merge, "skill_aliases", "folded" if is_known else "moved", {"id": row.id}, kept)
        change: Any = delete(SkillAlias) if is_known else update(SkillAlias).values(skill_id=into.id)
        db.session.execute(change.where(SkillAlias.id == row.id).execution_options(synchronize_session=False))
        if not is_known:
            known.add(row.name.lower())
            taken.append(row.name)
    if skill.name.lower() not in known:
        added = insert(SkillAlias).values(skill_id=into.id, name=skill.name).returning(SkillAlias.id)
        _log(merge, "skill_aliases", "added", {"id": db.session.scalar(added)}, None)
        taken.insert(0, skill.name)
    return taken


def give_names_back(merge: SkillMerge, rows: list[SkillMergeRow]) -> None:
    """Undo `take_names`."""
    here = delete(SkillAlias).where(SkillAlias.skill_id == merge.into_id)
    for row in rows:
        if row.act != "folded":
            db.session.execute(here.where(SkillAlias.id == row.key["id"]).execution_options(synchronize_session=False))
        if row.kept:
            db.session.execute(upsert(SkillAlias).values(row.kept).on_conflict_do_nothing())


def take_origins(merge: SkillMerge) -> None:
    """Let the entries of taxonomies lead to the other skill, which they did not make and so do not change."""
    found = select(SkillOrigin).where(SkillOrigin.skill_id == merge.skill_id).with_for_update()
    for origin in db.session.scalars(found).all():
        kept = {"former": {name: getattr(origin, name) for name in ORIGIN_FACTS}}
        _log(merge, "skill_origins", "changed", {"uri": origin.uri}, kept)
        origin.skill_id, origin.is_maker = merge.into_id, False


def give_origins_back(merge: SkillMerge, rows: list[SkillMergeRow]) -> None:
    """Undo `take_origins`; an entry that changed meanwhile changes the skill with the next import."""
    for row in rows:
        origin = db.session.get(SkillOrigin, row.key["uri"])
        if origin is not None and origin.skill_id == merge.into_id:
            for name, value in (row.kept or {})["former"].items():
                setattr(origin, name, value)


def take_facts(merge: SkillMerge, skill: Skill, into: Skill, followers: list[Skill]) -> None:
    """Retire the skill into the other, with all that was merged into it before: what is merged never chains."""
    facts: dict[str, Any] = {name: getattr(skill, name) for name in FILLED if getattr(into, name) is None}
    if skill.critical:
        facts["critical"] = True
    _set(merge, into, {name: value for name, value in facts.items() if value != getattr(into, name)})
    for follower in followers:
        _set(merge, follower, {"merged_into_id": into.id})
    skill.status, skill.merged_into_id = "retired", into.id


def give_facts_back(merge: SkillMerge, skill: Skill, rows: list[SkillMergeRow]) -> None:
    """Undo `take_facts`; what was changed again since stays so."""
    skill.status, skill.merged_into_id = merge.former_status, None
    for row in rows:
        changed, kept = db.session.get(Skill, row.key["id"]), row.kept or {}
        for name, value in kept["former"].items():
            if changed is not None and getattr(changed, name) == kept["set"][name]:
                setattr(changed, name, value)


def _set(merge: SkillMerge, skill: Skill, facts: dict[str, Any]) -> None:
    if facts:
        kept = {"former": {name: getattr(skill, name) for name in facts}, "set": facts}
        _log(merge, "skills", "changed", {"id": skill.id}, kept)
        for name, value in facts.items():
            setattr(skill, name, value)


def _log(merge: SkillMerge, table: str, act: str, key: dict, kept: dict | None) -> None:
    db.session.add(SkillMergeRow(merge_id=merge.id, table_name=table, act=act, key=key, kept=kept))
