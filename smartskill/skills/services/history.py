"""All that was ever said about a person's level, retracted or not: for the person, the managers above and HR."""

from typing import Any

from sqlalchemy import Select, select

from smartskill.extensions import db
from smartskill.kit.errors import NotFound
from smartskill.skills.models.catalogue import Skill
from smartskill.skills.models.levels import Rating
from smartskill.skills.services.policy import sees_all_of
from smartskill.user.models import User


def search_history(owner_id: int, skill_id: int, asker: Any) -> Select:
    """The ratings of a level, newest first, as rows.

    Raises:
        NotFound: the history is not theirs to see, or there is no such skill.
    """
    if not sees_all_of(asker, owner_id) or db.session.get(Skill, skill_id) is None:
        raise NotFound()
    return (
        select(
            Rating.id,
            Rating.level,
            Rating.source,
            Rating.rater_id,
            User.full_name.label("rater_name"),
            Rating.effective_on,
            Rating.note,
            Rating.evidence,
            Rating.retracted_at,
            Rating.created_at,
        )
        .outerjoin(User, User.id == Rating.rater_id)
        .where(Rating.user_id == owner_id, Rating.skill_id == skill_id)
        .order_by(Rating.effective_on.desc(), Rating.id.desc())
    )
