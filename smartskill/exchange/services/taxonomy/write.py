"""Writing a plan: whole sets at a time, new rows by COPY under ids taken before, all in the caller's transaction."""

from collections.abc import Sequence

from sqlalchemy import ColumnElement, exists, func, select, text, update
from sqlalchemy.dialects.postgresql import insert as upsert
from sqlalchemy.orm import aliased

from smartskill.database import now
from smartskill.exchange.services.taxonomy.copying import CHUNK, Tell, copy_rows
from smartskill.exchange.services.taxonomy.entries import Entry
from smartskill.exchange.services.taxonomy.origins import (
    add_origins,
    drop_entries,
    put_origins,
    put_wordings,
    rename_entries,
    return_entries,
)
from smartskill.exchange.services.taxonomy.plan import Change, Plan
from smartskill.exchange.services.taxonomy.shelves import put_shelves
from smartskill.extensions import db
from smartskill.kit.cache import drop_generation
from smartskill.skills.models.catalogue import Skill, SkillAlias, SkillSource

IMPORT_LOCK = 7_301_004  # an arbitrary number: one import at a time


def lock_catalogue() -> None:
    """Let no other import run until this transaction ends. Take it before planning."""
    db.session.execute(select(func.pg_advisory_xact_lock(IMPORT_LOCK)))


def write_plan(plan: Plan, tell: Tell = lambda what, done, total: None) -> None:
    """Do what the plan says. What anybody used is never deleted, and what people curated is left alone."""
    _put_source(plan)
    if plan.taxonomy.language:
        _add_labels(plan.labelled, plan.taxonomy.language)
    else:
        _write_entries(plan, tell)
    db.session.expire_all()
    if plan.is_written:
        _refresh_indexes()
    drop_generation("skills")


def _write_entries(plan: Plan, tell: Tell) -> None:
    rename_entries(plan)
    shelves = put_shelves(plan.taxonomy.shelves)
    added = _add_skills(plan.added, shelves, tell)
    _change_skills(plan.changed, shelves)
    _adopt_skills(plan.adopted)
    changed = [(change.skill_id, change.entry) for change in plan.changed]
    _add_aliases([*added, *changed, *plan.adopted, *plan.noted, *plan.returned], len(added), tell)
    db.session.flush()
    db.session.expire_all()  # of what statements wrote beside it, the session knows nothing
    return_entries(plan.returned)
    drop_entries(plan.dropped)
    fresh, renewed = [*added], [*changed, *plan.returned]
    put_wordings(fresh, renewed)
    put_origins(plan)
    add_origins(plan.taxonomy.key, fresh, shelves, tell)


def _put_source(plan: Plan) -> None:
    taxonomy = plan.taxonomy
    facts = {"name": taxonomy.name, "attribution": taxonomy.attribution, "url": taxonomy.url, "imported_at": now()}
    row = upsert(SkillSource).values(key=taxonomy.key, **facts)
    db.session.execute(row.on_conflict_do_update(index_elements=["key"], set_=facts))


def _add_skills(entries: Sequence[Entry], shelves: dict[str, int], tell: Tell) -> list[tuple[int, Entry]]:
    ids = db.session.scalars(
        text("SELECT nextval(pg_get_serial_sequence('skills', 'id')) FROM generate_series(1, :n)"), {"n": len(entries)}
    )
    numbered = list(zip(ids, entries, strict=True))
    moment = now().isoformat()
    columns = ("id", "name", "description", "category_id", "external_uri", "status", "created_at", "updated_at")
    rows = (
        (
            number,
            entry.name,
            entry.description,
            shelves.get(entry.shelf or ""),
            entry.external_uri,
            "active",
            moment,
            moment,
        )
        for number, entry in numbered
    )
    copy_rows("skills", columns, rows, len(numbered), tell)
    return numbered


def _change_skills(changed: Sequence[Change], shelves: dict[str, int]) -> None:
    """A former name stays as an alias, so that whoever knows the skill by it still finds it."""
    for change in changed:
        entry = change.entry
        former = db.session.scalars(select(Skill.name).where(Skill.id == change.skill_id).with_for_update()).one()
        facts = {
            "name": entry.name,
            "description": entry.description,
            "category_id": shelves.get(entry.shelf or ""),
        }
        written = {name: facts[name] for name in change.fields}
        db.session.execute(
            update(Skill)
            .where(Skill.id == change.skill_id)
            .values(**written, version=Skill.version + 1, updated_at=now())
            .execution_options(synchronize_session=False)
        )
        if "name" in written and former.lower() != entry.name.lower():
            alias = upsert(SkillAlias).values(skill_id=change.skill_id, name=former)
            db.session.execute(alias.on_conflict_do_nothing())


def _adopt_skills(adopted: Sequence[tuple[int, Entry]]) -> None:
    """Give a skill the entry's URI where it has none."""
    for skill_id, entry in adopted:
        if entry.external_uri:
            db.session.execute(
                update(Skill)
                .where(Skill.id == skill_id, Skill.external_uri.is_(None), ~_is_taken(entry.external_uri))
                .values(external_uri=entry.external_uri, version=Skill.version + 1, updated_at=now())
                .execution_options(synchronize_session=False)
            )


def _is_taken(address: str) -> ColumnElement[bool]:
    """By a skill that was merged into the one that is to have it."""
    other = aliased(Skill)
    return exists().where(other.external_uri == address)


def _add_labels(labelled: Sequence[tuple[int, Entry]], language: str) -> None:
    more = [
        {"skill_id": number, "name": label, "language": language}
        for number, entry in labelled
        for label in (entry.name, *entry.aliases)
    ]
    for start in range(0, len(more), CHUNK):
        db.session.execute(upsert(SkillAlias).on_conflict_do_nothing(), more[start : start + CHUNK])


def _add_aliases(numbered: Sequence[tuple[int, Entry]], new: int, tell: Tell) -> None:
    """Aliases of new skills are copied in; to skills that were there, only what they lack is added."""
    fresh = [(number, alias) for number, entry in numbered[:new] for alias in entry.aliases]
    copy_rows("skill_aliases", ("skill_id", "name"), fresh, len(fresh), tell)
    names = dict(db.session.execute(select(Skill.id, Skill.name)).all()) if len(numbered) > new else {}
    more = [
        {"skill_id": number, "name": alias}
        for number, entry in numbered[new:]
        for alias in (entry.name, *entry.aliases)
        if alias.lower() != names[number].lower()
    ]
    if more:
        db.session.execute(upsert(SkillAlias).on_conflict_do_nothing(), more)


def _refresh_indexes() -> None:
    """Without this, searches stay slow until autovacuum comes by: stale statistics, and index entries still pending."""
    for table in ("skills", "skill_aliases"):
        for index in ("trgm", "words"):
            db.session.execute(select(func.gin_clean_pending_list(f"ix_{table}_name_{index}")))
    db.session.execute(text("ANALYZE skills, skill_aliases"))
