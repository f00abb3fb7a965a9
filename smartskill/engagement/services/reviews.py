"""Evidence that waits for a review: HR is told once for each time that a qualification is submitted."""

from collections.abc import Sequence

from sqlalchemy import select

from smartskill.engagement.services.notices import Notice
from smartskill.extensions import db
from smartskill.qualification.models import Qualification
from smartskill.user.models import User

KIND = "review_pending"


def find_waiting_reviews(people: Sequence[User]) -> list[Notice]:
    """Submitted qualifications, for those of these people who review: HR, never their own."""
    reviewers = [person.id for person in people if person.role == "hr"]
    if not reviewers:
        return []
    waiting = (
        select(Qualification, User.full_name)
        .join(User, User.id == Qualification.user_id)
        .where(Qualification.review_state == "submitted", User.is_active)
        .order_by(Qualification.updated_at, Qualification.id)
    )
    return [
        Notice(reviewer, KIND, campaign_of(row), _evidence(row, name))
        for row, name in db.session.execute(waiting)
        for reviewer in reviewers
        if reviewer != row.user_id
    ]


def campaign_of(row: Qualification) -> str:
    """What the notice is about: a change of what was submitted is a new version, and has to be submitted again."""
    return f"{KIND}:{row.id}:{row.version}"


def _evidence(row: Qualification, holder_name: str) -> dict:
    return {
        "qualification_id": row.id,
        "title": row.title,
        "issuer": row.issuer,
        "holder_id": row.user_id,
        "holder_name": holder_name,
        "submitted_on": row.updated_at.date().isoformat(),
        "version": row.version,
    }
