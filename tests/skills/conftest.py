"""People around one level."""

import pytest

from smartskill.extensions import db
from smartskill.skills.models.catalogue import SkillAlias
from tests.factories import make_skill, make_user, sign_in


@pytest.fixture
def skill(app):
    return make_skill("Knitting")


@pytest.fixture
def people(app):
    """Everyone who can stand in some relation to a level, each with their headers."""
    boss = make_user("manager")
    lead = make_user("manager", manager_id=boss.id)
    owner = make_user(manager_id=lead.id)
    others = {
        "colleague": make_user(),
        "stranger": make_user("manager"),
        "hr": make_user("hr"),
        "admin": make_user("admin"),
    }
    return {
        name: (user, sign_in(user)) for name, user in {"owner": owner, "lead": lead, "boss": boss, **others}.items()
    }


@pytest.fixture
def pair(app):
    """`Postgres`, with an alias, and `PostgreSQL`, which has one alias in common and one of its own."""
    double, real = make_skill("Postgres"), make_skill("PostgreSQL")
    for skill, names in ((double, ("pg", "Postgre")), (real, ("PG", "psql"))):
        db.session.add_all([SkillAlias(skill_id=skill.id, name=name) for name in names])
    db.session.flush()
    db.session.expire_all()
    return double, real
