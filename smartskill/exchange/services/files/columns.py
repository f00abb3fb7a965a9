"""What the columns of a table mean: guessed from names, then from contents; the mapping has the last word."""

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, field
from typing import Any

from smartskill.exchange.schemas.files import PERSON
from smartskill.exchange.services.files.scales import looks_like_levels
from smartskill.exchange.services.files.tables import Table, normal
from smartskill.exchange.services.files.unreadable import FileUnreadable

SAMPLES = 3
LOOKED_AT = 200  # rows
SYNONYMS = {
    "email": "email e_mail e_mail_address email_address work_email mail employee_work_email user_email e_mail_adresse"
    " courriel adresse_e_mail employee_email",
    "employee_id": "employee_id employee_id_id employee_no employee_number emp_id staff_id staff_no personnel_number"
    " personalnummer personal_nr matricule person_id worker_id",
    "username": "username user_name login user_id user",
    "name": "name full_name employee employee_name person who colleague team_member member mitarbeiter mitarbeiterin"
    " mitarbeitende nom_complet names",
    "first_name": "first_name given_name forename employee_first_name vorname prenom prénom",
    "middle_name": "middle_name employee_middle_name",
    "last_name": "last_name surname family_name employee_last_name nachname nom_de_famille",
    "skill": "skill skill_name skill_id_id competency competence faehigkeit fähigkeit kompetenz competence_name",
    "level": "level skill_level skill_level_id_id rating score proficiency niveau stufe current_level rank",
    "percent": "progress level_progress percent progress_percent",
    "years": "years_of_experience years years_of_exp years_experience yrs",
    "category": "skill_type skill_type_id_id category skill_category type_of_skill kategorie",
    "date": "date as_of as_of_date assessed_on assessed_at rated_on last_updated updated_on datum stand valid_from"
    " since rating_date assessment_date last_confirmed",
    "note": "note notes comment comments bemerkung remarks",
    "ignore": "refused_because team department job_title position title location manager supervisor sub_unit total sum"
    " average id role grade employment_status abteilung gender nationality date_of_birth",
}
EXPERIENCE = {
    "organisation": "organisation organization company company_name employer firm unternehmen arbeitgeber institution"
    " school",
    "title": "title position job_title role beruf funktion degree",
    "start": "start start_date from date_start started_on von begin since",
    "end": "end end_date to date_end finished_on bis until",
    "kind": "kind type line_type_id_id line_type",
    "summary": "summary description comment comments details beschreibung",
}
ODOO_EXPERIENCE = {"organisation": "name"}
CATALOGUE = {
    "skill": "name skill skill_name title preferred_label",
    "category": "category group skill_type shelf",
    "aliases": "aliases alias synonyms alt_labels also_known_as",
    "description": "description definition meaning",
    "external_uri": "external_uri uri url",
}
LAYOUTS: dict[str, tuple[dict[str, str], ...]] = {
    "levels": (SYNONYMS,),
    "experience": (EXPERIENCE, SYNONYMS),
    "odoo_experience": (ODOO_EXPERIENCE, EXPERIENCE, SYNONYMS),
    "skills": (CATALOGUE,),
}


@dataclass
class Column:
    """A column and what it is taken for; None: nothing that is read."""

    index: int
    name: str
    meaning: str | None = None
    confidence: float = 0.0
    category: str | None = None
    skill: Any = None
    samples: list[str] = field(default_factory=list)

    @property
    def label(self) -> str:
        """How the column is named to people."""
        return self.name or f"#{self.index + 1}"

    def shown(self) -> dict[str, Any]:
        """For the preview."""
        skill = {"id": self.skill.id, "name": self.skill.name} if self.skill is not None else None
        return {
            "column": f"#{self.index + 1}",
            "name": self.name,
            "meaning": self.meaning,
            "confidence": self.confidence,
            "category": self.category,
            "skill": skill,
            "samples": self.samples,
        }


def words_of(layout: str) -> dict[str, str]:
    """The meaning of each known column name."""
    found: dict[str, str] = {}
    for names in LAYOUTS[layout]:
        for meaning, words in names.items():
            for word in words.split():
                found.setdefault(word, meaning)
    return found


def count_names(cells: Sequence[str]) -> int:
    """How many cells of a row are names of columns; those that name a person weigh most."""
    known = words_of("levels") | words_of("experience")
    meanings = [known.get(normal(cell)) for cell in cells]
    return sum(3 if meaning in PERSON else 1 for meaning in meanings if meaning)


def detect_format(table: Table) -> str:
    """What kind of table it is, by the names of its columns."""
    names = {normal(name) for name in table.header}
    if "employee_id_id" in names and "skill_id_id" in names:
        return "odoo_skills"
    if "date_start" in names and names & {"line_type_id_id", "line_type", "employee_id_id"}:
        return "odoo_experience"
    if {"first_name", "last_name", "employee_id"} <= names and names & {"work_email", "other_email"}:
        return "orangehrm_people"
    if {"skill", "years_of_experience"} <= names:
        return "orangehrm"
    meanings, said = ({words_of(layout).get(name) for name in names} for layout in ("levels", "experience"))
    is_about_people = bool(meanings & set(PERSON))
    if "skill" in meanings and meanings & {"level", "percent", "years"} and is_about_people:
        return "list"
    if {"organisation", "start"} <= said and is_about_people:
        return "experience"
    if "name" in names and names & {"aliases", "external_uri"}:
        return "skills"
    return "matrix"


def guess_columns(table: Table, layout: str, given: Mapping[str, str], *, is_matrix: bool) -> list[Column]:
    """A guess for each column, and what the mapping says of it.

    Raises:
        FileUnreadable: the mapping names a column that is not there.
    """
    known = words_of(layout)
    found = [_by_name(table, place, name, known) for place, name in enumerate(table.header)]
    _once(found)
    own = _given(table, given)
    for column in found:
        if column.index in own:
            column.meaning, column.confidence = own[column.index], 1.0
        elif column.meaning is None and layout != "skills":
            _by_content(column, table, found, is_matrix=is_matrix)
    return found


def _by_name(table: Table, place: int, name: str, known: Mapping[str, str]) -> Column:
    cells = table.column(place)[:LOOKED_AT]
    samples = [cell[:80] for cell in dict.fromkeys(cell for cell in cells if cell.strip())][:SAMPLES]
    category = table.band[place] if place < len(table.band) else None
    meaning = known.get(normal(name))
    return Column(place, name, meaning, 1.0 if meaning else 0.0, category, samples=samples)


def _once(columns: Iterable[Column]) -> None:
    """Of two columns of one meaning the first counts; more than one may be ignored."""
    seen: set[str] = set()
    for column in columns:
        if column.meaning in seen and column.meaning != "ignore":
            column.meaning, column.confidence = "ignore", 0.5
        elif column.meaning:
            seen.add(column.meaning)


def _given(table: Table, given: Mapping[str, str]) -> dict[int, str]:
    own: dict[int, str] = {}
    for name, meaning in given.items():
        places = [place for place, header in enumerate(table.header) if header.casefold() == name.strip().casefold()]
        if not places and name.startswith("#") and name[1:].isdigit() and 0 < int(name[1:]) <= len(table.header):
            places = [int(name[1:]) - 1]
        if not places:
            raise FileUnreadable.because(f"The mapping names a column “{name}” that the file does not have.")
        own |= dict.fromkeys(places, meaning)
    return own


def _by_content(column: Column, table: Table, columns: Sequence[Column], *, is_matrix: bool) -> None:
    cells = [cell.strip() for cell in table.column(column.index)[:LOOKED_AT] if cell.strip()]
    meanings = {other.meaning for other in columns}
    if cells and sum(" " not in cell and "@" in cell[1:-1] for cell in cells) >= 0.8 * len(cells):
        if "email" not in meanings:
            column.meaning, column.confidence = "email", 0.8
    elif is_matrix and column.name and (not cells or looks_like_levels(cells)):
        column.meaning, column.confidence = "skill", 0.5
    elif is_matrix and cells and not meanings & set(PERSON) and not any(cell[0].isdigit() for cell in cells):
        column.meaning, column.confidence = "name", 0.5
