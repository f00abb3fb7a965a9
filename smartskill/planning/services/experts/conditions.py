"""What a search for experts asks, read once: needs with the skills they come to, and the words of a text.

A need on a skill that was merged into another is a need on that other.
"""

from collections.abc import Mapping
from dataclasses import dataclass, replace
from typing import Any

from smartskill.extensions import db
from smartskill.kit.errors import Invalid
from smartskill.kit.schemas import INT_MAX
from smartskill.planning.services.full_text.search import Words, read_words
from smartskill.skills.services.merging import survivors_of
from smartskill.user.models import Team


@dataclass(frozen=True)
class Need:
    """A level, and perhaps an interest, that is needed in a skill."""

    skill_id: int
    min_level: int
    min_interest: int | None = None


@dataclass(frozen=True)
class Conditions:
    """All conditions of a search; `without` are the levels that nobody may have."""

    needs: tuple[Need, ...] = ()
    without: tuple[Need, ...] = ()
    is_any: bool = False
    team_id: int | None = None
    words: Words | None = None

    @property
    def parts(self) -> int:
        """How many parts the score is the mean of."""
        return len(self.needs) + (self.words is not None)

    def spelt(self, words: Words) -> "Conditions":
        """The same with other words."""
        return replace(self, words=words)


def read_conditions(query: Mapping[str, Any]) -> Conditions:
    """The conditions of a query as the schema loaded it.

    Raises:
        Invalid: a skill or the team does not exist (named `need.0`, `not.0`, `team_id`), or `text` has no word.
    """
    needs = [_need(text) for text in query.get("need") or ()]
    without = [_need(text) for text in query.get("not") or ()]
    winners = survivors_of([need.skill_id for need in (*needs, *without) if need.skill_id <= INT_MAX])
    errors = {
        f"{name}.{place}": ["There is no such skill."]
        for name, given in (("need", needs), ("not", without))
        for place, need in enumerate(given)
        if need.skill_id not in winners
    }
    team_id = query.get("team_id")
    if team_id is not None and db.session.get(Team, team_id) is None:
        errors["team_id"] = ["There is no such team."]
    words = read_words(query["text"]) if query.get("text") else None
    if words is not None and not words.wanted:
        errors["text"] = ["Give a word to look for."]
    if errors:
        raise Invalid(errors=errors)
    found, unwanted = (
        tuple(replace(need, skill_id=winners[need.skill_id]) for need in given) for given in (needs, without)
    )
    return Conditions(found, unwanted, query.get("match") == "any", team_id, words)


def _need(text: str) -> Need:
    skill_id, *more = (int(part) for part in text.split(":"))
    return Need(skill_id, more[0] if more else 1, more[1] if len(more) > 1 else None)
