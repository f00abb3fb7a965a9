"""The starter catalogue and the kinds of qualification, as rows. What exists by its name is used as it is."""

from collections.abc import Iterator
from dataclasses import dataclass
from datetime import date, timedelta
from typing import Any

from sqlalchemy import func, select

from smartskill.commands.demo.bulk import copy_rows, reserve_ids
from smartskill.commands.demo.organisation import morning
from smartskill.commands.demo.people import Person
from smartskill.commands.demo.sources import chance, read_table
from smartskill.extensions import db
from smartskill.qualification.models import GrantedSkill, QualificationType
from smartskill.skills.models.catalogue import Skill, SkillAlias, SkillCategory

CURATED_DAYS = 760  # the catalogue is older than what is said in its words


@dataclass(frozen=True)
class CatalogueSkill:
    """A skill to be rated."""

    id: int
    review_months: int


@dataclass(frozen=True)
class CatalogueType:
    """A kind of qualification to be held; `grants` maps names of skills to levels."""

    id: int
    name: str
    issuer: str
    kind: str
    months: int | None
    grants: dict[str, int]


def fill_catalogue(people: list[Person], today: date) -> tuple[dict[str, CatalogueSkill], dict[str, CatalogueType]]:
    """Write categories, skills, aliases and kinds of qualification; returns skills by name and kinds by key."""
    entries = {
        name: (path, facts) for path, skills in read_table("catalogue").items() for name, facts in skills.items()
    }
    found = _find_skills(list(entries))
    missing = [name for name in entries if name not in found]
    shelves, proposers = _fill_categories(), _draw_proposers(people)
    for name, id_ in zip(missing, reserve_ids(Skill, len(missing)), strict=True):
        found[name] = CatalogueSkill(id_, entries[name][1].get("review", 12))
    rows = []
    for name in missing:
        path, facts = entries[name]
        is_proposed = facts.get("status") == "proposed"
        at = morning(today - timedelta(days=5 + 9 * len(proposers) if is_proposed else CURATED_DAYS))
        row = _skill_row(name, found[name], facts) | {"category_id": shelves[path], "created_at": at, "updated_at": at}
        rows.append(row | {"proposed_by_id": proposers.pop() if is_proposed else None})
    copy_rows(Skill, rows)
    aliases = [(name, also) for name in missing for also in entries[name][1].get("also", [])]
    copy_rows(SkillAlias, ({"skill_id": found[name].id, "name": also} for name, also in aliases))
    return found, _fill_types(found)


def _find_skills(names: list[str]) -> dict[str, CatalogueSkill]:
    """Those that exist, whatever their case."""
    written = {name.lower(): name for name in names}
    query = select(func.lower(Skill.name), Skill.id, Skill.review_months).where(func.lower(Skill.name).in_(written))
    return {written[name]: CatalogueSkill(id_, months) for name, id_, months in db.session.execute(query)}


def _draw_proposers(people: list[Person]) -> list[int]:
    return [person.id for person in chance("proposers").sample([p for p in people if p.state == "here"], 9)]


def _skill_row(name: str, skill: CatalogueSkill, facts: dict[str, Any]) -> dict[str, Any]:
    return {
        "id": skill.id,
        "name": name,
        "description": facts["about"],
        "status": facts.get("status", "active"),
        "review_months": skill.review_months,
        "critical": facts.get("critical", False),
    }


def _fill_categories() -> dict[str, int]:
    """Write the categories that are missing; returns all by path."""
    ids: dict[str, int] = {}
    query = select(SkillCategory.parent_id, func.lower(SkillCategory.name), SkillCategory.id)
    present = {(parent, name): id_ for parent, name, id_ in db.session.execute(query)}
    rows = []
    for path in dict.fromkeys(prefix for shelf in read_table("catalogue") for prefix in _prefixes(shelf)):
        parent, _, name = path.rpartition("/")
        id_ = present.get((ids.get(parent), name.lower()))
        if id_ is None:
            id_ = reserve_ids(SkillCategory, 1)[0]
            rows.append({"id": id_, "name": name, "parent_id": ids.get(parent)})
        ids[path] = id_
    copy_rows(SkillCategory, rows)
    return ids


def _prefixes(path: str) -> Iterator[str]:
    """`a/b` → `a`, `a/b`."""
    parts = path.split("/")
    return ("/".join(parts[: count + 1]) for count in range(len(parts)))


def _fill_types(skills: dict[str, CatalogueSkill]) -> dict[str, CatalogueType]:
    table = read_table("qualifications")
    query = select(func.lower(QualificationType.name), func.lower(QualificationType.issuer), QualificationType.id)
    present = {(name, issuer): id_ for name, issuer, id_ in db.session.execute(query)}
    types: dict[str, CatalogueType] = {}
    rows, grants = [], []
    for (key, facts), new_id in zip(table.items(), reserve_ids(QualificationType, len(table)), strict=True):
        old_id = present.get((facts["name"].lower(), facts["issuer"].lower()))
        kind, granted = facts.get("kind", "certification"), facts.get("grants", {})
        types[key] = CatalogueType(old_id or new_id, facts["name"], facts["issuer"], kind, facts.get("months"), granted)
        if old_id is None:
            rows.append(_type_row(types[key], facts.get("about")))
            grants += [
                {"qualification_type_id": new_id, "skill_id": skills[name].id, "level": level}
                for name, level in granted.items()
            ]
    copy_rows(QualificationType, rows)
    copy_rows(GrantedSkill, grants)
    return types


def _type_row(type_: CatalogueType, about: str | None) -> dict[str, Any]:
    return {
        "id": type_.id,
        "name": type_.name,
        "issuer": type_.issuer,
        "kind": type_.kind,
        "validity_months": type_.months,
        "description": about,
    }
