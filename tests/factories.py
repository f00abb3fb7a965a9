"""Rows for tests, made where one can see them. Each takes what the test is about and invents the rest."""

import itertools
from datetime import timedelta

from smartskill.database import now
from smartskill.experience.models import Experience
from smartskill.extensions import db
from smartskill.kit.access import issue_access_token
from smartskill.kit.partial_date import PartialDate
from smartskill.planning.models.roles import RoleProfile, RoleRequirement
from smartskill.qualification.models import Qualification
from smartskill.skills.models.catalogue import Skill
from smartskill.skills.models.levels import Rating, UserSkill
from smartskill.user.models import User, UserSession

numbers = itertools.count(1)


def _add(row):
    db.session.add(row)
    db.session.flush()
    return row


def make_user(role: str = "employee", **given) -> User:
    number = next(numbers)
    facts = {"email": f"person{number}@example.com", "full_name": f"Person {number}", "verified_at": now()}
    return _add(User(role=role, **{**facts, **given}))


def sign_in(user: User) -> dict[str, str]:
    """The headers of a signed-in person."""
    session = _add(UserSession(user_id=user.id, expires_at=now() + timedelta(days=14)))
    return {"Authorization": f"Bearer {issue_access_token(user.id, session.id)}"}


def make_skill(name: str | None = None, **given) -> Skill:
    return _add(Skill(**{"name": name or f"Skill {next(numbers)}", "status": "active", **given}))


def make_user_skill(user: User, skill: Skill, level: int = 3, **given) -> UserSkill:
    """A self rating of today and its projection."""
    today = now().date()
    _add(Rating(user_id=user.id, skill_id=skill.id, level=level, source="self", rater_id=user.id, effective_on=today))
    facts = {"level": level, "self_level": level, "voices": [[0.4, today.isoformat()]], "last_confirmed_on": today}
    return _add(UserSkill(user_id=user.id, skill_id=skill.id, **{**facts, **given}))


def make_experience(user: User, **given) -> Experience:
    facts = {"kind": "employment", "organisation": "Acme", "title": "Engineer", "start": PartialDate.parse("2020-03")}
    return _add(Experience(user_id=user.id, **{**facts, **given}))


def make_qualification(user: User, **given) -> Qualification:
    return _add(Qualification(user_id=user.id, **{"title": f"Certificate {next(numbers)}", **given}))


def make_role(name: str | None = None, asks: tuple = (), **given) -> RoleProfile:
    """A role profile; `asks` holds `(skill or kind of qualification, level, weight, must)`, cut short at will."""
    role = RoleProfile(**{"name": name or f"Role {next(numbers)}", "status": "active", **given})
    for target, *more in asks:
        level, weight, must = (*more, *(1, 1.0, False)[len(more) :])
        column = "skill_id" if isinstance(target, Skill) else "qualification_type_id"
        role.requirements.append(RoleRequirement(level=level, weight=weight, must=must, **{column: target.id}))
    return _add(role)
