"""Files that say who can do what how well: a matrix of people and skills, or a list with a row for each level."""

from collections.abc import Iterator, Mapping
from datetime import date
from typing import Any, NamedTuple

from smartskill.exchange.services.files import odoo
from smartskill.exchange.services.files.columns import Column, guess_columns
from smartskill.exchange.services.files.dates import NotADay, parse_day
from smartskill.exchange.services.files.faults import Faults
from smartskill.exchange.services.files.named_skills import NamedSkills
from smartskill.exchange.services.files.people import People, Who, person_places, who_is_in
from smartskill.exchange.services.files.plans import SHOWN, Plan, Tell
from smartskill.exchange.services.files.previews import table_facts
from smartskill.exchange.services.files.ratings import LevelSaid, plan_ratings, write_ratings
from smartskill.exchange.services.files.scales import (
    NOTHING,
    NotALevel,
    Scale,
    guess_scale,
    level_from_years,
    percentage,
)
from smartskill.exchange.services.files.tables import Table
from smartskill.exchange.services.files.unreadable import FileUnreadable
from smartskill.exchange.services.resume.catalogue import match_skills
from smartskill.skills.services.projection import today

SYSTEMS = {"odoo_skills": "odoo", "orangehrm": "orangehrm"}
MAX_STATEMENTS = 1_000_000


class Cell(NamedTuple):
    """A level as a file gives it: of whom, in what, and where it stands."""

    number: int
    cells: list[str]
    who: Who
    skill: str
    text: str
    column: Column


class LevelFile:
    """One such file, read with one mapping."""

    def __init__(self, table: Table, kind: str, mapping: Mapping[str, Any]) -> None:
        self.table, self.kind, self.mapping = table, kind, mapping
        self.is_matrix = kind == "matrix"
        self.columns = guess_columns(table, "levels", mapping.get("columns", {}), is_matrix=self.is_matrix)
        if self.is_matrix:
            _recognise_skills(self.columns, mapping)
        self.at = {str(column.meaning): column for column in reversed(self.columns) if column.meaning}
        self.places = person_places(self.columns)
        self._check()
        self.said = list(self._cells())
        if len(self.said) > MAX_STATEMENTS:
            raise FileUnreadable.because(f"The file makes more than {MAX_STATEMENTS} statements.")
        self.scale = Scale(
            mapping.get("scale") or guess_scale({one.text for one in self.said if one.column.meaning != "years"}),
            mapping.get("mark", Scale.mark),
            {word.casefold(): level for word, level in mapping.get("levels", {}).items()},
        )

    def _check(self) -> None:
        names = [column.label for column in self.columns]
        if not self.places:
            raise FileUnreadable.because(
                f"No column says who it is about: name one in the mapping's `columns` as email, name or employee_id. "
                f"There is {', '.join(names[:20])}."
            )
        if "skill" not in self.at:
            raise FileUnreadable.because(f"No column is taken for a skill. There is {', '.join(names[:20])}.")
        if not self.is_matrix and not self.at.keys() & {"level", "percent", "years"}:
            raise FileUnreadable.because(f"No column holds levels. There is {', '.join(names[:20])}.")

    def _cells(self) -> Iterator[Cell]:
        above: Who | None = None
        skills = [column for column in self.columns if column.meaning == "skill"]
        for number, cells in self.table.rows:
            who = who_is_in(cells, self.places)
            if self.kind == "orangehrm":  # its reports name a person once for several rows
                who = above if above is not None and not who.label else who
                above = who
            if self.is_matrix:
                for column in skills:
                    text = _cell(cells, column)
                    if text:
                        yield Cell(number, cells, who, column.label, text, column)
            else:
                column, text = self._level_in(cells)
                yield Cell(number, cells, who, " ".join(_cell(cells, self.at["skill"]).split()), text, column)

    def _level_in(self, cells: list[str]) -> tuple[Column, str]:
        """The level's text, from the percentage where there is one, else the level, else the years."""
        given = [self.at[name] for name in ("percent", "level", "years") if name in self.at]
        return next(((column, text) for column in given if (text := _cell(cells, column))), (given[-1], ""))

    def level(self, one: Cell) -> int | None:
        """The level that a cell means. Raises: NotALevel."""
        if one.text.casefold() in self.scale.own:
            return self.scale.own[one.text.casefold()] or None
        if one.column.meaning == "years":
            return level_from_years(one.text)
        if one.column.meaning == "percent":
            number = one.text.rstrip("% ").replace(",", ".")
            return percentage(float(number), one.text) if _is_number(number) else self.scale.level_of(one.text)
        if self.kind == "odoo_skills" and (known := odoo.level_of(one.text)) is not None:
            return known
        return self.scale.level_of(one.text)

    def day(self, cells: list[str]) -> date | None:
        """Since when a row holds. Raises: NotADay."""
        text = _cell(cells, self.at["date"]) if "date" in self.at else ""
        if not text or text.casefold() in NOTHING:
            return date.fromisoformat(self.mapping["date"]) if self.mapping.get("date") else None
        return parse_day(text, is_day_first=self.mapping.get("day_first")).first


def plan_levels(
    table: Table, kind: str, mapping: Mapping[str, Any], *, creates_people: bool, tell: Tell = lambda done: None
) -> Plan:
    """Read a table of levels and compare it with what is here.

    Raises:
        FileUnreadable: no column says who, or what.
    """
    file = LevelFile(table, kind, mapping)
    tell(0.3)
    people = People((one.who for one in file.said), SYSTEMS.get(kind, "file"), mapping.get("people", {}))
    unknown_people = people.unknown(SHOWN)
    if creates_people:
        people.create_missing()
    skills = NamedSkills((one.skill for one in file.said), mapping.get("skills", {}))
    for column in file.columns:
        if column.meaning == "skill" and file.is_matrix:
            column.skill = skills.found.get(column.label) or column.skill
    tell(0.5)
    faults = Faults()
    said = _statements(file, people, skills, faults)
    tell(0.8)
    levels = plan_ratings(said)

    def write(tell: Tell) -> None:
        people.remember()
        write_ratings(levels.new, tell)

    plan = Plan(kind, faults=faults, counts=levels.counts | {"people_created": people.created}, write=write)
    plan.header, plan.band = table.header, [word or "" for word in table.band]
    plan.preview = table_facts(table, file.columns) | {
        "scale": file.scale.name,
        "levels": _levels_read(file),
        "unknown_people": unknown_people,
        "unknown_skills": skills.unknown(SHOWN),
    }
    return plan


def _recognise_skills(columns: list[Column], mapping: Mapping[str, Any]) -> None:
    """In a matrix a column that is called like a skill is that skill."""
    own = {word.casefold() for word in mapping.get("skills", {})}
    given = {name.casefold() for name in mapping.get("columns", {})}
    known = match_skills({column.name for column in columns if column.meaning in (None, "skill") and column.name})
    for column in columns:
        if column.name.casefold() in given:
            column.skill = known.get(column.name)
        elif column.meaning in (None, "skill") and (column.name in known or column.name.casefold() in own):
            column.meaning, column.confidence, column.skill = "skill", 1.0, known.get(column.name)


def _statements(file: LevelFile, people: People, skills: NamedSkills, faults: Faults) -> list[LevelSaid]:
    """What the rows say, each thing once; what cannot be taken in is a fault of its row."""
    found: dict[tuple[int, int, date | None], tuple[int, int]] = {}
    for one in file.said:
        if skills.is_left_out(one.skill):
            continue
        try:
            level, day = file.level(one), file.day(one.cells)
        except (NotALevel, NotADay) as error:
            column = one.column if isinstance(error, NotALevel) else file.at["date"]
            faults.add(one.number, one.cells, column.label, str(error))
            continue
        user_id, skill = people.found[one.who], skills.found.get(one.skill)
        if wrong := _wrong(file, one, user_id, skill, day, people, skills):
            faults.add(one.number, one.cells, *wrong)
        elif level is None:
            if not file.is_matrix and not one.text:
                faults.add(one.number, one.cells, one.column.label, "The row says no level.")
        else:
            _note(found, one, (user_id, skill.id, day), level, faults)  # type: ignore[union-attr,arg-type]
    return [LevelSaid(user_id, skill_id, level, day) for (user_id, skill_id, day), (level, _) in found.items()]


def _wrong(
    file: LevelFile, one: Cell, user_id: int | None, skill: Any, day: date | None, people: People, skills: NamedSkills
) -> tuple[str | None, str] | None:
    if user_id is None:
        return file.columns[min(file.places.values())].label, people.why_unknown(one.who)
    if skill is None:
        return (one.column if file.is_matrix else file.at["skill"]).label, skills.why_unknown(one.skill)
    if day is not None and day > today():
        return (file.at["date"].label if "date" in file.at else None), f"{day} is in the future."
    return None


def _note(found: dict, one: Cell, key: tuple[int, int, date | None], level: int, faults: Faults) -> None:
    known, number = found.setdefault(key, (level, one.number))
    if known != level:
        message = f"Row {number} says level {known} of the same person, skill and day."
        faults.add(one.number, one.cells, one.column.label, message)


def _levels_read(file: LevelFile) -> dict[str, int | None]:
    found: dict[str, int | None] = {}
    for one in file.said:
        text = one.text[:100]
        if text not in found and len(found) < SHOWN:
            try:
                found[text] = file.level(one)
            except NotALevel:
                found[text] = None
    return found


def _cell(cells: list[str], column: Column) -> str:
    return cells[column.index].strip() if column.index < len(cells) else ""


def _is_number(text: str) -> bool:
    try:
        float(text)
    except ValueError:
        return False
    return True
