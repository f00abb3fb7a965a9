"""OrangeHRM's list of employees (PIM): whom its ids mean, so that its other files find people."""

from collections.abc import Mapping
from typing import Any

from sqlalchemy import select

from smartskill.exchange.models import ExternalPerson
from smartskill.exchange.services.files.columns import guess_columns
from smartskill.exchange.services.files.faults import Faults
from smartskill.exchange.services.files.people import People, person_places, who_is_in
from smartskill.exchange.services.files.plans import SHOWN, Plan, Tell
from smartskill.exchange.services.files.previews import table_facts
from smartskill.exchange.services.files.tables import Table
from smartskill.exchange.services.files.unreadable import FileUnreadable
from smartskill.extensions import db

SYSTEM = "orangehrm"


def plan_people_file(
    table: Table, kind: str, mapping: Mapping[str, Any], *, creates_people: bool, tell: Tell = lambda done: None
) -> Plan:
    """Find out whom each id means.

    Raises:
        FileUnreadable: no column holds ids.
    """
    columns = guess_columns(table, "levels", mapping.get("columns", {}), is_matrix=False)
    places = person_places(columns)
    if "employee_id" not in places:
        raise FileUnreadable.because("No column is taken for employee_id.")
    rows = [(number, cells, who_is_in(cells, places)) for number, cells in table.rows]
    people = People((who for _, _, who in rows), SYSTEM, mapping.get("people", {}))
    unknown = people.unknown(SHOWN)
    if creates_people:
        people.create_missing()
    known = dict(
        db.session.execute(
            select(ExternalPerson.external_id, ExternalPerson.user_id).where(ExternalPerson.system == SYSTEM)
        ).all()
    )
    faults, counts = Faults(), {"added": 0, "changed": 0, "unchanged": 0, "people_created": people.created}
    for number, cells, who in rows:
        user_id, held = people.found[who], known.get(who.employee_id)
        if not who.employee_id:
            faults.add(number, cells, None, "The row has no employee id.")
        elif user_id is None:
            faults.add(number, cells, None, people.why_unknown(who))
        else:
            counts["unchanged" if held == user_id else "changed" if held else "added"] += 1
    plan = Plan(kind, faults=faults, counts=counts, write=lambda tell: people.remember())
    plan.header = table.header
    plan.preview = table_facts(table, columns) | {"unknown_people": unknown, "unknown_skills": []}
    return plan
