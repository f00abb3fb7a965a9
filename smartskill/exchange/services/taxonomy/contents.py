"""What the files of a taxonomy's download hold, so that each one given is read, or named for what it is.

A file's name is compared without its folder, language and `.xz`.
"""

import re
from collections.abc import Mapping
from pathlib import Path

from smartskill.exchange.services.taxonomy.entries import TaxonomyUnreadable

NAME = re.compile(r"(?P<stem>[A-Za-z_]+?)(?:_(?P<language>[a-z]{2}))?\.(?:csv|tsv)(?:\.xz)?")
AS_ROLES = "`flask skills import-roles` makes templates of roles from them"
WITH_SKILLS = "it is read together with the skills"
ESCO = {
    "occupations": f"occupations: {AS_ROLES}",
    "occupationSkillRelations": f"which skills occupations ask for: {AS_ROLES}",
    "ISCOGroups": "groups of occupations",
    "broaderRelationsOccPillar": "which group an occupation is in",
    "skillGroups": f"the categories of skills: {WITH_SKILLS}",
    "skillsHierarchy": "the categories of skills once more, as a table; `skillGroups` is read",
    "broaderRelationsSkillPillar": f"which category a skill is in: {WITH_SKILLS}",
    "skillSkillRelations": "which skill helps with which other, which the catalogue does not keep",
}
ONET = {
    "occupation_data": f"occupations: {AS_ROLES}",
    "job_zones": "how much preparation an occupation takes",
    "scales_reference": "the bounds of O*NET's own scales; levels are mapped by our own table",
    "level_scale_anchors": f"what levels of skills mean: {WITH_SKILLS}",
    "content_model_reference": f"what skills mean: {WITH_SKILLS}",
}


def choose_part(path: Path, parts: Mapping[str, str], others: Mapping[str, str], source: str) -> str | None:
    """The part that a single file is, by `parts` (its stem → the part); None where it is the whole.

    Raises:
        TaxonomyUnreadable: it holds something else; the text says what.
    """
    found = NAME.fullmatch(path.name)
    stem = found["stem"] if found else path.name
    if stem in others:
        raise TaxonomyUnreadable(f"{path.name} holds no skills but {others[stem]}.")
    if stem not in parts:
        raise TaxonomyUnreadable(f"{path.name} is none of the files of {source} that hold skills.")
    return parts[stem] or None


def language_of(path: Path) -> str | None:
    """The language in a file's name."""
    found = NAME.fullmatch(path.name)
    return found["language"] if found else None


def list_others(folder: Path, others: Mapping[str, str]) -> list[str]:
    """The files of a folder that hold no skills, and what each holds."""
    named = ((path.name, NAME.fullmatch(path.name)) for path in sorted(folder.iterdir()))
    return [f"{name}: {others[found['stem']]}" for name, found in named if found and found["stem"] in others]
