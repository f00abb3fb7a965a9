"""All that some skills are and all that refers to them, as plain values that can be compared."""

from typing import Any

from sqlalchemy import select

from smartskill.extensions import db
from smartskill.skills.models.catalogue import Skill, SkillAlias, SkillOrigin
from smartskill.skills.services.references import list_references

APART = {"version", "updated_at", "created_at"}  # what may differ: an undone merge is a change


def state_of(*skill_ids: int) -> dict[str, Any]:
    """Rows by table, each as a dictionary without its version and times, in the order of their keys."""
    db.session.flush()
    tables = {(reference.table, reference.column) for reference in list_references()}
    tables |= {(model.__table__, model.__table__.c.skill_id) for model in (SkillAlias, SkillOrigin)}
    tables.add((Skill.__table__, Skill.__table__.c.id))
    return {
        table.name: sorted(
            (
                {name: str(value) for name, value in row._mapping.items() if name not in APART}
                for row in db.session.execute(select(table).where(column.in_(skill_ids)))
            ),
            key=lambda row: sorted(row.items()),
        )
        for table, column in tables
    }
