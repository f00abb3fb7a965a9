"""What levels are called where that differs, and what they mean in some skills. What exists is used as it is."""

from sqlalchemy import select, update

from smartskill.commands.demo.bulk import copy_rows
from smartskill.commands.demo.catalogue import CatalogueSkill
from smartskill.commands.demo.sources import read_table
from smartskill.extensions import db
from smartskill.skills.models.catalogue import LevelScale, SkillCategory, SkillLevelWording


def fill_scales(skills: dict[str, CatalogueSkill]) -> None:
    """Write them; skills that have words for their levels keep those."""
    table = read_table("scales")
    for name, facts in table["scales"].items():
        scale = db.session.scalars(select(LevelScale).filter_by(name=name)).first()
        if scale is None:
            scale = LevelScale(name=name, level_names=facts["names"], wordings=facts["wordings"])
            db.session.add(scale)
            db.session.flush()
        shelf = update(SkillCategory).where(SkillCategory.name == facts["category"], SkillCategory.parent_id.is_(None))
        db.session.execute(shelf.where(SkillCategory.scale_id.is_(None)).values(scale_id=scale.id))
    worded = {skills[name].id: wordings for name, wordings in table["wordings"].items() if name in skills}
    known = set(db.session.scalars(select(SkillLevelWording.skill_id).where(SkillLevelWording.skill_id.in_(worded))))
    rows = [
        {"skill_id": skill_id, "level": level, "wording": wording}
        for skill_id, wordings in worded.items()
        if skill_id not in known
        for level, wording in enumerate(wordings, 1)
    ]
    copy_rows(SkillLevelWording, rows)
