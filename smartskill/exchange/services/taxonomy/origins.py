"""What is kept of an import for the next: which entry is which skill, what was written, and what is gone."""

from collections.abc import Mapping, Sequence

import orjson
from sqlalchemy import delete, insert, select, update

from smartskill.database import now
from smartskill.exchange.services.taxonomy.copying import CHUNK, Tell, copy_rows
from smartskill.exchange.services.taxonomy.entries import Entry
from smartskill.exchange.services.taxonomy.plan import Drop, Plan, written_facts
from smartskill.extensions import db
from smartskill.skills.models.catalogue import Skill, SkillLevelWording, SkillOrigin
from smartskill.skills.services.usage import used_among

Numbered = Sequence[tuple[int, Entry]]
QUIET = {"synchronize_session": False}


def add_origins(source: str, added: Numbered, shelves: Mapping[str, int], tell: Tell) -> None:
    """Remember what was written in new skills."""
    columns = ("uri", "skill_id", "source", "digest", "is_maker", "written")
    rows = (
        (entry.uri, number, source, entry.digest, True, orjson.dumps(_written(entry, shelves)).decode())
        for number, entry in added
    )
    copy_rows("skill_origins", columns, rows, len(added), tell)


def put_origins(plan: Plan) -> None:
    """Remember what the plan did to skills that were there. Of what people curated, what was written before is
    remembered still.
    """
    now_there = _facts([change.skill_id for change in plan.changed])
    facts = {"source": plan.taxonomy.key, "is_maker": False}
    adopted = [{"uri": one.uri, "skill_id": number, "digest": one.digest, **facts} for number, one in plan.adopted]
    if adopted:
        db.session.execute(insert(SkillOrigin), adopted)
    for change in plan.changed:
        origin, facts = db.session.get_one(SkillOrigin, change.entry.uri), now_there[change.skill_id]
        written = {name: facts[name] for name in change.fields}
        version = facts["version"] if change.is_untouched else 0  # of what people changed, never the same again
        origin.digest, origin.written = change.entry.digest, {**(origin.written or {}), **written, "version": version}
    for _, entry in plan.noted:
        db.session.get_one(SkillOrigin, entry.uri).digest = entry.digest
    db.session.flush()


def rename_entries(plan: Plan) -> None:
    """Follow entries to their new URIs."""
    for new, old in plan.renamed.items():
        db.session.execute(update(SkillOrigin).where(SkillOrigin.uri == old).values(uri=new).execution_options(**QUIET))
        mine = update(Skill).where(Skill.external_uri == old)
        db.session.execute(mine.values(external_uri=new, version=Skill.version + 1).execution_options(**QUIET))


def return_entries(returned: Numbered) -> None:
    """Make skills active again that were retired because their entry was gone, unless somebody decided since."""
    for number, entry in returned:
        origin, skill = db.session.get_one(SkillOrigin, entry.uri), db.session.get_one(Skill, number)
        if skill.status == "retired" and skill.merged_into_id is None:
            skill.status = "active"
        origin.dropped_at = None
    db.session.flush()


def drop_entries(dropped: Sequence[Drop]) -> None:
    """Delete what nobody used, retire the rest; entries of skills that were not the import's are only forgotten."""
    unused, used = _part([drop for drop in dropped if drop.end == "deleted"])
    for start in range(0, len(unused), CHUNK):
        ids = [drop.skill_id for drop in unused[start : start + CHUNK]]
        db.session.execute(delete(Skill).where(Skill.id.in_(ids)).execution_options(**QUIET))
    forgotten = [drop for drop in dropped if drop.end == "released"]
    for drop in [*used, *(drop for drop in dropped if drop.end == "retired")]:
        skill = db.session.get_one(Skill, drop.skill_id, with_for_update={"of": Skill}, populate_existing=True)
        if skill.status == "retired":
            forgotten.append(drop)  # people retired it: that it comes back is theirs to decide
        else:
            skill.status = "retired"
            db.session.get_one(SkillOrigin, drop.uri).dropped_at = now()
    db.session.flush()
    for start in range(0, len(forgotten), CHUNK):
        uris = [drop.uri for drop in forgotten[start : start + CHUNK]]
        db.session.execute(delete(SkillOrigin).where(SkillOrigin.uri.in_(uris)).execution_options(**QUIET))


def _part(drops: list[Drop]) -> tuple[list[Drop], list[Drop]]:
    """Those still unused, and those that somebody took up since the plan was made; from here on nobody can."""
    ids = sorted(drop.skill_id for drop in drops)
    for start in range(0, len(ids), CHUNK):
        held = select(Skill.id).where(Skill.id.in_(ids[start : start + CHUNK])).order_by(Skill.id)
        db.session.execute(held.with_for_update())
    used = used_among(ids)
    return [drop for drop in drops if drop.skill_id not in used], [drop for drop in drops if drop.skill_id in used]


def put_wordings(added: Numbered, renewed: Numbered) -> None:
    """Word levels as the entries do, where a skill has no words for them or still those of an import."""
    for number, entry in added:
        db.session.add_all(_wordings(number, entry))
    for number, entry in renewed:
        if entry.wordings and not _has_own_words(number, entry):
            db.session.execute(delete(SkillLevelWording).where(SkillLevelWording.skill_id == number))
            db.session.add_all(_wordings(number, entry))
            origin = db.session.get_one(SkillOrigin, entry.uri)
            origin.written = {**(origin.written or {}), **_worded(entry)}
    db.session.flush()


def _wordings(number: int, entry: Entry) -> list[SkillLevelWording]:
    return [SkillLevelWording(skill_id=number, level=level, wording=wording) for level, wording in entry.wordings]


def _has_own_words(number: int, entry: Entry) -> bool:
    """Whether the words are people's: there are some, and they are not those that were imported last."""
    held = db.session.execute(
        select(SkillLevelWording.level, SkillLevelWording.wording)
        .where(SkillLevelWording.skill_id == number)
        .order_by(SkillLevelWording.level)
    ).all()
    written = db.session.get_one(SkillOrigin, entry.uri).written or {}
    return bool(held) and [list(row) for row in held] != written.get("wordings")


def _worded(entry: Entry) -> dict:
    return {"wordings": [list(pair) for pair in entry.wordings]}


def _facts(skill_ids: Sequence[int]) -> dict[int, dict]:
    """What is written in skills now."""
    facts: dict[int, dict] = {}
    for start in range(0, len(skill_ids), CHUNK):
        part = skill_ids[start : start + CHUNK]
        found = select(Skill.id, Skill.name, Skill.description, Skill.category_id, Skill.version)
        for row in db.session.execute(found.where(Skill.id.in_(part))):
            facts[row.id] = written_facts(row.name, row.description, row.category_id) | {"version": row.version}
    return facts


def _written(entry: Entry, shelves: Mapping[str, int]) -> dict:
    """What an import writes in a new skill, which is in its first version then."""
    facts = written_facts(entry.name, entry.description, shelves.get(entry.shelf or "")) | {"version": 1}
    return facts | _worded(entry) if entry.wordings else facts
