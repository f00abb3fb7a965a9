"""What refers to a skill, read from the tables' foreign keys: so usage and merging know the tables of features above.

`KNOWN` says how each counts, and what becomes of two of its rows that a merge makes one. A table that it lacks is moved
all the same, the row of the skill that stays being left as it is; a test asks for its line.
"""

from dataclasses import dataclass
from typing import NamedTuple

from sqlalchemy import Column, MetaData, Table

from smartskill.database import Base


@dataclass(frozen=True, slots=True)
class Known:
    """How a reference counts, and how each column of a row that stays is made of both rows.

    `greatest`: the larger; `either`: true if one is; `both`: true if both are; `first`: its own, or the other's where
    it has none. Columns not named stay as they are.
    """

    counts_as: str
    greatest: tuple[str, ...] = ()
    either: tuple[str, ...] = ()
    both: tuple[str, ...] = ()
    first: tuple[str, ...] = ()


KNOWN = {
    "ratings.skill_id": Known("ratings"),
    "user_skills.skill_id": Known("holders", first=("interest", "target_level", "note"), both=("is_shown",)),
    "endorsements.skill_id": Known("endorsements"),
    "experience_skills.skill_id": Known("experiences"),
    "granted_skills.skill_id": Known("granting_types", greatest=("level",)),
    "role_requirements.skill_id": Known("role_requirements", greatest=("level", "weight"), either=("must",)),
    "exemptions.skill_id": Known("exemptions"),
    "coverage_targets.skill_id": Known("targets", greatest=("heads",)),
    "skill_suggestions.skill_id": Known("suggestions", either=("is_rejected", "is_accepted")),
    "dismissed_skills.skill_id": Known("dismissals"),
}
# What is a skill's own, and what a merge treats by itself.
OWN = {
    "skill_aliases.skill_id",
    "skill_origins.skill_id",
    "skill_level_wordings.skill_id",
    "skill_merges.skill_id",
    "skill_merges.into_id",
    "skills.merged_into_id",
}


class Reference(NamedTuple):
    """A column that points at skills."""

    table: Table
    column: Column

    @property
    def name(self) -> str:
        """As `KNOWN` names it."""
        return f"{self.table.name}.{self.column.name}"

    @property
    def known(self) -> Known:
        """How it counts and folds."""
        return KNOWN.get(self.name) or Known(self.table.name)

    @property
    def is_use(self) -> bool:
        """Whether it keeps a skill from being deleted; what goes with the skill does not."""
        return all(key.ondelete is None for key in self.column.foreign_keys)


def list_references(metadata: MetaData = Base.metadata) -> list[Reference]:
    """All columns that point at skills, but for what is a skill's own; in the order of the tables' names."""
    found = [
        Reference(table, column)
        for table in metadata.tables.values()
        for column in table.columns
        if any(key.column.table.name == "skills" for key in column.foreign_keys)
    ]
    return sorted((reference for reference in found if reference.name not in OWN), key=lambda reference: reference.name)


def unknown_references(metadata: MetaData = Base.metadata) -> list[str]:
    """The columns that point at skills and that nobody has said yet how to count and fold."""
    return [reference.name for reference in list_references(metadata) if reference.name not in KNOWN]
