"""What a notice is before anything is decided: a kind, the person to tell, and the evidence that its text will name."""

from collections.abc import Iterable
from dataclasses import dataclass, field
from typing import Any

from sqlalchemy import select

from smartskill.engagement.models import Decision
from smartskill.extensions import db

SERVICE, SUBSCRIPTION = "service", "subscription"
SERVICE_KINDS = ("qualification_expiring", "review_pending")
SUBSCRIPTION_KINDS = ("welcome", "endorsed", "skill_stale", "team_need", "role_gap", "skill_recommended", "digest")
THINGS = {  # the list in a kind's evidence, of which each mail names some and a digest counts all
    "welcome": "missing",
    "endorsed": "endorsements",
    "skill_stale": "skills",
    "team_need": "needs",
    "role_gap": "gaps",
    "skill_recommended": "skills",
}
NONE = "none"


@dataclass(frozen=True)
class Notice:
    """Something a person could be told. The campaign key says what it is about: nobody is told the same twice."""

    user_id: int
    kind: str
    campaign_key: str
    evidence: dict[str, Any] = field(hash=False)

    @property
    def decision_key(self) -> str:
        """The key of the decision about a service notice."""
        return service_key(self.user_id, self.campaign_key)


def service_key(user_id: int, campaign_key: str) -> str:
    """The key of the decision to tell a person something by rule: one for each thing, whenever it is looked at."""
    return f"{SERVICE}:{user_id}:{campaign_key}"


def weekly_key(user_id: int, week: str) -> str:
    """The key of the one decision about subscription mail that a person's week has."""
    return f"{SUBSCRIPTION}:{user_id}:{week}"


def without_decided(notices: Iterable[Notice]) -> list[Notice]:
    """Those that nothing was decided about yet."""
    notices = list(notices)
    if not notices:
        return []
    keys = [notice.decision_key for notice in notices]
    decided = set(db.session.scalars(select(Decision.decision_key).where(Decision.decision_key.in_(keys))))
    return [notice for notice in notices if notice.decision_key not in decided]
