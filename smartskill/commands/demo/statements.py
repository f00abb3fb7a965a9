"""Two years of what was said about levels: by people themselves, managers, colleagues, and an old spreadsheet.

They don't always agree, some have not said anything for long, and a few took it back, as it goes.
"""

from collections.abc import Iterator
from dataclasses import dataclass, field
from datetime import date, timedelta
from random import Random
from typing import Any

from smartskill.commands.demo.abilities import LEVEL_BESIDE_SOLE, Abilities
from smartskill.commands.demo.people import Person
from smartskill.commands.demo.sources import MONTH_DAYS, chance, draw_some, read_table

RECORDED_DAYS = 730
IMPORTED_DAYS = 715  # when the spreadsheet was loaded
STALE_DAYS = (380, 690)
STALE_SHARE, CONFLICT_SHARE, MANAGER_SHARE, PEER_SHARE, RETRACTED_SHARE = 0.18, 0.05, 0.5, 0.16, 0.01


@dataclass
class Statement:
    """A rating to be; `is_endorsement`: it came with a colleague's word."""

    person: int
    skill: str
    level: int
    source: str
    rater: int | None
    on: date
    note: str | None = None
    evidence: dict[str, Any] | None = None
    retracted_on: date | None = None
    is_endorsement: bool = False
    id: int = field(default=0, compare=False)


def draw_statements(
    people: list[Person], abilities: Abilities, sole_holders: dict[str, int], today: date
) -> list[Statement]:
    """All that was said, in order of time."""
    said: list[Statement] = []
    for person in people:
        if person.account == "employee":
            said += _told(person, people, today)
            continue
        speaker = _Speaker(person, people, chance("statements", person.email), today)
        for skill, level in abilities[person.number].items():
            said += speaker.speak(skill, level, sole_holders.get(skill))
    return sorted(said, key=lambda statement: statement.on)


@dataclass
class _Speaker:
    """One person, those who can say something about them, and how they tend to see themselves."""

    person: Person
    people: list[Person]
    rng: Random
    today: date

    def __post_init__(self) -> None:
        self.until = self.person.left_on or self.today - timedelta(days=1)
        self.since = max(self.person.joined_on, self.today - timedelta(days=RECORDED_DAYS))
        self.bias = self.rng.choices((-1, 0, 1), (2, 12, 3))[0]
        self.mates = _mates(self.person, self.people)

    def speak(self, skill: str, level: int, sole_holder: int | None) -> Iterator[Statement]:
        """Everything that was said about one skill."""
        rng, days = self.rng, (self.until - self.since).days
        if days < 1:
            return
        is_alone = sole_holder == self.person.number
        is_stale = not is_alone and days > STALE_DAYS[0] and rng.random() < STALE_SHARE
        ago = (
            rng.randint(STALE_DAYS[0], min(days, STALE_DAYS[1]))
            if is_stale
            else int(min(days, 300) * rng.random() ** 1.3)
        )
        last = self.until - timedelta(days=ago)
        most = 5 if sole_holder is None or is_alone else LEVEL_BESIDE_SOLE + 1
        own = level if is_alone else max(1, min(most, level + self.bias * (rng.random() < 0.5)))
        seen = level if is_alone else max(1, min(most, level + rng.choices((-1, 0, 1), (3, 12, 1))[0]))
        if not is_alone and rng.random() < CONFLICT_SHARE:
            own, seen = min(most, seen + 2), seen
        yield from self._own_words(skill, own, last)
        if is_alone or rng.random() < MANAGER_SHARE:
            yield from self._manager(skill, seen, last)
        if is_alone or rng.random() < PEER_SHARE:
            yield from self._peers(skill, own, last)

    def _own_words(self, skill: str, level: int, last: date) -> Iterator[Statement]:
        """The latest of their own, perhaps one before it, one taken back, and the line of the spreadsheet."""
        rng, number, days = self.rng, self.person.number, (last - self.since).days
        imported = self.today - timedelta(days=IMPORTED_DAYS)
        if self.since < imported <= last and rng.random() < 0.3:
            yield Statement(number, skill, max(1, level - rng.randint(0, 1)), "import", None, imported)
        if days > 150 and rng.random() < 0.45:
            earlier = last - timedelta(days=rng.randint(120, days))
            yield Statement(number, skill, max(1, level - rng.randint(0, 1)), "self", number, earlier)
        if rng.random() < RETRACTED_SHARE:
            yield Statement(number, skill, 5, "self", number, last, retracted_on=last)
        yield Statement(number, skill, level, "self", number, last)

    def _manager(self, skill: str, level: int, last: date) -> Iterator[Statement]:
        if self.person.reports_to is None:
            return
        note = _note("manager", skill, self.rng) if self.rng.random() < 0.15 else None
        on = max(self.since, last - timedelta(days=self.rng.randint(0, 60)))
        yield Statement(self.person.number, skill, level, "manager", self.person.reports_to, on, note)

    def _peers(self, skill: str, level: int, last: date) -> Iterator[Statement]:
        for mate in draw_some(self.rng, self.mates, 1, 3):
            on = max(self.since, mate.joined_on, last - timedelta(days=self.rng.randint(0, 90)))
            note = _note("peer", skill, self.rng) if self.rng.random() < 0.3 else None
            yield Statement(
                self.person.number, skill, level, "peer", mate.number, min(on, self.until), note, is_endorsement=True
            )


def _mates(person: Person, people: list[Person]) -> list[Person]:
    """Colleagues who work closely with a person: of the team, and of the same trade in the same office."""
    return [
        other
        for other in people
        if other.state == "here"
        and other.number not in (person.number, person.reports_to)
        and (other.team == person.team or (other.trade, other.office) == (person.trade, person.office))
    ]


def _note(by: str, skill: str, rng: Random) -> str:
    return rng.choice(read_table("careers")["notes"][by]).format(skill=skill)


def _told(person: Person, people: list[Person], today: date) -> Iterator[Statement]:
    """What the table says about the printed employee."""
    rng, number = chance("told"), person.number
    mates = _mates(person, people)
    for entry in read_table("organisation")["employee_skills"]:
        if "own" not in entry:
            continue
        skill, on = entry["skill"], today - timedelta(days=round(entry["months_ago"] * MONTH_DAYS))
        yield Statement(number, skill, max(1, entry["own"] - 1), "self", number, on - timedelta(days=200))
        yield Statement(number, skill, entry["own"], "self", number, on)
        if "manager" in entry:
            note = _note("manager", skill, rng) if entry["manager"] < entry["own"] else None
            yield Statement(number, skill, entry["manager"], "manager", person.reports_to, on - timedelta(days=9), note)
        for mate, level in zip(rng.sample(mates, len(mates)), entry.get("peers", []), strict=False):
            note = _note("peer", skill, rng)
            yield Statement(number, skill, level, "peer", mate.number, on, note, is_endorsement=True)
