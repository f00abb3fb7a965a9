"""From what a file says of a level to ours, 1 to 5: numbers on some scale, percentages, words, marks, CEFR.

Which scale a file uses follows from all its values together, is shown in the preview, and can be said in the mapping.
Nothing, a dash and zero are no statement: unknown is never zero.
"""

import re
from collections.abc import Iterable, Mapping
from dataclasses import dataclass, field

from smartskill.exchange.services.resume.words import LEVELS
from smartskill.skills.services.foreign_scales import CEFR as STEPS
from smartskill.skills.services.foreign_scales import level_from_cefr, level_from_percent

SCALES = ("1-5", "0-5", "0-3", "1-3", "0-4", "1-4", "0-10", "1-10", "percent")
CEFR = {step.lower(): level_from_cefr(step) for step in STEPS}
MARKS = {"x", "✓", "✔", "☑", "yes", "y", "true", "ja", "oui", "si", "sí", "sim", "•", "●"}
NOTHING = {"", "-", "–", "—", "n/a", "na", "n.a.", "none", "no", "nein", "non", "false", "keine", "0", "?", "/"}
WORDS = LEVELS | {
    "none yet": 0, "no experience": 0, "trained": 2, "learner": 1, "learning": 1, "can do": 3, "independent": 4,
    "professional": 4, "practitioner": 3, "basic knowledge": 2, "fluent": 5, "native": 5, "mother tongue": 5, "poor": 1,
    "anfänger": 1, "einsteiger": 1, "grundkenntnisse": 2, "mittel": 3, "gut": 3, "fortgeschritten": 4, "sehr gut": 4,
    "experte": 5, "débutant": 1, "intermédiaire": 3, "avancé": 4,
}  # fmt: skip
NUMBER = re.compile(r"(\d{1,3}(?:[.,]\d+)?)\s*(%?)(?:\s*/\s*\d+)?")
DEFAULT_MARK = 3
YEARS = (1, 3, 5, 10)  # years of experience from which a level is 2, 3, 4, 5


class NotALevel(ValueError):
    """The text is no level on this scale."""


@dataclass(frozen=True)
class Scale:
    """How a file's words for levels are read; `own` is what the mapping says of some of them."""

    name: str = "1-5"
    mark: int = DEFAULT_MARK
    own: Mapping[str, int] = field(default_factory=dict)

    def level_of(self, text: str) -> int | None:
        """The level; None where nothing is said.

        Raises:
            NotALevel: it says something else.
        """
        words = " ".join(text.casefold().split())
        if words in self.own:
            return self.own[words] or None
        if words in NOTHING:
            return None
        for known in (WORDS, CEFR):
            if words in known:
                return known[words] or None
        if words in MARKS:
            return self.mark
        return self._number(words, text)

    def _number(self, words: str, text: str) -> int | None:
        found = NUMBER.fullmatch(words)
        if not found:
            raise NotALevel(f"“{text.strip()[:40]}” is no level: say in the mapping's `levels` what it means.")
        number = float(found[1].replace(",", "."))
        if number == 0:
            return None
        if found[2] or self.name == "percent":
            return percentage(number, text)
        least, most = map(int, self.name.split("-"))
        if not max(least, 1) <= number <= most or (most <= 5 and number != int(number)):
            raise NotALevel(f"“{text.strip()[:40]}” is not on the scale {self.name}.")
        return int(number) if most == 5 else percentage(number / most * 100, text)


def percentage(percent: float, text: str) -> int:
    """The level of a percentage, by fifths.

    Raises:
        NotALevel: more than 100 %.
    """
    try:
        return level_from_percent(percent)
    except ValueError as error:
        raise NotALevel(f"“{text.strip()[:40]}” is more than 100 %.") from error


def level_from_years(text: str) -> int | None:
    """A level from years of experience, where a system knows no levels: from 1, 3, 5, 10 years on 2, 3, 4, 5.

    Raises:
        NotALevel: no number of years.
    """
    if not text.strip() or text.strip() in NOTHING - {"0"}:
        return None
    found = re.match(r"\s*(\d{1,2}(?:[.,]\d+)?)", text)
    if not found:
        raise NotALevel(f"“{text.strip()[:40]}” is no number of years.")
    return 1 + sum(float(found[1].replace(",", ".")) >= years for years in YEARS)


def guess_scale(texts: Iterable[str]) -> str:
    """The scale that all of a file's values fit on; the narrowest usual one where several do."""
    numbers, is_percent = [], False
    for text in texts:
        found = NUMBER.fullmatch(" ".join(text.casefold().split()))
        if found and found[2]:
            is_percent = True
        elif found:
            numbers.append(float(found[1].replace(",", ".")))
    most = max(numbers, default=0)
    if not numbers:
        return "percent" if is_percent else "1-5"
    if most > 10:
        return "percent"
    return ("0-10" if min(numbers) == 0 else "1-10") if most > 5 else ("0-5" if min(numbers) == 0 else "1-5")


def looks_like_levels(texts: Iterable[str]) -> bool:
    """Whether most of a column's values could be levels of some scale."""
    given = [text for text in texts if text.strip()]
    return bool(given) and sum(map(_is_levelish, given)) >= 0.8 * len(given)


def _is_levelish(text: str) -> bool:
    words = " ".join(text.casefold().split())
    if words in NOTHING or words in WORDS or words in CEFR or words in MARKS:
        return True
    found = NUMBER.fullmatch(words)
    return bool(found) and float(found[1].replace(",", ".")) <= 100  # type: ignore[index]
