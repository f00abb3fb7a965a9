"""Odoo's exports: records named by external ids (`employee_id:id`), levels as percentages behind such ids.

The percentages are those of Odoo's own skill types; a company's own levels are said in the mapping.
"""

import re

from smartskill.exchange.services.files.scales import CEFR
from smartskill.skills.services.foreign_scales import level_from_percent

LEVEL_ID = re.compile(r"(?:[a-z_0-9]+\.)?hr_skill_level_(?:m?)([a-z0-9]+?)(?:_it)?", re.IGNORECASE)
PERCENT = {
    "beginner": 15, "elementary": 25, "intermediate": 50, "advanced": 80, "expert": 100,
    "l1": 25, "l2": 50, "l3": 75, "l4": 100, "certified": 100, "certifications": 100,
}  # fmt: skip
SECTIONS = {  # of a CV, and which types of resume line belong there
    "work": ("experience", "work", "employment", "job", "resume_type_experience"),
    "education": ("education", "school", "study", "resume_type_education"),
    "volunteer": ("volunteering", "volunteer", "resume_type_volunteering"),
    "projects": ("project", "projects", "resume_type_project"),
}
KINDS = {kind: section for section, kinds in SECTIONS.items() for kind in kinds}


def level_of(text: str) -> int | None:
    """The level of an external id, or None where it is none of Odoo's own."""
    found = LEVEL_ID.fullmatch(text.strip())
    word = (found[1] if found else text.strip()).lower()
    if word in CEFR:
        return CEFR[word]
    return level_from_percent(PERCENT[word]) if word in PERCENT else None


def section_of(text: str) -> str | None:
    """The section of a CV that a type of resume line belongs to; None for one that is not read."""
    word = text.strip().rsplit(".", 1)[-1].lower()
    return KINDS.get(word, "work" if not word else None)
