"""Which skill of the catalogue a word of a CV means: that of this name, else the only one of this alias, case aside."""

from collections.abc import Iterable

from sqlalchemy import ARRAY, Text, cast, func, select

from smartskill.extensions import db
from smartskill.skills.models.catalogue import Skill, SkillAlias

MAX_NAME = 200  # characters: longer names no skill has


def match_skills(words: Iterable[str]) -> dict[str, Skill]:
    """The skills meant, by word as given; words that mean none, or several, are left out.

    A skill that was merged into another stands for that one; retired skills are not taken up again.
    """
    asked = sorted({word for word in words if 0 < len(word.strip()) <= MAX_NAME})
    if not asked:
        return {}
    # The database compares in lower case, so that its idea of it and its indexes are used.
    word = func.unnest(cast(asked, ARRAY(Text))).column_valued("word")
    key = func.lower(func.btrim(word))
    by_name = select(word, Skill.id).join(Skill, func.lower(Skill.name) == key)
    by_alias = (
        select(word, func.min(SkillAlias.skill_id))
        .join(SkillAlias, func.lower(SkillAlias.name) == key)
        .group_by(word)
        .having(func.count(SkillAlias.skill_id.distinct()) == 1)
    )
    found: dict[str, int] = dict(db.session.execute(by_alias).all()) | dict(db.session.execute(by_name).all())
    skills = {word: _survivor(db.session.get_one(Skill, skill_id)) for word, skill_id in found.items()}
    return {word: skill for word, skill in skills.items() if skill.status != "retired"}


def _survivor(skill: Skill) -> Skill:
    while skill.merged_into_id is not None:
        skill = db.session.get_one(Skill, skill.merged_into_id)
    return skill
