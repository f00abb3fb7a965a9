"""Role profiles of the company, who has them since when, and a few exemptions of people who lack what is asked."""

from collections.abc import Iterator
from datetime import date, timedelta
from typing import Any

from sqlalchemy.dialects.postgresql import Range

from smartskill.commands.demo.abilities import Abilities
from smartskill.commands.demo.bulk import copy_rows, reserve_ids
from smartskill.commands.demo.catalogue import CatalogueSkill, CatalogueType
from smartskill.commands.demo.certificates import Certificate
from smartskill.commands.demo.organisation import morning
from smartskill.commands.demo.people import Person
from smartskill.commands.demo.sources import chance, read_table
from smartskill.planning.models.roles import Exemption, RoleAssignment, RoleProfile, RoleRequirement

WRITTEN_DAYS = 700  # ago: before, nobody had a profile
PROMOTED_DAYS = (120, 500)  # ago
Stretch = tuple[Person, str, date, date | None]  # who had which role, from, to the day before


def fill_roles(
    people: list[Person],
    skills: dict[str, CatalogueSkill],
    types: dict[str, CatalogueType],
    abilities: Abilities,
    certificates: list[Certificate],
    today: date,
) -> int:
    """Write profiles, assignments and exemptions; returns how many profiles there are."""
    table = read_table("roles")
    ids = dict(zip(table["roles"], reserve_ids(RoleProfile, len(table["roles"])), strict=True))
    written_at = morning(today - timedelta(days=WRITTEN_DAYS))
    profiles = (
        {
            "id": ids[name],
            "name": name,
            "description": facts["about"],
            "status": "active",
            "created_at": written_at,
            "updated_at": written_at,
        }
        for name, facts in table["roles"].items()
    )
    copy_rows(RoleProfile, profiles)
    copy_rows(RoleRequirement, _requirements(ids, skills, types))
    stretches = list(_stretches(people, today))
    copy_rows(
        RoleAssignment,
        (
            {"user_id": person.id, "role_id": ids[name], "valid": Range(first, last)}
            for person, name, first, last in stretches
        ),
    )
    present = [(person, name) for person, name, _, last in stretches if last is None]
    copy_rows(Exemption, list(_exemptions(present, people, skills, types, abilities, certificates, today)))
    return len(ids)


def _requirements(
    ids: dict[str, int], skills: dict[str, CatalogueSkill], types: dict[str, CatalogueType]
) -> Iterator[dict[str, Any]]:
    for name, facts in read_table("roles")["roles"].items():
        asked: list[tuple[int | None, int | None, list]] = [
            (skills[skill].id, None, of) for skill, of in facts["skills"].items()
        ]
        asked += [(None, types[key].id, of) for key, of in facts.get("certificates", {}).items()]
        for skill_id, type_id, of in asked:
            level, weight, must = _whole(of)
            yield {
                "role_id": ids[name],
                "skill_id": skill_id,
                "qualification_type_id": type_id,
                "level": level,
                "weight": weight,
                "must": must,
            }


def _whole(given: list) -> tuple[int, float, bool]:
    """`[level, weight, must]` with what was left out."""
    whole = [*given, *(1, 1, False)[len(given) :]]
    return whole[0], whole[1], whole[2]


def _stretches(people: list[Person], today: date) -> Iterator[Stretch]:
    """Everybody's roles by title, since the profiles were written or they came; seniors were promoted on a day."""
    table, rng = read_table("roles")["roles"], chance("roles")
    by_title = {title: name for name, facts in table.items() for title in facts.get("titles", [])}
    beside = [name for name, facts in table.items() if facts.get("is_lead")]
    for person in people:
        first = max(person.joined_on, today - timedelta(days=WRITTEN_DAYS))
        if person.state == "invited" or (person.left_on and person.left_on <= first):
            continue
        names = [by_title[person.title]] if person.title in by_title else []
        promoted_on = today - timedelta(days=rng.randint(*PROMOTED_DAYS))
        for name in [*names, *(beside if person.is_lead else [])]:
            before, since = table[name].get("before"), first
            if before and promoted_on > first and not person.left_on:
                yield person, before, first, promoted_on
                since = promoted_on
            yield person, name, since, person.left_on


def _exemptions(
    present: list[tuple[Person, str]],
    people: list[Person],
    skills: dict[str, CatalogueSkill],
    types: dict[str, CatalogueType],
    abilities: Abilities,
    certificates: list[Certificate],
    today: date,
) -> Iterator[dict[str, Any]]:
    """For each that the table tells of, somebody of the role who lacks what they are exempt from, nobody twice."""
    certified = {(held.person.number, held.type.id) for held in certificates if held.type and held.state == "verified"}
    hr = next(person for person in people if person.account == "hr")
    chosen: set[int] = set()
    for facts in read_table("roles")["exemptions"]:
        skill, key = facts.get("skill"), facts.get("certificate")
        of_role = [person for person, name in present if name == facts["role"] and not person.account]
        lacking = [
            person
            for person in of_role
            if (skill not in abilities[person.number] if skill else (person.number, types[key].id) not in certified)
        ]
        free = [person for person in lacking or of_role if person.number not in chosen]
        person = chance("exemption", facts["role"], skill or key).choice(free)
        chosen.add(person.number)
        granted_at = morning(today + timedelta(days=facts["starts"]), 10)
        withdrawn_at = morning(today + timedelta(days=facts["withdrawn"]), 15) if "withdrawn" in facts else None
        yield {
            "user_id": person.id,
            "skill_id": skills[skill].id if skill else None,
            "qualification_type_id": types[key].id if key else None,
            "reason": facts["reason"],
            "starts_on": today + timedelta(days=facts["starts"]),
            "ends_on": today + timedelta(days=facts["ends"]),
            "granted_by_id": hr.id if facts["by"] == "hr" else people[person.reports_to or 0].id,
            "withdrawn_at": withdrawn_at,
            "created_at": granted_at,
            "updated_at": withdrawn_at or granted_at,
        }
