"""An occupation as its taxonomy has it: what it is called, and which of the taxonomy's skills it asks for."""

from collections import Counter
from dataclasses import dataclass, field
from typing import NamedTuple

LONGEST_NAME = 200
LONGEST_URI = 300


class Demand(NamedTuple):
    """A skill that an occupation asks for, by the address it was imported from."""

    skill_uri: str
    level: int  # 1–5
    weight: float
    must: bool


@dataclass(slots=True)
class Occupation:
    """What becomes a template."""

    uri: str
    code: str  # what people may name it by, beside its address
    name: str
    description: str | None
    demands: list[Demand] = field(default_factory=list)


@dataclass(slots=True)
class Occupations:
    """A source's occupations, or those chosen of it, and what of its files was left out, by reason."""

    source: str  # the key of the taxonomy, as the catalogue knows it
    is_whole: bool
    found: dict[str, Occupation] = field(default_factory=dict)  # by URI
    refused: Counter[str] = field(default_factory=Counter)

    def add(self, occupation: Occupation) -> None:
        """Take one in, or refuse it."""
        if not occupation.name or len(occupation.name) > LONGEST_NAME:
            self.refused[f"the occupation's name is missing or longer than {LONGEST_NAME} characters"] += 1
        elif not occupation.uri or len(occupation.uri) > LONGEST_URI:
            self.refused[f"the occupation's URI is missing or longer than {LONGEST_URI} characters"] += 1
        elif occupation.uri in self.found:
            self.refused["repeats an earlier row's URI"] += 1
        else:
            self.found[occupation.uri] = occupation
