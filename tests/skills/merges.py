"""The shortest ways to merge, to take that back, and to say something about a level before."""

from datetime import timedelta

from sqlalchemy import select

from smartskill.database import now
from smartskill.extensions import db
from smartskill.skills.models.catalogue import SkillAlias
from smartskill.skills.services.rating import rate_skill

URL = "/api/skills/"
TODAY = now().date()


def merge(client, hr, skill, into, **more):
    return client.post(f"{URL}{skill.id}/merge", json={"into_id": into.id, **more}, headers=hr)


def undo(client, hr, merge_id):
    return client.post(f"{URL}merges/{merge_id}/undo", headers=hr)


def said(user, skill, level, days=0, source="self", rater=None):
    rater = rater or user
    return rate_skill(
        user.id, skill.id, level, source=source, rater_id=rater.id, effective_on=TODAY - timedelta(days=days)
    )


def aliases_of(skill):
    return sorted(db.session.scalars(select(SkillAlias.name).filter_by(skill_id=skill.id)))
