"""What people were told of before, so that the next mail names something else."""

from collections.abc import Sequence
from datetime import datetime, timedelta

from sqlalchemy import select

from smartskill.engagement.services.notices import THINGS
from smartskill.extensions import db
from smartskill.notifications.models import Notification

NOT_AGAIN_DAYS = 90  # a skill that a notice of a kind has named is not named again by that kind


def skills_told(user_ids: Sequence[int], kind: str, at: datetime) -> set[tuple[int, int]]:
    """The skills that each of these people was told of in notices of a kind, as (person, skill)."""
    since = at - timedelta(days=NOT_AGAIN_DAYS)
    rows = db.session.execute(
        select(Notification.user_id, Notification.evidence).where(
            Notification.user_id.in_(user_ids), Notification.kind == kind, Notification.created_at > since
        )
    )
    return {(user_id, thing["skill_id"]) for user_id, evidence in rows for thing in evidence[THINGS[kind]]}
