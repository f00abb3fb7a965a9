"""What an import would do, decided before anything is written, so that a dry run and a real one cannot differ.

An entry finds its skill by the origin it was imported from, else by the skill's own URI, else by name (any case): a
skill that is there already is adopted, never doubled, and one that was merged stands for the one it is part of. Only an
entry that changed since the last import changes a skill, only one that an import made, and of that only the fields
which nobody has curated since. An entry that is gone takes its skill along where nobody ever used or curated it; else
the skill is retired, and every rating stays.
"""

import hashlib
from collections.abc import Iterable
from dataclasses import dataclass, field
from typing import Any, Literal, NamedTuple

from sqlalchemy import func, select

from smartskill.exchange.services.taxonomy.entries import Entry, Refusal, Taxonomy
from smartskill.extensions import db
from smartskill.skills.models.catalogue import Skill, SkillAlias, SkillOrigin
from smartskill.skills.services.usage import used_among

FIELDS = ("name", "description", "category_id")


class Change(NamedTuple):
    """What an entry that changed does to its skill: the fields it writes; the others were curated and stay."""

    skill_id: int
    entry: Entry
    fields: tuple[str, ...] = FIELDS
    is_untouched: bool = True  # whether nobody had changed anything of the skill

    @property
    def curated(self) -> list[str]:
        """The fields that stay as people made them."""
        return [name for name in FIELDS if name not in self.fields]


class Drop(NamedTuple):
    """An entry that is gone, and what becomes of its skill; `released`: it was not the import's, and stays as it is."""

    uri: str
    skill_id: int
    name: str
    end: Literal["deleted", "retired", "released"]


@dataclass(slots=True)
class Plan:
    """Entries by what happens to them.

    `noted`: changed at the source; the skill is not ours to change. `returned`: gone for a while, and back. `renamed`:
    the same entry under another URI, the old by the new. `labelled`: of an edition in another language, names that the
    skill lacks.
    """

    taxonomy: Taxonomy
    added: list[Entry] = field(default_factory=list)
    changed: list[Change] = field(default_factory=list)
    adopted: list[tuple[int, Entry]] = field(default_factory=list)
    noted: list[tuple[int, Entry]] = field(default_factory=list)
    returned: list[tuple[int, Entry]] = field(default_factory=list)
    labelled: list[tuple[int, Entry]] = field(default_factory=list)
    renamed: dict[str, str] = field(default_factory=dict)
    unchanged: int = 0
    dropped: list[Drop] = field(default_factory=list)
    skipped: list[Refusal] = field(default_factory=list)
    known: int = 0  # entries of this source that the catalogue had before

    @property
    def is_written(self) -> bool:
        """Whether skills or their names change by it."""
        return any((self.added, self.changed, self.adopted, self.noted, self.returned, self.labelled, self.dropped))


class _Known(NamedTuple):
    """A skill as an earlier import left it, and as it is."""

    uri: str
    skill_id: int
    digest: str
    is_maker: bool
    written: dict[str, Any] | None
    dropped_at: Any
    name: str
    description: str | None
    category_id: int | None
    status: str
    version: int

    @property
    def untouched(self) -> tuple[str, ...]:
        """The fields that are as the last import wrote them; of old imports that is known only of untouched skills."""
        if self.written is None:
            return FIELDS if self.version == 1 else ()
        now = written_facts(self.name, self.description, self.category_id)
        return tuple(name for name in FIELDS if now[name] == self.written.get(name))

    @property
    def is_untouched(self) -> bool:
        """Whether nobody has changed anything of the skill since the last import."""
        return self.version == (self.written or {}).get("version", 1)


def written_facts(name: str, description: str | None, category_id: int | None) -> dict[str, Any]:
    """What is kept of what an import wrote, to see later whether somebody changed it."""
    return {"name": _mark(name), "description": _mark(description or ""), "category_id": category_id}


def plan_import(taxonomy: Taxonomy) -> Plan:
    """Compare a taxonomy with the catalogue; reads only."""
    plan = Plan(taxonomy, skipped=list(taxonomy.refused))
    known = _known(taxonomy.key)
    plan.known = len(known)
    if taxonomy.language:
        _place_labels(plan, known)
        return plan
    by_uri, by_name = _catalogue()
    taken: dict[str, Entry] = {}
    for entry in taxonomy.entries:
        key = entry.name.lower()
        if key in taken:
            plan.skipped.append(_refuse(entry, f"another entry has this name: {taken[key].where or taken[key].uri}"))
            continue
        taken[key] = entry
        _place(plan, entry, known.pop(entry.uri, None), by_uri.get(entry.external_uri or ""), by_name.get(key))
    if taxonomy.is_whole:
        there = {entry.uri for entry in taxonomy.entries}
        _drop(plan, _follow(plan, [gone for uri, gone in sorted(known.items()) if uri not in there]))
    return plan


def summary(plan: Plan) -> dict[str, int]:
    """How many entries met which end."""
    kinds: dict[str, Iterable] = {
        "added": plan.added,
        "changed": {number for number, *_ in (*plan.changed, *plan.labelled, *plan.returned)},
        "adopted": plan.adopted,
        "skipped": plan.skipped,
        "dropped": plan.dropped,
    }
    return {
        "read": len(plan.taxonomy.entries) + len(plan.taxonomy.refused),
        **{name: len(list(rows)) for name, rows in kinds.items()},
        "unchanged": plan.unchanged + len(plan.noted),
    }


def _known(source: str) -> dict[str, _Known]:
    columns = (SkillOrigin.uri, SkillOrigin.skill_id, SkillOrigin.digest, SkillOrigin.is_maker, SkillOrigin.written)
    facts = (SkillOrigin.dropped_at, Skill.name, Skill.description, Skill.category_id, Skill.status, Skill.version)
    found = select(*columns, *facts).join(Skill, Skill.id == SkillOrigin.skill_id).where(SkillOrigin.source == source)
    return {row.uri: _Known(*row) for row in db.session.execute(found)}


def _catalogue() -> tuple[dict[str, int], dict[str, int]]:
    """Skills by their URI and by name; of a merged one that which it is part of."""
    standing = func.coalesce(Skill.merged_into_id, Skill.id).label("id")
    rows = db.session.execute(select(standing, Skill.name, Skill.external_uri)).all()
    return {row.external_uri: row.id for row in rows if row.external_uri}, {row.name.lower(): row.id for row in rows}


def _place(plan: Plan, entry: Entry, known: _Known | None, *found: int | None) -> None:
    if known is None:
        skill_id = next((skill_id for skill_id in found if skill_id), None)
        if skill_id is None:
            plan.added.append(entry)
        else:
            plan.adopted.append((skill_id, entry))
        return
    if known.dropped_at is not None:
        plan.returned.append((known.skill_id, entry))
    if known.digest == entry.digest:
        plan.unchanged += known.dropped_at is None
    elif not known.is_maker:
        plan.noted.append((known.skill_id, entry))
    elif "name" in known.untouched and found[1] not in (None, known.skill_id):
        plan.skipped.append(_refuse(entry, "was renamed at the source to the name of another skill"))
    else:
        plan.changed.append(Change(known.skill_id, entry, known.untouched, known.is_untouched))


def _follow(plan: Plan, gone: list[_Known]) -> list[_Known]:
    """Know entries again that have a new URI and the name of a skill which the old one made; returns the others."""
    adopted = dict(plan.adopted)
    moved = {known.skill_id: known for known in gone if known.is_maker and known.skill_id in adopted}
    for skill_id, known in moved.items():
        entry = adopted[skill_id]
        plan.renamed[entry.uri] = known.uri
        plan.changed.append(Change(skill_id, entry, known.untouched, known.is_untouched))
    plan.adopted = [(skill_id, entry) for skill_id, entry in plan.adopted if skill_id not in moved]
    return [known for known in gone if known.skill_id not in moved]


def _drop(plan: Plan, gone: list[_Known]) -> None:
    gone = [known for known in gone if known.dropped_at is None]
    mine = [known.skill_id for known in gone if known.is_maker]
    kept = used_among(mine)
    elsewhere = select(SkillOrigin.skill_id).where(SkillOrigin.source != plan.taxonomy.key)
    others = set(db.session.scalars(elsewhere)) if mine else set()
    for known in gone:
        end: Literal["deleted", "retired", "released"] = "deleted"
        if not known.is_maker or known.skill_id in others:
            end = "released"
        elif known.skill_id in kept or not known.is_untouched:
            end = "retired"
        plan.dropped.append(Drop(known.uri, known.skill_id, known.name, end))


def _place_labels(plan: Plan, known: dict[str, _Known]) -> None:
    ids = {known[entry.uri].skill_id for entry in plan.taxonomy.entries if entry.uri in known}
    rows = db.session.execute(select(SkillAlias.skill_id, func.lower(SkillAlias.name))).all() if ids else []
    held = {(row[0], row[1]) for row in rows} | {(one.skill_id, one.name.lower()) for one in known.values()}
    for entry in plan.taxonomy.entries:
        if entry.uri not in known:
            plan.skipped.append(_refuse(entry, "no skill has this URI: import the English edition first"))
            continue
        skill_id = known[entry.uri].skill_id
        fresh = tuple(label for label in (entry.name, *entry.aliases) if (skill_id, label.lower()) not in held)
        if fresh:
            plan.labelled.append((skill_id, Entry(entry.uri, fresh[0], aliases=fresh[1:])))
            held |= {(skill_id, label.lower()) for label in fresh}
        else:
            plan.unchanged += 1


def _refuse(entry: Entry, reason: str) -> Refusal:
    return Refusal(entry.where or entry.name, reason, entry.row)


def _mark(text: str) -> str:
    return hashlib.sha256(text.encode()).hexdigest()[:16]
