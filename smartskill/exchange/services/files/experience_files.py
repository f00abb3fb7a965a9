"""Files that say who did what where and when: Odoo's resume lines, OrangeHRM's work experience, anybody's list."""

from collections import Counter, defaultdict
from collections.abc import Mapping
from typing import Any

from smartskill.exchange.services.files import odoo
from smartskill.exchange.services.files.columns import Column, guess_columns
from smartskill.exchange.services.files.dates import NotADay, is_open, parse_day
from smartskill.exchange.services.files.faults import Faults
from smartskill.exchange.services.files.people import People, Who, person_places, who_is_in
from smartskill.exchange.services.files.plans import SHOWN, Plan, Tell
from smartskill.exchange.services.files.previews import table_facts
from smartskill.exchange.services.files.tables import Table
from smartskill.exchange.services.files.unreadable import FileUnreadable
from smartskill.exchange.services.resume.experience import plan_experience
from smartskill.exchange.services.resume.reading import HOMES, MAX_TEXT, Reading, read_experience
from smartskill.exchange.services.resume.steps import Step
from smartskill.extensions import db
from smartskill.user.models import User

NEEDED = ("organisation", "start")
By = dict[tuple[int, str], list[Reading]]  # user id and section of a CV


class ExperienceFile:
    """One such file, read with one mapping."""

    def __init__(self, table: Table, kind: str, mapping: Mapping[str, Any]) -> None:
        self.table, self.kind, self.mapping = table, kind, mapping
        self.is_odoo = kind == "odoo_experience"
        layout = "odoo_experience" if self.is_odoo else "experience"
        self.columns = guess_columns(table, layout, mapping.get("columns", {}), is_matrix=False)
        self.at = {str(column.meaning): column for column in reversed(self.columns) if column.meaning}
        self.places = person_places(self.columns)
        missing = [name for name in NEEDED if name not in self.at] + ([] if self.places else ["email"])
        if missing:
            names = ", ".join(column.label for column in self.columns[:20])
            raise FileUnreadable.because(f"No column is taken for {', '.join(missing)}. There is {names}.")

    def text(self, cells: list[str], meaning: str) -> str:
        """A cell by what its column means."""
        column = self.at.get(meaning)
        return cells[column.index].strip() if column is not None and column.index < len(cells) else ""

    def entry(self, number: int, cells: list[str], faults: Faults) -> tuple[str, dict[str, Any]] | None:
        """The section and the entry of a CV that a row comes to; None where it is at fault."""
        section = odoo.section_of(self.text(cells, "kind"))
        if section is None:
            kind = self.text(cells, "kind")
            faults.add(number, cells, self.at["kind"].label, f"Lines of the type “{kind[:60]}” are not read.")
            return None
        try:
            dates = {"startDate": self._day(cells, "start"), "endDate": self._day(cells, "end")}
        except NotADay as error:
            faults.add(number, cells, None, str(error))
            return None
        return section, self._facts(cells, section) | dates

    def _day(self, cells: list[str], meaning: str) -> str | None:
        text = self.text(cells, meaning)
        if not text or (meaning == "end" and is_open(text)):
            return None
        return str(parse_day(text, is_day_first=self.mapping.get("day_first")))

    def _facts(self, cells: list[str], section: str) -> dict[str, Any]:
        home = HOMES[section]
        title, summary = self.text(cells, "title"), self.text(cells, "summary")
        if self.is_odoo and section == "work" and not title and _is_title(summary):
            title, summary = summary, ""  # its form asks for no title, so people write it into the description
        facts = {home.organisation: self.text(cells, "organisation"), home.title: title, home.summary: summary}
        return {key: value for key, value in facts.items() if value}


def plan_experience_file(
    table: Table, kind: str, mapping: Mapping[str, Any], *, creates_people: bool, tell: Tell = lambda done: None
) -> Plan:
    """Read a table of experience and compare it with what is here.

    Raises:
        FileUnreadable: no column says who, where or since when.
    """
    file = ExperienceFile(table, kind, mapping)
    rows = [(number, cells, who_is_in(cells, file.places)) for number, cells in table.rows]
    people = People((who for _, _, who in rows), "odoo" if file.is_odoo else "file", mapping.get("people", {}))
    unknown_people = people.unknown(SHOWN)
    if creates_people:
        people.create_missing()
    faults = Faults()
    readings = _read(file, rows, people, faults)
    steps = _compare(readings, tell)

    def write(tell: Tell) -> None:
        people.remember()
        for place, step in enumerate(steps, start=1):
            step.take()
            if place % 100 == 0:
                tell(place / len(steps))

    counts = Counter(step.action for step in steps)
    plan = Plan(kind, faults=faults, counts=counts | {"people_created": people.created}, write=write)
    plan.header = table.header
    plan.preview = table_facts(table, file.columns) | {"unknown_people": unknown_people, "unknown_skills": []}
    return plan


def _read(file: ExperienceFile, rows: list[tuple[int, list[str], Who]], people: People, faults: Faults) -> By:
    readings: By = defaultdict(list)
    seen: set[tuple] = set()
    for number, cells, who in rows:
        user_id = people.found[who]
        if user_id is None:
            faults.add(number, cells, _first(file).label, people.why_unknown(who))
            continue
        entry = file.entry(number, cells, faults)
        if entry is None:
            continue
        section, facts = entry
        once = (user_id, section, *sorted((key, value) for key, value in facts.items() if value))
        if once in seen:
            continue  # the same line again
        seen.add(once)
        reading = Reading(f"row {number}", facts)
        errors: dict[str, list[str]] = {}
        read_experience(reading, section, errors)
        for path, messages in errors.items():
            faults.add(number, cells, path.rpartition(".")[2], " ".join(messages))
        if reading.kept_because and not errors:
            faults.add(number, cells, None, reading.kept_because)
        elif not errors:
            readings[user_id, section].append(reading)
    return readings


def _compare(readings: By, tell: Tell) -> list[Step]:
    steps: list[Step] = []
    for place, ((user_id, section), some) in enumerate(sorted(readings.items(), key=lambda item: item[0]), start=1):
        steps += plan_experience(db.session.get_one(User, user_id), section, some, is_replacing=False)
        if place % 100 == 0:
            tell(place / len(readings))
    return steps


def _first(file: ExperienceFile) -> Column:
    return file.columns[min(file.places.values())]


def _is_title(text: str) -> bool:
    return 0 < len(text) <= MAX_TEXT and "\n" not in text and "<" not in text
