"""The demo's scales: languages go by the European framework, some skills say what their levels mean."""

from sqlalchemy import select

from smartskill.commands.demo.catalogue import CatalogueSkill
from smartskill.commands.demo.scales import fill_scales
from smartskill.extensions import db
from smartskill.skills.models.catalogue import LevelScale, SkillCategory
from smartskill.skills.services.scales import word_levels
from tests.factories import make_skill


def test_languages_have_their_own_levels_and_skills_their_own_words(app):
    shelf = SkillCategory(name="Languages")
    db.session.add(shelf)
    db.session.flush()
    german, python = make_skill("German", category_id=shelf.id), make_skill("Python")
    for _ in range(2):  # filling twice changes nothing
        fill_scales({"Python": CatalogueSkill(python.id, 12), "German": CatalogueSkill(german.id, 12)})
        db.session.expire_all()
    assert [level["name"] for level in word_levels(german)] == ["A1", "A2", "B1", "B2", "C1 and C2"]
    assert all(level["is_own"] for level in word_levels(python))
    assert len(db.session.scalars(select(LevelScale).filter_by(name="Languages (CEFR)")).all()) == 1
