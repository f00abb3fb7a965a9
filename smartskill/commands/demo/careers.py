"""Where people were before, what they did beside their post, and the skills that each used."""

from dataclasses import dataclass
from datetime import date, timedelta
from random import Random
from typing import Any

from smartskill.commands.demo.abilities import Abilities
from smartskill.commands.demo.bulk import copy_rows, reserve_ids
from smartskill.commands.demo.catalogue import CatalogueSkill
from smartskill.commands.demo.organisation import morning
from smartskill.commands.demo.people import Person
from smartskill.commands.demo.sources import chance, draw_some, read_table
from smartskill.experience.models import Experience, ExperienceSkill
from smartskill.kit.partial_date import PartialDate

HIDDEN_SHARE = 0.06
NOTED_AFTER_DAYS = 20


@dataclass
class Station:
    """Something a person did; the names of the skills it used."""

    kind: str
    organisation: str
    title: str
    start: PartialDate
    end: PartialDate | None
    skills: list[str]
    summary: str | None = None


def fill_careers(people: list[Person], abilities: Abilities, skills: dict[str, CatalogueSkill], today: date) -> None:
    """Write two to six stations for everybody who has arrived, noted down soon after."""
    lived = [
        (person, station)
        for person in people
        if person.state != "invited"
        for station in _stations_of(person, abilities[person.number], today)
    ]
    ids = reserve_ids(Experience, len(lived))
    rng = chance("shown")
    rows = (
        _row(id_, person, station, rng.random() > HIDDEN_SHARE, today)
        for id_, (person, station) in zip(ids, lived, strict=True)
    )
    copy_rows(Experience, rows)
    links = (
        {"experience_id": id_, "skill_id": skills[name].id}
        for id_, (_, station) in zip(ids, lived, strict=True)
        for name in station.skills
    )
    copy_rows(ExperienceSkill, links)


def _row(id_: int, person: Person, station: Station, is_shown: bool, today: date) -> dict[str, Any]:
    noted_on = max(person.joined_on, station.start.first) + timedelta(days=NOTED_AFTER_DAYS)
    noted_at = morning(min(noted_on, today - timedelta(days=1)))
    return {
        "id": id_,
        "user_id": person.id,
        "kind": station.kind,
        "organisation": station.organisation,
        "title": station.title,
        "start_on": station.start.first,
        "start_precision": station.start.precision,
        "end_on": station.end and station.end.first,
        "end_precision": station.end and station.end.precision,
        "summary": station.summary,
        "show_in_cv": is_shown,
        "created_at": noted_at,
        "updated_at": noted_at,
    }


def _stations_of(person: Person, levels: dict[str, int], today: date) -> list[Station]:
    """The present post, what came before it, studies, and what ran beside."""
    rng = chance("career", person.email)
    post = _present_post(person, levels, rng)
    stations, earliest = [post], person.joined_on
    for _ in range(rng.randint(0 if person.seniority < 3 else 1, 2)):
        stations.append(_former_post(person, earliest, levels, rng))
        earliest = stations[-1].start.first
    stations.append(_studies(person, earliest, levels, rng))
    if rng.random() < 0.5 and (today - person.joined_on).days > 500:
        stations.append(_project(person, levels, today, rng))
    if rng.random() < 0.16:
        stations.append(_beside(levels, today, rng))
    return stations


def _present_post(person: Person, levels: dict[str, int], rng: Random) -> Station:
    company = read_table("organisation")["company"]
    used = sorted(levels, key=lambda skill: -levels[skill])[: rng.randint(3, 6)]
    summary = f"{person.title} in {person.team}: {', '.join(used[:3])}." if used and rng.random() < 0.8 else None
    end = PartialDate(person.left_on, "day") if person.left_on else None
    return Station("employment", company, person.title, _at(person.joined_on, "month"), end, sorted(used), summary)


def _former_post(person: Person, before: date, levels: dict[str, int], rng: Random) -> Station:
    """One to six years at another firm, dated as people remember: to the month mostly, else to the year or the day."""
    end = before - timedelta(days=rng.choice((1, 1, 31, 120)))
    start = end - timedelta(days=rng.randint(430, 2100))
    precision = rng.choices(("month", "year", "day"), (16, 3, 1))[0]
    organisation = rng.choice(read_table("careers")["employers"][person.office])
    title = rng.choice(read_table("trades")[person.trade]["before"])
    return Station("employment", organisation, title, _at(start, precision), _at(end, precision), _used(levels, rng))


def _studies(person: Person, before: date, levels: dict[str, int], rng: Random) -> Station:
    school = rng.choice(read_table("careers")["schools"][person.office])
    title = rng.choice(read_table("trades")[person.trade]["studies"])
    end = date(before.year - rng.randint(0, 1), 1, 1)
    start = date(end.year - rng.randint(3, 5), 1, 1)
    return Station("education", school, title, _at(start, "year"), _at(end, "year"), _used(levels, rng)[:2])


def _project(person: Person, levels: dict[str, int], today: date, rng: Random) -> Station:
    company, start = read_table("organisation")["company"], today - timedelta(days=rng.randint(120, 480))
    end = None if rng.random() < 0.3 else _at(min(today, start + timedelta(days=rng.randint(60, 300))), "month")
    title = rng.choice(read_table("trades")[person.trade]["projects"])
    summary = f"{title}, as {'lead' if person.is_lead or person.seniority > 3 else 'contributor'}."
    return Station("project", company, title, _at(start, "month"), end, _used(levels, rng), summary)


def _beside(levels: dict[str, int], today: date, rng: Random) -> Station:
    kind = rng.choice(("volunteering", "volunteering", "talk"))
    organisation, title = rng.choice(read_table("careers")["beside"][kind])
    start = today - timedelta(days=rng.randint(100, 2500))
    if kind == "talk":
        return Station(kind, organisation, title, _at(start, "day"), _at(start, "day"), _used(levels, rng)[:1])
    return Station(kind, organisation, title, _at(start, "year"), None, [])


def _at(day: date, precision: str) -> PartialDate:
    first = {"day": day, "month": day.replace(day=1), "year": day.replace(day=1, month=1)}[precision]
    return PartialDate(first, precision)


def _used(levels: dict[str, int], rng: Random) -> list[str]:
    return sorted(draw_some(rng, sorted(levels), 1, 5))
