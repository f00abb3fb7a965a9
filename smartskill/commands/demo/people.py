"""Who works there: names, posts and dates of two hundred invented people.

Everybody's seat follows from `data/organisation.toml`; a person's history (see `history.py`) decides how long they have
been there, so that what was recorded and what is said about them agree.
"""

import unicodedata
from collections.abc import Iterator
from dataclasses import dataclass
from datetime import date, timedelta
from random import Random
from typing import Any

from smartskill.commands.demo.sources import chance, read_table

LETTERS = str.maketrans({"ß": "ss", "ø": "o", "Ø": "O", "ł": "l", "Ł": "L", "ı": "i", "æ": "ae"})
LEFT, NEW, INVITED = 5, 4, 2
MOVED_FAMILY_SHARE = 0.15
SETTLED_DAYS = 800
JUNIOR = ("Apprentice", "Working Student")


@dataclass
class Person:
    """One of the company. `number` is their place in the cast, `history` that in the invented past, if any."""

    number: int
    team: str
    title: str
    trade: str
    office: str
    depth: int
    is_lead: bool
    account: str | None = None
    state: str = "here"  # here | left | new | invited
    role: str = "employee"
    name: str = ""
    email: str = ""
    locale: str = "en"
    seniority: int = 3
    reports_to: int | None = None
    history: int | None = None
    joined_on: date = date.min
    left_on: date | None = None
    id: int = 0

    @property
    def timezone(self) -> str:
        """The clock they live by."""
        return read_table("organisation")["offices"][self.office]["timezone"]


def count_regulars() -> int:
    """How many people have been there all along, and so have a history."""
    return sum(1 + sum(team.get("staff", {}).values()) for team in read_table("organisation")["teams"])


def gather_people(joined_on: list[date], lively: list[int], today: date) -> list[Person]:
    """Everybody, leaders before those they lead.

    Args:
        joined_on: when each person of the invented past joined.
        lively: places in the past of people who are active and read their mail; those of them who have been there long
            are the accounts that are printed.
    """
    people = list(_regulars())
    people += list(_others(people, today))
    rng = chance("people")
    settled = [place for place in lively if (today - joined_on[place]).days > SETTLED_DAYS]
    _assign_histories(people, joined_on, settled, rng)
    for number, person in enumerate(people):
        person.number = number
        person.seniority = _seniority(person, today, rng)
    _name(people, rng)
    _let_report(people)
    return people


def _regulars() -> Iterator[Person]:
    organisation, rng = read_table("organisation"), chance("seats")
    depths: dict[str, int] = {}
    for team in organisation["teams"]:
        depth = depths[team["name"]] = depths.get(team.get("parent", ""), 0) + 1
        yield _lead_of(team, depth, rng)
        wanted = {title: account for account, title in team.get("account_staff", {}).items()}
        for title, count in team.get("staff", {}).items():
            for _ in range(count):
                office = rng.choice(team["offices"])
                account = wanted.pop(title, None)
                yield Person(0, team["name"], title, team["family"], office, depth, False, account)


def _lead_of(team: dict[str, Any], depth: int, rng: Random) -> Person:
    office, role = rng.choice(team["offices"]), team.get("roles", {}).get(team["lead"], "manager")
    return Person(0, team["name"], team["lead"], team["family"], office, depth, True, team.get("account"), role=role)


def _others(regulars: list[Person], today: date) -> Iterator[Person]:
    """Those who left, who have just come, and who were invited: no history."""
    rng = chance("others")
    seats = [person for person in regulars if not person.is_lead and not person.account]
    for seat, state in zip(
        rng.sample(seats, LEFT + NEW + INVITED), ["left"] * LEFT + ["new"] * NEW + ["invited"] * INVITED, strict=True
    ):
        person = Person(0, seat.team, seat.title, seat.trade, seat.office, seat.depth, False, state=state)
        if state == "left":
            person.joined_on = today - timedelta(days=rng.randint(900, 1800))
            person.left_on = today - timedelta(days=rng.randint(40, 400))
        else:
            person.joined_on = today - timedelta(days=rng.randint(3, 40) if state == "new" else rng.randint(1, 5))
        yield person


def _assign_histories(people: list[Person], joined_on: list[date], settled: list[int], rng: Random) -> None:
    """The printed accounts have the settled ones; of the others, leaders have been there longest."""
    regulars = [person for person in people if person.state == "here"]
    free = sorted(range(len(joined_on)), key=lambda place: joined_on[place])
    for person in (person for person in regulars if person.account):
        person.history = next(place for place in settled if place in free)
        free.remove(person.history)
    leaders = sorted((person for person in regulars if person.is_lead and not person.account), key=lambda p: p.depth)
    staff = [person for person in regulars if not person.is_lead and not person.account]
    rng.shuffle(staff)
    for person, place in zip(leaders + staff, free, strict=True):
        person.history = place
    for person in regulars:
        person.joined_on = joined_on[person.history or 0]


def _seniority(person: Person, today: date, rng: Random) -> int:
    if person.title in JUNIOR:
        return 1
    if person.is_lead or person.title.startswith("Senior"):
        return 4 if rng.random() < 0.7 else 5
    years = (today - person.joined_on).days / 365
    return max(1, min(4, round(rng.gauss(2.2 + 0.3 * years, 0.6))))


def _name(people: list[Person], rng: Random) -> None:
    organisation, names = read_table("organisation"), read_table("names")
    domain, taken = organisation["domain"], set()
    for person in people:
        printed = organisation["accounts"].get(person.account or "")
        if printed:
            person.name, person.locale, person.office = printed["name"], printed["locale"], printed["office"]
            person.role = str(person.account)
            person.email = f"{person.account}@{domain}"
            taken.add(_local_part(person.name))
            continue
        while not person.name or _local_part(person.name) in taken:
            person.name = _draw_name(person.office, names, rng)
        taken.add(_local_part(person.name))
        person.email = f"{_local_part(person.name)}@{domain}"
        reads_german = rng.random() < organisation["offices"][person.office]["german"]
        person.locale = "de" if reads_german else "en"


def _draw_name(office: str, names: dict[str, dict[str, list[str]]], rng: Random) -> str:
    home = rng.choice(sorted(names)) if rng.random() < MOVED_FAMILY_SHARE else office
    return f"{rng.choice(names[home]['given'])} {rng.choice(names[home]['family'])}"


def _local_part(name: str) -> str:
    """`Zoë O'Brien` → `zoe.obrien`."""
    plain = unicodedata.normalize("NFKD", name.translate(LETTERS)).encode("ascii", "ignore").decode().lower()
    return plain.replace("'", "").replace(" ", ".")


def _let_report(people: list[Person]) -> None:
    """Staff to the team's leader, a leader to that of the team above."""
    parents = {team["name"]: team.get("parent") for team in read_table("organisation")["teams"]}
    leads = {person.team: person.number for person in people if person.is_lead}
    for person in people:
        team = parents[person.team] if person.is_lead else person.team
        person.reports_to = leads.get(team) if team else None
