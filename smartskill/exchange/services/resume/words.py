"""Levels as CVs word them, and as Smart-Skill counts them, 1 to 5.

Words are read whatever their case; a number of five (`4`, `4/5`) and a percentage (`80 %`, by fifths) are understood.
Any other text is no level: the skill stays in the CV as it was written and is not rated.
"""

import re

from smartskill.skills.services.foreign_scales import level_from_percent

WORDS = {
    1: ("beginner", "novice", "entry", "entry level", "junior", "fundamental", "fundamentals", "awareness"),
    2: ("elementary", "basic", "basics", "advanced beginner", "limited", "familiar"),
    3: ("intermediate", "competent", "medium", "moderate", "mid", "good", "working knowledge"),
    4: ("advanced", "proficient", "senior", "skilled", "very good", "upper intermediate"),
    5: ("expert", "master", "guru", "excellent", "authority"),
}
LEVELS = {word: level for level, words in WORDS.items() for word in words}
NAMES = {1: "Beginner", 2: "Elementary", 3: "Intermediate", 4: "Advanced", 5: "Expert"}
OF_FIVE = re.compile(r"([1-5])(?:\s*/\s*5)?")
PERCENT = re.compile(r"([0-9]{1,2}|100)\s*%")


def level_of(text: object) -> int | None:
    """The level that a text means, or None."""
    if not isinstance(text, str):
        return None
    words = " ".join(text.lower().replace("-", " ").split())
    if words in LEVELS:
        return LEVELS[words]
    if found := OF_FIVE.fullmatch(words):
        return int(found[1])
    if found := PERCENT.fullmatch(words):
        return level_from_percent(int(found[1]))
    return None
