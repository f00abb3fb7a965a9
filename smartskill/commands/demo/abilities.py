"""What people can truly do: the truth behind what they, their managers and colleagues say in `levels.py`."""

from random import Random

from smartskill.commands.demo.people import Person
from smartskill.commands.demo.sources import chance, draw_some, read_table

CORE_SHARE = 0.93
SOLE_LEVEL = 5
LEVEL_BESIDE_SOLE = 2
Abilities = dict[int, dict[str, int]]  # number of a person → skill → level


def find_sole_holders(people: list[Person]) -> dict[str, int]:
    """For each skill that one person alone has well, that person's number."""
    holders: dict[str, int] = {}
    for skill, team in read_table("organisation")["sole_holders"].items():
        staff = [p for p in people if p.team == team and p.state == "here" and not p.is_lead]
        mates = [p for p in staff if p.account] or [p for p in staff if p.number not in holders.values()] or staff
        holders[skill] = max(mates, key=lambda person: person.seniority).number
    return holders


def draw_abilities(people: list[Person], sole_holders: dict[str, int]) -> Abilities:
    """Levels by trade and seniority; for people who have just come a few, for those invited none."""
    return {person.number: _abilities_of(person, sole_holders) for person in people}


def _abilities_of(person: Person, sole_holders: dict[str, int]) -> dict[str, int]:
    rng = chance("abilities", person.email)
    if person.state == "invited":
        return {}
    if person.account == "employee":
        return {
            entry["skill"]: entry["own"] for entry in read_table("organisation")["employee_skills"] if "own" in entry
        }
    levels: dict[str, int] = {}
    for skill, expected in _expected(person, rng):
        alone = sole_holders.get(skill)
        if alone not in (None, person.number):
            if rng.random() < 0.5:
                levels.setdefault(skill, min(LEVEL_BESIDE_SOLE, max(1, round(rng.gauss(1.5, 0.5)))))
            continue
        levels.setdefault(skill, max(1, min(5, round(rng.gauss(expected, 0.8)))))
    levels |= {skill: SOLE_LEVEL for skill, number in sole_holders.items() if number == person.number}
    if person.state == "new":
        return dict(draw_some(rng, list(levels.items()), 1, 4))
    return levels


def _expected(person: Person, rng: Random) -> list[tuple[str, float]]:
    """The skills a person has, with the level to be expected."""
    trades = read_table("trades")
    everybody, trade, leaders = trades["everybody"], trades[person.trade], trades["leaders"]
    mother_tongue = read_table("organisation")["offices"][person.office]["language"]
    found = [(mother_tongue, 5.6), *((skill, 3.6) for skill in everybody["core"])]
    found += [(skill, person.seniority + 0.2) for skill in trade["core"] if rng.random() < CORE_SHARE]
    found += [(skill, person.seniority - 0.6) for skill in draw_some(rng, trade["more"], 2, 3 + person.seniority)]
    found += [(skill, 3.2) for skill in draw_some(rng, everybody["more"], 0, 3)]
    found += [(skill, 2.6) for skill in draw_some(rng, everybody["languages"], 0, 1)]
    if person.is_lead:
        found += [(skill, 3.7) for skill in leaders["core"] + draw_some(rng, leaders["more"], 1, 3)]
    return found
