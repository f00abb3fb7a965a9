"""Which skills the words of a file mean, and which may be meant where none is called so."""

import re
from collections import Counter
from collections.abc import Iterable, Mapping
from typing import Any

from sqlalchemy import select

from smartskill.exchange.services.resume.catalogue import match_skills
from smartskill.extensions import db
from smartskill.skills.models.catalogue import Skill
from smartskill.skills.services.search import find_hits

CANDIDATES = 3
SUGGESTED = 50  # unknown words for which candidates are looked up
EXTERNAL_ID = re.compile(r"(?:[a-z_0-9]+\.)?hr_skill_(?=[a-z])", re.IGNORECASE)


class NamedSkills:
    """The skills of a file, looked up once for all rows."""

    def __init__(self, asked: Iterable[str], own: Mapping[str, str | None]) -> None:
        self.asked = Counter(word for word in asked if word)
        self.own = {word.casefold(): name for word, name in own.items()}
        names = {word: self._meant(word) for word in self.asked}
        known = match_skills({name for name in names.values() if name})
        self.found: dict[str, Skill | None] = {word: known.get(name or "") for word, name in names.items()}

    def _meant(self, word: str) -> str | None:
        return self.own[word.casefold()] if word.casefold() in self.own else plain(word)

    def is_left_out(self, word: str) -> bool:
        """Whether the mapping says that this is not to be read."""
        return self.own.get(word.casefold(), "") is None

    def why_unknown(self, word: str) -> str:
        """Why a row has no skill here."""
        if not word:
            return "The row names no skill."
        return f"No skill here is called “{word[:80]}”: say in the mapping's `skills` which is meant, or add it."

    def unknown(self, most: int) -> list[dict[str, Any]]:
        """Those no skill was found for, the most frequent first, with those that may be meant."""
        words = [
            (word, rows)
            for word, rows in self.asked.most_common()
            if self.found[word] is None and not self.is_left_out(word)
        ]
        return [
            {"value": word[:200], "rows": rows, "candidates": suggest(plain(word)) if place < SUGGESTED else []}
            for place, (word, rows) in enumerate(words[:most])
        ]


def plain(word: str) -> str:
    """An external id (`hr_skill_digital_ad`) as words; any other text as it is."""
    name = " ".join(word.split())
    return EXTERNAL_ID.sub("", name).replace("_", " ").strip() if EXTERNAL_ID.match(name) else name


def suggest(word: str) -> list[dict[str, Any]]:
    """Skills that may be meant by a word, the likeliest first."""
    if not word.strip():
        return []
    among = (Skill.status != "retired", Skill.merged_into_id.is_(None))
    ids = find_hits(word[:200], among).page(1, CANDIDATES)
    names = dict(db.session.execute(select(Skill.id, Skill.name).where(Skill.id.in_(ids))).all())
    return [{"id": skill_id, "name": names[skill_id]} for skill_id in ids]
