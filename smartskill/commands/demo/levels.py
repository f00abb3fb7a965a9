"""People's levels as rows: ratings, endorsements, and the projection of them that the product itself defines."""

from collections import defaultdict
from collections.abc import Iterator
from dataclasses import asdict, dataclass
from datetime import date
from random import Random
from typing import Any

from smartskill.commands.demo.bulk import copy_rows, reserve_ids
from smartskill.commands.demo.catalogue import CatalogueSkill
from smartskill.commands.demo.organisation import morning
from smartskill.commands.demo.people import Person
from smartskill.commands.demo.sources import chance, draw_some, read_table
from smartskill.commands.demo.statements import Statement
from smartskill.skills.models.levels import Endorsement, Rating, UserSkill
from smartskill.skills.services.formulas import Voice, project


@dataclass(frozen=True)
class Wish:
    """What a person adds to a skill themselves, by the columns of `UserSkill`."""

    interest: int | None = None
    target_level: int | None = None
    is_shown: bool = True
    note: str | None = None


def fill_levels(people: list[Person], skills: dict[str, CatalogueSkill], said: list[Statement], today: date) -> None:
    """Write ratings, endorsements and projections; `said` is in order of time."""
    for statement, id_ in zip(said, reserve_ids(Rating, len(said)), strict=True):
        statement.id = id_
    copy_rows(Rating, (_rating_row(statement, people, skills) for statement in said))
    copy_rows(
        Endorsement, (_endorsement_row(statement, people, skills) for statement in said if statement.is_endorsement)
    )
    copy_rows(UserSkill, _user_skill_rows(people, skills, said, today))


def _rating_row(said: Statement, people: list[Person], skills: dict[str, CatalogueSkill]) -> dict[str, Any]:
    return {
        "id": said.id,
        "user_id": people[said.person].id,
        "skill_id": skills[said.skill].id,
        "level": said.level,
        "source": said.source,
        "rater_id": None if said.rater is None else people[said.rater].id,
        "effective_on": said.on,
        "note": said.note,
        "evidence": said.evidence,
        "retracted_at": morning(said.retracted_on, 16) if said.retracted_on else None,
        "created_at": morning(said.on, 10),
    }


def _endorsement_row(said: Statement, people: list[Person], skills: dict[str, CatalogueSkill]) -> dict[str, Any]:
    return {
        "user_id": people[said.person].id,
        "skill_id": skills[said.skill].id,
        "endorser_id": people[said.rater or 0].id,
        "rating_id": said.id,
        "note": said.note,
        "created_at": morning(said.on, 11),
    }


def _user_skill_rows(
    people: list[Person], skills: dict[str, CatalogueSkill], said: list[Statement], today: date
) -> Iterator[dict[str, Any]]:
    by_pair: dict[tuple[int, str], list[Statement]] = defaultdict(list)
    for statement in said:
        by_pair[statement.person, statement.skill].append(statement)
    wishes = _draw_wishes(people, by_pair)
    for number, name in sorted(by_pair.keys() | wishes.keys()):
        ratings, wish = by_pair.get((number, name), []), wishes.get((number, name), Wish())
        voices = [_voice(rating) for rating in ratings if not rating.retracted_on]
        at = morning(max((rating.on for rating in ratings), default=today), 10)
        row = {"user_id": people[number].id, "skill_id": skills[name].id, "created_at": at, "updated_at": at}
        yield row | asdict(project(voices, skills[name].review_months, today)) | asdict(wish)


def _voice(said: Statement) -> Voice:
    return Voice(said.id, said.level, said.source, said.rater, said.on)


def _draw_wishes(people: list[Person], held: dict[tuple[int, str], list[Statement]]) -> dict[tuple[int, str], Wish]:
    """What people are interested in and aim for, also among skills they don't have."""
    wishes: dict[tuple[int, str], Wish] = {}
    for (number, skill), ratings in held.items():
        if people[number].account != "employee":
            wishes[number, skill] = _wish(chance("wishes", people[number].email, skill), ratings[-1].level)
    for person in (person for person in people if person.state == "here"):
        if person.account == "employee":
            wishes |= {
                (person.number, entry["skill"]): Wish(entry.get("interest"), entry.get("target"))
                for entry in read_table("organisation")["employee_skills"]
            }
            continue
        rng = chance("dreams", person.email)
        for skill in draw_some(rng, read_table("trades")[person.trade]["more"], 0, 2):
            wishes.setdefault((person.number, skill), Wish(rng.randint(3, 5), rng.choice((None, 2, 3))))
    return wishes


def _wish(rng: Random, level: int) -> Wish:
    interest = rng.choices((None, 0, 1, 2, 3, 4, 5), (50, 2, 4, 8, 14, 13, 9))[0]
    wants_more = level < 5 and (interest or 0) >= 3 and rng.random() < 0.5
    note = rng.choice(read_table("careers")["notes"]["own"]) if rng.random() < 0.05 else None
    return Wish(interest, level + 1 if wants_more else None, rng.random() >= 0.04, note)
