"""What an import would do, decided before anything is written, so that a dry run and a real one cannot differ.

An entry finds its skill by the origin it was imported from, else by the skill's own URI, else by name (any case): a
skill that is there already is adopted, never doubled. Only an entry that changed since the last import changes a skill,
and only one that an import made: what people curated, stays.
"""

from collections.abc import Iterable
from dataclasses import dataclass, field

from sqlalchemy import select

from smartskill.exchange.services.taxonomy.entries import Entry, Refusal, Taxonomy
from smartskill.extensions import db
from smartskill.skills.models import Skill, SkillOrigin


@dataclass(slots=True)
class Plan:
    """Entries by what happens to them; `changed` and `adopted` name the skill."""

    taxonomy: Taxonomy
    added: list[Entry] = field(default_factory=list)
    changed: list[tuple[int, Entry]] = field(default_factory=list)
    adopted: list[tuple[int, Entry]] = field(default_factory=list)
    noted: list[tuple[int, Entry]] = field(
        default_factory=list
    )  # changed at the source; the skill is not ours to change
    unchanged: int = 0
    gone: list[str] = field(default_factory=list)
    skipped: list[Refusal] = field(default_factory=list)


def plan_import(taxonomy: Taxonomy) -> Plan:
    """Compare a taxonomy with the catalogue; reads only."""
    plan = Plan(taxonomy, skipped=list(taxonomy.refused))
    origins = _origins(taxonomy.key)
    by_uri, by_name = _catalogue()
    taken: dict[str, str] = {}
    for entry in taxonomy.entries:
        key = entry.name.lower()
        if key in taken:
            plan.skipped.append(Refusal(entry.name, f"another entry has this name: {taken[key]}"))
            continue
        taken[key] = entry.uri
        _place(plan, entry, origins.pop(entry.uri, None), by_uri.get(entry.external_uri or ""), by_name.get(key))
    if taxonomy.is_whole:
        plan.gone = sorted(set(origins) - set(taken.values()))
    return plan


def _origins(source: str) -> dict[str, tuple[int, str, bool]]:
    rows = db.session.execute(
        select(SkillOrigin.uri, SkillOrigin.skill_id, SkillOrigin.digest, SkillOrigin.is_maker).where(
            SkillOrigin.source == source
        )
    )
    return {uri: (skill_id, digest, is_maker) for uri, skill_id, digest, is_maker in rows}


def _catalogue() -> tuple[dict[str, int], dict[str, int]]:
    rows = db.session.execute(select(Skill.id, Skill.name, Skill.external_uri)).all()
    return {row.external_uri: row.id for row in rows if row.external_uri}, {row.name.lower(): row.id for row in rows}


def _place(plan: Plan, entry: Entry, origin: tuple[int, str, bool] | None, *found: int | None) -> None:
    if origin is None:
        skill_id = next((skill_id for skill_id in found if skill_id), None)
        if skill_id is None:
            plan.added.append(entry)
        else:
            plan.adopted.append((skill_id, entry))
        return
    skill_id, digest, is_maker = origin
    if digest == entry.digest:
        plan.unchanged += 1
    elif not is_maker:
        plan.noted.append((skill_id, entry))
    elif found[1] not in (None, skill_id):
        plan.skipped.append(Refusal(entry.name, "was renamed at the source to the name of another skill"))
    else:
        plan.changed.append((skill_id, entry))


def summary(plan: Plan) -> dict[str, int]:
    """How many entries met which end."""
    kinds: dict[str, Iterable] = {
        "added": plan.added,
        "changed": plan.changed,
        "adopted": plan.adopted,
        "skipped": plan.skipped,
        "gone": plan.gone,
    }
    return {
        "read": len(plan.taxonomy.entries) + len(plan.taxonomy.refused),
        **{name: len(list(rows)) for name, rows in kinds.items()},
        "unchanged": plan.unchanged + len(plan.noted),
    }
